"""The version graph over the native API: entries, versions, aliases, rules, prompts, webhooks."""

import base64
import hashlib
import hmac
import http.server
import json
import threading
import uuid

import httpx
import pytest
from harness.programs import wait_until
from harness.server import GATEWAY_CONFIG

API = "/api/v1/registry"


@pytest.fixture
def name():
    return f"thing-{uuid.uuid4().hex}"


def put(server, path, body):
    return httpx.put(server.url + path, json=body, timeout=30)


def make(server, kind, name, versions, **fields):
    """An entry with this many versions; its path."""
    answer = server.post(f"{API}/{kind}", {"name": name})
    assert answer.status_code == 201, answer.text
    for n in range(versions):
        answer = server.post(f"{API}/{kind}/{name}/versions", {"source": f"s3://bucket/{n}", **fields})
        assert answer.status_code == 201, answer.text
    return f"{API}/{kind}/{name}"


def test_every_kind_has_entries_and_versions(server, name):
    kinds = [kind["kind"] for kind in server.get(API).json()["kinds"]]
    assert kinds == ["model", "adapter", "prompt", "dataset", "collection", "policy", "suite", "route"]
    for kind in kinds:
        path = make(server, kind, f"{name}-{kind}", 2, tags={"k": "v"})
        entry = server.get(path).json()
        assert (entry["kind"], entry["aliases"]) == (kind, {})
        page = server.get(f"{path}/versions?limit=1").json()
        assert [v["number"] for v in page["versions"]] == [2]
        page = server.get(f"{path}/versions?limit=1&cursor={page['next_cursor']}").json()
        assert ([v["number"] for v in page["versions"]], page["next_cursor"]) == ([1], None)
        assert server.get(f"{API}/{kind}/{entry['id']}").json() == entry


def test_an_alias_moves_with_its_history_and_back(server, name):
    path = make(server, "adapter", name, 2)
    for version in (1, 2):
        answer = put(server, f"{path}/aliases/champion", {"version": version, "reason": f"why {version}"})
        assert answer.status_code == 200, answer.text
    assert put(server, f"{path}/aliases/champion", {"version": 2}).json() == {"moves": []}
    moves = server.get(f"{path}/moves").json()["moves"]
    assert [(m["from"], m["to"], m["reason"]) for m in moves] == [(1, 2, "why 2"), (None, 1, "why 1")]
    undone = server.post(f"{path}/moves/{moves[0]['id']}/undo", {"reason": "it was worse"})
    assert (undone.status_code, undone.json()["to"], undone.json()["undoes"]) == (201, 1, moves[0]["id"])
    assert server.get(path).json()["aliases"] == {"champion": 1}
    assert server.post(f"{path}/moves/{moves[0]['id']}/undo", {}).status_code == 409
    assert httpx.delete(f"{server.url}{path}/aliases/champion").status_code == 204
    assert server.get(path).json()["aliases"] == {}


def test_a_rule_asks_for_a_check(server, name):
    path = make(server, "suite", name, 1)
    body = {"name": name, "alias": "gold", "gate_check": "evaluation"}
    rule = server.post("/api/v1/promotion_rules", body)
    assert rule.status_code == 201, rule.text
    refused = put(server, f"{path}/aliases/gold", {"version": 1})
    assert refused.status_code == 409
    assert "evaluation" in refused.json()["error"]["message"]
    check = {"name": "evaluation", "passed": True, "detail": "0.93"}
    checked = server.post(f"{path}/versions/1/checks", check)
    assert [c["name"] for c in checked.json()["checks"]] == ["evaluation"]
    assert put(server, f"{path}/aliases/gold", {"version": 1}).status_code == 200
    number = rule.json()["id"]
    assert number in [r["id"] for r in server.get("/api/v1/promotion_rules").json()["rules"]]
    assert httpx.delete(f"{server.url}/api/v1/promotion_rules/{number}").status_code == 204


def test_prompts_are_compared_and_rendered(server, name):
    server.post(f"{API}/prompt", {"name": name})
    for text in ("Hi {{ name }}.\nBye.", "Hello {{ name }} of {{ city }}.\nBye."):
        tags = {"mlflow.prompt.text": text}
        server.post(f"{API}/prompt/{name}/versions", {"source": "prompt-template", "tags": tags})
    diff = server.get(f"{API}/prompt/{name}/diff?from=1&to=2").json()["diff"]
    assert "-Hi {{ name }}." in diff and "+Hello {{ name }} of {{ city }}." in diff
    body = {"version": "2", "variables": {"name": "Ada", "city": "Turin"}}
    rendered = server.post(f"{API}/prompt/{name}/render", body).json()
    assert rendered["messages"] == [{"role": "user", "content": "Hello Ada of Turin.\nBye."}]
    assert rendered["variables"] == ["name", "city"]
    missing = server.post(f"{API}/prompt/{name}/render", {**body, "variables": {"name": "Ada"}})
    assert (missing.status_code, missing.json()["error"]["field"]) == (400, "variables.city")


def test_what_is_wrong_is_named(server, name):
    make(server, "dataset", name, 1)
    assert server.get(f"{API}/planet/x").status_code == 404
    assert server.get(f"{API}/dataset/{name}/versions/7").status_code == 404
    assert server.post(f"{API}/dataset", {"name": name}).status_code == 409
    assert server.post(f"{API}/dataset", {"name": "../x"}).json()["error"]["field"] == "name"
    assert put(server, f"{API}/dataset/{name}/aliases/latest", {"version": 1}).status_code == 400


class Receiver(http.server.ThreadingHTTPServer):
    """Takes webhooks; answers with the statuses given, then with 200."""

    def __init__(self, statuses=()):
        self.taken, self.statuses = [], list(statuses)
        super().__init__(("127.0.0.1", 0), self.Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"]))
            self.server.taken.append((dict(self.headers), body))
            self.send_response(self.server.statuses.pop(0) if self.server.statuses else 200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass


def webhook(server, receiver, event=("REGISTERED_MODEL", "CREATED")):
    body = {
        "name": "hook",
        "url": f"http://127.0.0.1:{receiver.server_address[1]}/in?a=b",
        "events": [{"entity": event[0], "action": event[1]}],
        "secret": "s3cret",
    }
    return server.post("/api/2.0/mlflow/webhooks", body)


def test_webhooks_are_signed_and_sent_again(start_server, name):
    rules = "webhooks: {{ allow_private_addresses: true, allow_http: true }}\n"
    server = start_server(config=GATEWAY_CONFIG + rules)
    receiver = Receiver(statuses=[503])
    made = webhook(server, receiver)
    assert made.status_code == 200, made.text
    assert "s3cret" not in made.text + server.get("/api/2.0/mlflow/webhooks").text
    server.post("/api/2.0/mlflow/registered-models/create", {"name": name})
    wait_until(lambda: len(receiver.taken) == 2, "the message is sent again")
    headers, body = receiver.taken[1]
    assert json.loads(body)["data"]["name"] == name
    assert headers["x-mlflow-delivery-id"] == receiver.taken[0][0]["x-mlflow-delivery-id"]
    signed = f"{headers['x-mlflow-delivery-id']}.{headers['x-mlflow-timestamp']}.".encode() + body
    digest = hmac.new(b"s3cret", signed, hashlib.sha256).digest()
    assert headers["x-mlflow-signature"] == "v1," + base64.b64encode(digest).decode()
    identity = made.json()["webhook"]["webhook_id"]
    tried = server.post(f"/api/2.0/mlflow/webhooks/{identity}/test", {}).json()["result"]
    assert tried["success"] and tried["response_status"] == 200
    assert httpx.delete(f"{server.url}/api/2.0/mlflow/webhooks/{identity}").status_code == 200
    receiver.shutdown()


def test_webhooks_do_not_reach_private_addresses(server, start_server):
    refused = server.post(
        "/api/2.0/mlflow/webhooks",
        {
            "name": "hook",
            "url": "https://169.254.169.254/latest",
            "events": [{"entity": "PROMPT", "action": "CREATED"}],
        },
    )
    assert refused.status_code == 400
    assert "non-public IP address" in refused.json()["message"]
    assert webhook(server, Receiver()).status_code == 400  # no TLS
    # A name that leads to this machine is found out when it is called.
    plain = start_server(config=GATEWAY_CONFIG + "webhooks: {{ allow_http: true }}\n", name="plain")
    receiver = Receiver()
    body = {
        "name": "hook",
        "url": f"http://localhost.:{receiver.server_address[1]}/",
        "events": [{"entity": "PROMPT", "action": "CREATED"}],
    }
    made = plain.post("/api/2.0/mlflow/webhooks", body)
    if made.status_code == 200:
        identity = made.json()["webhook"]["webhook_id"]
        tried = plain.post(f"/api/2.0/mlflow/webhooks/{identity}/test", {}).json()["result"]
        assert not tried["success"]
    assert receiver.taken == []
