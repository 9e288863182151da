"""Routes with a prompt: its messages go before those of the call, and the record names the version."""

import json
import os
import subprocess

import httpx
from harness.programs import binary
from harness.server import GATEWAY_CONFIG, KEY, UPSTREAM_KEY

ROUTE = '  support: {{ targets: [{{ provider: mock, model: gpt-x-mini }}], prompt: "greeting@live" }}\n'
CONFIG = GATEWAY_CONFIG.replace("models:\n", "models:\n" + ROUTE, 1)
PROMPTS = "/api/v1/registry/prompt"


def add_version(server, tags):
    answer = server.post(f"{PROMPTS}/greeting/versions", {"source": "prompt-template", "tags": tags})
    assert answer.status_code == 201, answer.text
    body = {"version": answer.json()["number"]}
    moved = httpx.put(f"{server.url}{PROMPTS}/greeting/aliases/live", json=body, timeout=30)
    assert moved.status_code == 200, moved.text


def sent_upstream(upstream):
    return json.loads(upstream.ledger()["requests"][-1]["body"])


def test_a_route_puts_its_prompt_before_the_call(start_server, ledger):
    server = start_server(config=CONFIG)
    assert server.post(PROMPTS, {"name": "greeting"}).status_code == 201
    early = server.chat("support")
    assert early.status_code == 404
    assert "greeting" in early.json()["error"]["message"]

    add_version(server, {"mlflow.prompt.text": "You greet {{ name }}, aged {{ age }}."})
    answer = server.chat("support", prompt_variables={"name": "Ada", "age": 36}, metadata={"team": "a"})
    assert answer.status_code == 200, answer.text
    body = sent_upstream(ledger)
    assert body["messages"] == [
        {"role": "system", "content": "You greet Ada, aged 36."},
        {"role": "user", "content": "Hello"},
    ]
    assert "prompt_variables" not in body
    record = server.record_when_written(answer.headers["x-request-id"])
    assert record["metadata"] == {"team": "a", "penstock.prompt": "greeting/1"}
    node = {"node": "version:prompt/greeting/1"}
    touched = server.get("/api/v1/lineage/requests", params=node).json()["requests"]
    assert [t["id"] for t in touched] == [record["id"]]

    missing = server.chat("support", prompt_variables={"name": "Ada"})
    assert missing.status_code == 400
    assert "age" in missing.json()["error"]["message"]
    assert server.chat("gpt-x").status_code == 200


def test_a_chat_prompt_brings_its_messages_and_its_schema(start_server, ledger):
    server = start_server(config=CONFIG)
    server.post(PROMPTS, {"name": "greeting"})
    chat = [{"role": "system", "content": "Be {{tone}}."}, {"role": "assistant", "content": "Hi."}]
    schema = {"type": "object", "properties": {"answer": {"type": "string"}}}
    add_version(
        server,
        {
            "_mlflow_prompt_type": "chat",
            "mlflow.prompt.text": json.dumps(chat),
            "_mlflow_prompt_response_format": json.dumps(schema),
        },
    )
    assert server.chat("support", prompt_variables={"tone": "kind"}).status_code == 200
    body = sent_upstream(ledger)
    assert [m["content"] for m in body["messages"]] == ["Be kind.", "Hi.", "Hello"]
    assert body["response_format"]["json_schema"]["schema"] == schema


def test_an_unreadable_prompt_is_a_configuration_error(tmp_path):
    bad = CONFIG.replace("greeting@live", "greeting").format(upstream=9, engines="embedded: false")
    path = tmp_path / "bad.yaml"
    path.write_text(bad)
    command = [binary(), "config", "check", path]
    env = {**os.environ, "MOCK_KEY": UPSTREAM_KEY, "PENSTOCK_KEY": KEY}
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=60)
    assert done.returncode != 0
    assert "name@alias" in done.stdout + done.stderr
