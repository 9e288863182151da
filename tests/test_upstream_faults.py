"""Whatever an upstream does wrong becomes an explicit error with a truthful record, never a clean end."""

import pytest
from harness.server import NO_ENGINES, Penstock
from harness.wire import RawConnection, content_of, error_of, events, post_bytes

# The fault matrix's routes give up soon. Nobody listens on port 1.
CONFIG = """
version: 1
providers:
  mock: {{ type: openai, base_url: "http://127.0.0.1:{upstream}/v1" }}
  nobody: {{ type: openai, base_url: "http://127.0.0.1:1/v1" }}
{engines}
models:
  "fault-*":
    targets: [{{ provider: mock }}]
    timeouts: {{ connect_ms: 1000, ttft_ms: 700, idle_ms: 700, total_ms: 5000 }}
  "gpt-*": {{ targets: [{{ provider: mock }}] }}
  gone: {{ targets: [{{ provider: nobody }}] }}
"""


@pytest.fixture(scope="module")
def faulty(session_folder, upstream):
    folder = session_folder / "faulty"
    folder.mkdir()
    with Penstock(folder, CONFIG.format(upstream=upstream.port, engines=NO_ENGINES)) as server:
        yield server


def stream_from(server, model, **fields):
    """(status, request id, body, whether the chunked body was ended properly)."""
    body = {"model": model, "messages": [{"role": "user", "content": "Hi"}], "stream": True, **fields}
    with RawConnection(server.port) as connection:
        connection.send(post_bytes("/v1/chat/completions", body, headers="Connection: close\r\n"))
        raw = connection.receive_until(b"never to come")
    head, _, rest = raw.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    ids = [line.partition(": ")[2] for line in lines if line.lower().startswith("x-request-id")]
    return int(lines[0].split()[1]), ids[0], _dechunked(rest), rest.endswith(b"0\r\n\r\n")


def _dechunked(raw):
    text = b""
    while raw:
        size, _, raw = raw.partition(b"\r\n")
        try:
            length = int(size, 16)
        except ValueError:
            return (text + size + raw).decode()  # not chunked
        text, raw = text + raw[:length], raw[length + 2 :]
    return text.decode()


@pytest.mark.parametrize(
    "model, status, code",
    [
        ("fault-silent", 504, "timeout"),
        ("fault-slow-headers-2000", 504, "timeout"),
        ("fault-reset", 502, None),
        ("fault-cut", 502, None),
        ("fault-html", 502, None),
        ("fault-empty", 502, None),
        ("fault-malformed", 502, None),
        ("fault-200-error", 502, None),
        ("fault-401", 502, "upstream_credentials_exhausted"),
        ("gone", 502, None),
    ],
)
def test_a_whole_answer_that_fails_is_an_error_and_recorded_so(faulty, model, status, code):
    answer = faulty.chat(model)
    assert answer.status_code in ({status, 503} if model == "gone" else {status}), answer.text
    assert answer.json()["error"]["message"]
    if code:
        assert answer.json()["error"]["code"] == code
    record = faulty.record(answer.headers["x-request-id"])
    assert record["status"] == answer.status_code
    assert record["error"]["message"] and record["model"] == model


@pytest.mark.parametrize(
    "model",
    ["fault-silent", "fault-reset", "fault-html", "fault-empty", "fault-200-error", "fault-500", "gone"],
)
def test_a_stream_that_fails_before_its_first_event_is_an_http_error(faulty, model):
    status, request_id, text, _ = stream_from(faulty, model)
    assert status >= 500 and "[DONE]" not in text
    assert faulty.record(request_id)["status"] == status


@pytest.mark.parametrize(
    "model, words",
    [
        ("fault-cut-4", 4),
        ("fault-reset-4", 4),
        ("fault-stall-4", 4),
        ("fault-malformed-4", 4),
        ("fault-no-done-4", 4),
    ],
)
def test_a_stream_that_fails_later_ends_with_an_error_event_and_no_done(faulty, model, words):
    status, request_id, text, ended_cleanly = stream_from(faulty, model)
    chunks = events(text)
    assert status == 200
    assert len(content_of(chunks).split()) <= words
    assert error_of(chunks)["message"], text
    assert "[DONE]" not in text and not ended_cleanly
    record = faulty.record_when_written(request_id)
    assert record["error"]["code"] and record["finish_reason"] in (None, "")
    assert record["stream"] and record["tokens"]["output"] <= words


def test_what_arrived_before_the_fault_is_passed_on_and_counted(faulty):
    _, request_id, text, _ = stream_from(faulty, "fault-stall-4")
    assert content_of(events(text)) == "water falls through a"
    tokens = faulty.record_when_written(request_id)["tokens"]
    assert (tokens["output"], tokens["source"]) == (4, "counted")


def test_an_upstream_that_never_tells_usage_is_counted(faulty):
    _, request_id, text, ended_cleanly = stream_from(faulty, "fault-no-usage")
    assert text.endswith("[DONE]\n\n") and ended_cleanly
    tokens = faulty.record_when_written(request_id)["tokens"]
    assert (tokens["output"], tokens["source"]) == (8, "counted")


def test_a_fault_leaves_the_next_request_alone(faulty):
    for model in ("fault-cut-2", "fault-reset", "fault-silent"):
        stream_from(faulty, model)
        assert faulty.chat("gpt-x").status_code == 200


def test_a_pooled_connection_that_the_upstream_closed_is_replaced_silently(start_upstream, start_server):
    upstream = start_upstream("--events", "2")
    server = start_server(CONFIG.replace("{upstream}", str(upstream.port)))
    assert server.chat("gpt-x").status_code == 200
    upstream.stop()
    again = start_upstream("--port", str(upstream.port), "--events", "2", name="again")
    assert again.port == upstream.port
    assert server.chat("gpt-x").status_code == 200
