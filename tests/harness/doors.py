"""One question at either door, and what came back as a client would understand it."""

import dataclasses
import json

from .wire import RawConnection, events, post_bytes

PATHS = {"chat": "/v1/chat/completions", "messages": "/v1/messages"}
USER = [{"role": "user", "content": "Say a word about water."}]


@dataclasses.dataclass
class Outcome:
    status: int
    headers: dict
    text: str = ""  # the words that arrived
    error: dict | None = None  # the error object, of the body or of the stream
    finish: str | None = None  # why the model stopped
    ended: bool = False  # with everything that a proper end has, so a client takes it for whole
    body: str = ""

    @property
    def request_id(self):
        return self.headers.get("x-request-id") or self.headers.get("request-id")


def question(door, model, stream, **fields):
    limit = {"max_tokens": 1000} if door == "messages" else {}
    return {"model": model, "messages": USER, "stream": stream, **limit, **fields}


def ask(port, door, model, stream=False, headers="", timeout=20, **fields):
    request = post_bytes(
        PATHS[door], question(door, model, stream, **fields), headers=f"{headers}Connection: close\r\n"
    )
    with RawConnection(port, timeout) as connection:
        connection.send(request)
        raw = connection.receive_until(b"never to come")
    return understood(door, raw)


def understood(door, raw):
    """The outcome that the bytes of one answer, up to the end of the connection, have for a client."""
    head, _, rest = raw.partition(b"\r\n\r\n")
    start, *lines = head.decode("latin-1").split("\r\n")
    headers = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in lines)}
    words = start.split()
    if len(words) < 2:
        return Outcome(0, headers)
    outcome = Outcome(int(words[1]), headers)
    chunked = headers.get("transfer-encoding") == "chunked"
    body, whole = _dechunked(rest) if chunked else (rest, len(rest) == int(headers.get("content-length", -1)))
    outcome.body = body.decode("utf-8", "replace")
    if headers.get("content-type", "").startswith("text/event-stream"):
        _read_stream(door, outcome)
    else:
        _read_whole(door, outcome)
    outcome.ended = outcome.ended and whole
    return outcome


def _dechunked(raw):
    """(the bytes, whether the last chunk is there)."""
    text = b""
    while raw:
        size, _, raw = raw.partition(b"\r\n")
        try:
            length = int(size, 16)
        except ValueError:
            return text, False
        if length == 0:
            return text, raw == b"\r\n"
        text, raw = text + raw[:length], raw[length + 2 :]
    return text, False


def _read_whole(door, outcome):
    try:
        body = json.loads(outcome.body)
    except json.JSONDecodeError:
        return
    outcome.error = body.get("error")
    if outcome.status != 200 or outcome.error:
        return
    if door == "chat":
        choice = body["choices"][0]
        outcome.text, outcome.finish = choice["message"]["content"] or "", choice["finish_reason"]
    else:
        outcome.text = "".join(block.get("text", "") for block in body["content"])
        outcome.finish = body["stop_reason"]
    outcome.ended = outcome.finish is not None


def _read_stream(door, outcome):
    found = events(outcome.body)
    outcome.error = next((e["error"] for e in found if isinstance(e, dict) and "error" in e), None)
    if door == "chat":
        outcome.ended = bool(found) and found[-1] == "[DONE]"
        choices = [c for e in found if isinstance(e, dict) for c in e.get("choices", [])]
        outcome.text = "".join(c["delta"].get("content") or "" for c in choices)
        outcome.finish = next((c["finish_reason"] for c in choices if c["finish_reason"]), None)
        return
    outcome.ended = bool(found) and found[-1].get("type") == "message_stop"
    deltas = [e["delta"] for e in found if e.get("type") == "content_block_delta"]
    outcome.text = "".join(delta.get("text", "") for delta in deltas)
    ends = [e["delta"]["stop_reason"] for e in found if e.get("type") == "message_delta"]
    outcome.finish = ends[-1] if ends else None
