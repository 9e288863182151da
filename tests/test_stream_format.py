"""The bytes of a stream: order, fields, usage only where it was asked for, one clean end."""

import json

import pytest
from harness.wire import RawConnection, content_of, events, post_bytes


@pytest.fixture
def stream(server):
    """Posts and gives (headers, text of the body)."""

    def ask(model="gpt-x", path="/v1/chat/completions", **fields):
        body = {"model": model, "messages": [{"role": "user", "content": "Hi"}], "stream": True, **fields}
        with RawConnection(server.port) as connection:
            status, headers, text = connection.send(post_bytes(path, body)).response()
        assert status == 200, text
        return headers, text.decode()

    return ask


def test_the_head_says_what_follows(stream):
    headers, _ = stream()
    assert headers["content-type"].startswith("text/event-stream")
    assert headers["transfer-encoding"] == "chunked"
    assert len(headers["x-request-id"]) == 36
    assert int(headers["x-penstock-overhead-us"]) >= 0


def test_every_event_is_one_data_line_and_a_blank_line(stream):
    _, text = stream()
    assert text.endswith("data: [DONE]\n\n")
    blocks = text.removesuffix("\n\n").split("\n\n")
    assert all(block.startswith("data: ") and "\n" not in block for block in blocks)


def test_chunks_come_in_openais_order(stream):
    _, text = stream()
    *chunks, done = events(text)
    assert done == "[DONE]"
    first, *middle, last = [chunk["choices"][0] for chunk in chunks]
    assert first["delta"]["role"] == "assistant" and first["finish_reason"] is None
    assert all(choice["finish_reason"] is None and choice["delta"]["content"] for choice in middle)
    assert last["delta"] == {} and last["finish_reason"] == "stop"


def test_chunks_agree_on_what_they_belong_to(stream):
    *chunks, _ = events(stream()[1])
    assert len({(c["id"], c["created"], c["model"], c["object"]) for c in chunks}) == 1
    assert chunks[0]["object"] == "chat.completion.chunk" and isinstance(chunks[0]["created"], int)
    assert all(
        {"index", "delta", "finish_reason"} <= choice.keys() for c in chunks for choice in c["choices"]
    )


def test_usage_is_stripped_from_a_stream_that_did_not_ask(stream, ledger):
    *chunks, _ = events(stream()[1])
    assert ledger.only_request()["include_usage"]
    assert not any(chunk.get("usage") for chunk in chunks)
    assert all(chunk["choices"] for chunk in chunks)


def test_usage_comes_last_to_who_asks_and_is_null_before(stream):
    *chunks, _ = events(stream(stream_options={"include_usage": True})[1])
    assert chunks[-1]["choices"] == []
    assert chunks[-1]["usage"]["completion_tokens"] == 8
    assert all("usage" in chunk and chunk["usage"] is None for chunk in chunks[:-1])


def test_a_refused_usage_stays_refused(stream, ledger):
    *chunks, _ = events(stream(stream_options={"include_usage": False})[1])
    assert ledger.only_request()["include_usage"]
    assert not any(chunk.get("usage") for chunk in chunks)


def test_other_stream_options_are_kept_beside_ours(stream, ledger):
    stream(stream_options={"include_obfuscation": False})
    sent = json.loads(ledger.only_request()["body"])["stream_options"]
    assert sent == {"include_obfuscation": False, "include_usage": True}


def test_choices_interleave_by_index(stream):
    *chunks, _ = events(stream(n=2)[1])
    assert content_of(chunks, 0) == content_of(chunks, 1) != ""
    finished = [c["choices"][0]["index"] for c in chunks if c["choices"][0]["finish_reason"]]
    assert sorted(finished) == [0, 1]


def test_a_tool_call_names_itself_in_its_first_fragment_only(stream):
    *chunks, _ = events(stream("tools", tools=[{"type": "function", "function": {"name": "f"}}])[1])
    fragments = [f for c in chunks for f in c["choices"][0]["delta"].get("tool_calls", [])]
    assert all(fragment["index"] == 0 for fragment in fragments)
    assert [("id" in f, "type" in f, "name" in f["function"]) for f in fragments] == [(True, True, True)] + [
        (False, False, False)
    ] * (len(fragments) - 1)


def test_an_event_cut_into_tiny_pieces_arrives_whole(stream):
    *chunks, done = events(stream("fault-drip")[1])
    assert done == "[DONE]" and content_of(chunks).startswith("water falls")


def test_a_connection_serves_a_request_after_a_stream(server):
    body = {"model": "gpt-x", "messages": [{"role": "user", "content": "Hi"}]}
    with RawConnection(server.port) as connection:
        streamed = connection.send(post_bytes("/v1/chat/completions", {**body, "stream": True})).response()
        whole = connection.send(post_bytes("/v1/chat/completions", body)).response()
    assert streamed[0] == whole[0] == 200
    assert json.loads(whole[2])["object"] == "chat.completion"
