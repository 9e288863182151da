"""An engine that dies takes only the answers with it that it was giving."""

from harness.programs import wait_until
from harness.server import CHAT
from harness.wire import RawConnection, error_of, events, post_bytes


def story(max_tokens):
    messages = [{"role": "user", "content": "Tell a very long story about water."}]
    return {"model": CHAT, "messages": messages, "stream": True, "max_tokens": max_tokens}


def test_a_killed_engine_ends_its_streams_with_an_error_and_is_started_again(start_engine_server):
    server = start_engine_server().wait_for_models(CHAT)
    connection = RawConnection(server.port, timeout=60)
    connection.send(post_bytes("/v1/chat/completions", story(2000), headers="Connection: close\r\n"))
    head = connection.receive_until(b"\r\n\r\n").decode("latin-1")
    text = connection.receive_until(b'"content":"')
    while text.count(b'"content"') < 8:
        text += connection.receive_until(b'"content":"')
    killed = server.kill_engine(CHAT)
    text += connection.receive_until(b"never to come")

    assert b"[DONE]" not in text and not text.endswith(b"0\r\n\r\n")
    assert b'"error"' in text
    request_id = [
        line.partition(": ")[2] for line in head.split("\r\n") if line.lower().startswith("x-request-id")
    ][0]
    record = server.record_when_written(request_id)
    assert record["error"]["code"] and record["error"]["message"]
    assert record["status"] == 200 and not record["finish_reason"] and not record["client_disconnected"]
    assert record["tokens"]["output"] >= 7

    server.wait_for_models(CHAT)
    assert killed not in server.engines()
    answer = server.chat(CHAT, max_tokens=2)
    assert answer.status_code == 200, answer.text


def test_while_an_engine_is_down_its_model_is_unavailable_and_the_rest_works(start_engine_server):
    server = start_engine_server().wait_for_models(CHAT)
    server.kill_engine(CHAT)
    answer = server.chat(CHAT, max_tokens=2)
    if answer.status_code != 200:  # it may have been started again already
        assert answer.status_code in (502, 503)
        assert answer.json()["error"]["message"]
    assert server.chat("gpt-x").status_code == 200
    parts = {part["name"]: part["status"] for part in server.get("/api/v1/health").json()["parts"]}
    assert any(CHAT in name for name in parts)
    wait_until(lambda: server.get("/api/v1/health").json()["status"] == "ok", "all parts are well again", 60)


def test_a_client_that_leaves_frees_the_engine(engine_server):
    engine_server.wait_for_models(CHAT)
    connection = RawConnection(engine_server.port, timeout=60)
    connection.send(post_bytes("/v1/chat/completions", story(4000)))
    connection.receive_until(b'"content":"')
    connection.close()
    record = wait_until(
        lambda: next((r for r in engine_server.records(model=CHAT) if r["client_disconnected"]), None),
        "its record",
    )
    assert record["tokens"]["output"] < 4000
    assert engine_server.chat(CHAT, max_tokens=2).status_code == 200


def test_engines_end_with_their_server_even_when_it_is_killed(start_engine_server):
    server = start_engine_server().wait_for_models(CHAT)
    engines = server.engines()
    assert engines
    server.process.kill()
    server.process.wait()
    wait_until(lambda: not any(_alive(pid) for pid in engines), "the engines end", 20)


def _alive(pid):
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_a_damaged_model_takes_only_itself_down(start_engine_server):
    server = start_engine_server()
    assert server.stop() == 0
    blobs = [path for path in (server.data / "blobs").rglob("*") if path.is_file()]
    with open(max(blobs, key=lambda path: path.stat().st_size), "r+b") as weights:
        weights.write(b"GGUF" + b"\xff" * 4096)
    server.start()
    wait_until(lambda: not_ready(server), "the damaged model's engine fails")
    assert server.chat("gpt-x").status_code == 200
    assert server.chat(CHAT, max_tokens=2).status_code >= 500


def not_ready(server):
    """Detail of the chat engine's part once it says that it started again."""
    parts = {part["name"]: part for part in server.get("/api/v1/health").json()["parts"]}
    part = parts[f"engine:{CHAT}"]
    return part["status"] not in ("ok", "starting") and part["detail"]


def test_error_events_carry_openais_four_keys(server):
    body = {"model": "fault-cut-2", "messages": [{"role": "user", "content": "Hi"}], "stream": True}
    with RawConnection(server.port) as connection:
        connection.send(post_bytes("/v1/chat/completions", body, headers="Connection: close\r\n"))
        text = connection.receive_until(b"never to come").decode()
    lines = [line for line in text.splitlines() if line.startswith("data: ")]
    assert set(error_of(events(lines[-1]))) == {"message", "type", "param", "code"}
