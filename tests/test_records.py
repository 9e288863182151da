"""One truthful record for each request: what was asked, who answered, what it cost."""

import json

import pytest
from harness.clients import USER
from harness.programs import wait_until
from harness.server import KEY, UPSTREAM_KEY
from harness.wire import RawConnection, post_bytes


def test_a_record_tells_the_whole_story(server, ledger):
    answer = server.chat("fast", user="ada", metadata={"feature": "search", "tenant": "t1"})
    record = server.record(answer.headers["x-request-id"])
    truth = ledger.only_request()
    assert record["endpoint"] == "chat.completions"
    assert (record["model"], record["route"], record["upstream"]) == ("fast", "fast", "mock")
    assert record["upstream_model"] == "gpt-x-mini"
    assert record["upstream_request_id"] == truth["answer_id"]
    assert truth["request_id"] == record["id"]
    assert record["started_at_us"] <= record["first_token_at_us"] <= record["ended_at_us"]
    assert (record["status"], record["stream"], record["error"]) == (200, False, None)
    assert record["finish_reason"] == "stop"
    assert (record["user"], record["feature"]) == ("ada", "search")
    assert record["metadata"] == {"feature": "search", "tenant": "t1"}
    assert not record["client_disconnected"]


@pytest.mark.parametrize("stream", [False, True])
def test_tokens_and_cost_are_the_upstreams_truth(server, ledger, stream):
    answer = server.chat("fast", stream=stream)
    record = server.record_when_written(answer.headers["x-request-id"])
    truth = ledger.only_request()
    assert record["tokens"]["source"] == "provider"
    assert record["tokens"]["input"] == truth["input_tokens"]
    assert record["tokens"]["output"] == truth["tokens_sent"] == 8
    assert record["cost_nano_usd"] == truth["input_tokens"] * 150 + 8 * 600


def test_a_model_without_a_price_has_no_cost_rather_than_none_to_pay(server):
    record = server.record(server.chat("gpt-x").headers["x-request-id"])
    assert record["cost_nano_usd"] is None


@pytest.mark.parametrize("stream", [False, True])
def test_input_and_output_are_kept(server, stream):
    answer = server.chat("gpt-x", content="What falls?", stream=stream)
    record = server.record_when_written(answer.headers["x-request-id"])
    sent = record["input"] if isinstance(record["input"], dict) else json.loads(record["input"])
    assert sent["messages"][0]["content"] == "What falls?"
    assert "water falls through a gated narrow pipe today" in json.dumps(record["output"])
    assert not record["input_truncated"] and not record["output_truncated"]


def test_bodies_are_cut_at_the_configured_size(start_server):
    server = start_server("""
version: 1
providers: {{ mock: {{ type: openai, base_url: "http://127.0.0.1:{upstream}/v1" }} }}
{engines}
models: {{ "gpt-*": {{ targets: [{{ provider: mock }}] }} }}
records: {{ bodies: true, body_bytes_max: 1000 }}
""")
    record = server.record(server.chat("gpt-x", content="é" * 5000).headers["x-request-id"])
    assert record["input_truncated"]
    assert len(json.dumps(record["input"], ensure_ascii=False).encode()) < 1500


def test_bodies_can_be_left_out(start_server):
    server = start_server("""
version: 1
providers: {{ mock: {{ type: openai, base_url: "http://127.0.0.1:{upstream}/v1" }} }}
{engines}
models: {{ "gpt-*": {{ targets: [{{ provider: mock }}] }} }}
records: {{ bodies: false }}
""")
    answer = server.chat("gpt-x", content="a-secret-thought")
    record = server.record(answer.headers["x-request-id"])
    assert not record["input"] and not record["output"]
    assert record["tokens"]["output"] == 8
    assert not any(b"a-secret-thought" in path.read_bytes() for path in files_of(server))


def test_a_feature_may_be_named_in_a_header(server):
    body = {"model": "gpt-x", "messages": USER}
    answer = server.post("/v1/chat/completions", body, headers={"x-penstock-feature": "header-feature"})
    assert server.record(answer.headers["x-request-id"])["feature"] == "header-feature"


def test_a_refused_request_is_recorded_too(server):
    answer = server.chat("no-such-model")
    record = server.record(answer.headers["x-request-id"])
    assert (record["status"], record["error"]["code"]) == (404, "model_not_found")
    assert record["upstream"] in (None, "")


def test_embeddings_are_recorded_without_their_vectors(server):
    answer = server.post("/v1/embeddings", {"model": "gpt-embed", "input": "one"})
    record = server.record(answer.headers["x-request-id"])
    assert record["endpoint"] == "embeddings" and not record["output"]
    assert record["tokens"]["input"] > 0


@pytest.mark.parametrize("stream", [False, True])
def test_a_client_that_leaves_is_recorded_as_gone_and_still_accounted_for(
    start_upstream, start_server, stream
):
    upstream = start_upstream("--events", "10", "--pace-ms", "30")
    server = start_server("""
version: 1
providers: {{ mock: {{ type: openai, base_url: "http://127.0.0.1:UPSTREAM/v1" }} }}
{engines}
models: {{ "*": {{ targets: [{{ provider: mock }}] }} }}
""".replace("UPSTREAM", str(upstream.port)))
    model = "gpt-x" if stream else "fault-slow-headers-500"
    body = {"model": model, "messages": USER, "stream": stream}
    connection = RawConnection(server.port).send(post_bytes("/v1/chat/completions", body))
    if stream:
        connection.receive_until(b"water")
    else:
        wait_until(lambda: upstream.ledger()["calls"], "the call arrives upstream")
    connection.reset()  # a mere end of sending could be a client that still listens
    record = wait_until(lambda: (server.records() or [None])[0], "a record", 10)
    assert record["client_disconnected"]
    assert record["tokens"] | {"source": "provider"} == record["tokens"]
    assert record["tokens"]["output"] == 10


def files_of(server):
    return [path for path in server.data.rglob("*") if path.is_file()]


def test_keys_stand_in_no_log_record_or_file(start_server, ledger):
    server = start_server("""
version: 1
providers:
  mock: {{ type: openai, base_url: "http://127.0.0.1:{upstream}/v1", keys: [{{ env: MOCK_KEY }}] }}
{engines}
models: {{ "*": {{ targets: [{{ provider: mock }}] }} }}
keys: [{{ name: dev, env: PENSTOCK_KEY }}]
""")
    wrong = "wrong-key-of-a-stranger"
    body = {"model": "gpt-x", "messages": USER}
    for key, status in ((KEY, 200), (wrong, 401)):
        for path in ("/v1/chat/completions", f"/v1/chat/completions?key={key}"):
            answer = server.post(path, body, headers={"authorization": f"Bearer {key}"})
            assert answer.status_code == status
            assert key not in answer.text
    server.post(
        "/v1/chat/completions", body | {"model": "fault-401"}, headers={"authorization": f"Bearer {KEY}"}
    )
    assert ledger.ledger()["requests"][0]["authorization"] == f"Bearer {UPSTREAM_KEY}"
    server.stop()
    secrets = [KEY.encode(), UPSTREAM_KEY.encode(), wrong.encode()]
    written = {path: path.read_bytes() for path in [*files_of(server), server.log_path]}
    assert not [(path, secret) for path, text in written.items() for secret in secrets if secret in text]
