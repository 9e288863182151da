"""Requests that no honest client sends: each is refused with a reason, and the next one works."""

import json

import pytest
from harness.wire import RawConnection, post_bytes

PATH = "/v1/chat/completions"
BODY = {"model": "gpt-x", "messages": [{"role": "user", "content": "Hi"}]}
BODY_BYTES_MAX = 100 << 20


def answer_to(server, data):
    """(status, headers, body, whether the connection was closed after it)."""
    with RawConnection(server.port) as connection:
        status, headers, body = connection.send(data).response()
        connection.socket.settimeout(2)
        try:
            closed = connection.at_end()
        except TimeoutError:
            closed = False
        return status, headers, body, closed


@pytest.mark.parametrize(
    "body",
    [
        b'{"model": "gpt-x", "messages": [',
        b'{"model": "gpt-x", "messages": []} trailing',
        b'{"model": "gpt-x", "messages": []}{"model": "gpt-x"}',
        b'{"model": "gpt-x", "messages": [{"role": "user", "content": "\xff\xfe"}]}',
        b'{"model": "gpt-x", "temperature": NaN, "messages": []}',
        b'{"model": "gpt-x", "temperature": Infinity, "messages": []}',
        b"{'model': 'gpt-x'}",
        b'{"model": "gpt-x", "messages": [],}',
        b'{"model": "gpt-x", /* comment */ "messages": []}',
        b'{"model": "gpt-x", "messages": ["\x01"]}',
        b'{"model": "gpt-x", "messages": "\\ud800"}',
        b"[]",
        b'"text"',
        b"7",
        b"null",
        b"",
        b"\x00",
        b'{"a":' * 1000 + b"1" + b"}" * 1000,
        b"[" * 100_000,
        b'{"model": 7, "messages": []}',
        b'{"model": "gpt-x", "model": "gpt-y", "messages": []}',
        b'{"model": "gpt-x"}',
    ],
    ids=lambda body: repr(body[:40]),
)
def test_a_body_that_is_not_a_request_is_a_bad_request(server, body):
    status, headers, answer, _ = answer_to(server, post_bytes(PATH, body))
    assert status == 400, answer
    error = json.loads(answer)["error"]
    assert error["type"] == "invalid_request_error" and error["message"]
    assert headers["content-type"].startswith("application/json")
    assert server.chat("gpt-x").status_code == 200


def test_a_body_over_the_limit_is_refused_before_it_is_sent(server):
    head = f"POST {PATH} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {BODY_BYTES_MAX + 1}\r\n\r\n"
    status, _, answer, closed = answer_to(server, head)
    assert status == 413 and closed
    assert "message" in json.loads(answer)["error"]


def test_a_body_over_the_limit_is_answered_while_it_is_still_sent(server):
    head = f"POST {PATH} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {BODY_BYTES_MAX + 1}\r\n\r\n"
    with RawConnection(server.port) as connection:
        connection.send(head)
        try:
            for _ in range(8):
                connection.send(b" " * (1 << 20))
        except (BrokenPipeError, ConnectionResetError):
            pass
        assert connection.response()[0] == 413


def test_chunks_that_add_up_over_the_limit_are_refused(server):
    head = f"POST {PATH} HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n"
    piece = b"1000000\r\n" + b" " * (16 << 20) + b"\r\n"
    with RawConnection(server.port, timeout=60) as connection:
        connection.send(head)
        try:
            for _ in range(7):
                connection.send(piece)
        except (BrokenPipeError, ConnectionResetError):
            pass
        assert connection.response()[0] == 413
    assert server.chat("gpt-x").status_code == 200


def test_a_large_body_under_the_limit_reaches_the_upstream(server, ledger):
    content = "water " * 1_000_000
    assert server.chat("gpt-x", content=content).status_code == 200
    assert json.loads(ledger.only_request()["body"])["messages"][0]["content"] == content


GET = "GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n"
LENGTH_5 = "Content-Length: 5\r\n"
CHUNKED = "Transfer-Encoding: chunked\r\n"
POST = f"POST {PATH} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
SMUGGLED = "GET /smuggled HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


@pytest.mark.parametrize(
    "data",
    {
        "length and chunked": f"{POST}{LENGTH_5}{CHUNKED}\r\n0\r\n\r\n{SMUGGLED}",
        "chunked and length": f"{POST}{CHUNKED}{LENGTH_5}\r\n0\r\n\r\n{SMUGGLED}",
        "two lengths": f"{POST}{LENGTH_5}Content-Length: 6\r\n\r\nhello{SMUGGLED}",
        "two equal lengths": f"{POST}{LENGTH_5}{LENGTH_5}\r\nhello{SMUGGLED}",
        "length list": f"{POST}Content-Length: 5, 5\r\n\r\nhello",
        "signed length": f"{POST}Content-Length: +5\r\n\r\nhello",
        "hex length": f"{POST}Content-Length: 0x5\r\n\r\nhello",
        "negative length": f"{POST}Content-Length: -1\r\n\r\n",
        "huge length": f"{POST}Content-Length: 99999999999999999999\r\n\r\n",
        "unknown coding": f"{POST}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        "coding twice": f"{POST}{CHUNKED}{CHUNKED}\r\n0\r\n\r\n",
        "chunked not last": f"{POST}Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n",
        "coding with vertical tab": f"{POST}Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n",
        "space before colon": f"{POST}Content-Length : 5\r\n\r\nhello",
        "bare line feed": "GET /health HTTP/1.1\nHost: 127.0.0.1\n\n",
        "bare line feed in a field": f"{GET}X-A: 1\nX-B: 2\r\n\r\n",
        "carriage return in a value": f"{GET}X-A: 1\rX-B: 2\r\n\r\n",
        "folded line": f"{GET}X-A: 1\r\n 2\r\n\r\n",
        "nul in a value": f"{GET}X-A: 1\x002\r\n\r\n",
        "no host": "GET /health HTTP/1.1\r\n\r\n",
        "two hosts": f"{GET}Host: 127.0.0.1\r\n\r\n",
        "bad chunk size": f"{POST}{CHUNKED}\r\nzz\r\nhello\r\n0\r\n\r\n",
        "signed chunk size": f"{POST}{CHUNKED}\r\n+5\r\nhello\r\n0\r\n\r\n",
        "chunk without its end": f"{POST}{CHUNKED}\r\n5\r\nhelloXX0\r\n\r\n",
        "version 3": "GET /health HTTP/3.0\r\nHost: 127.0.0.1\r\n\r\n",
        "no version": "GET /health\r\nHost: 127.0.0.1\r\n\r\n",
        "space in the target": "GET /hea lth HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        "garbage": "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
        "http 2 preface": "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    }.items(),
    ids=lambda item: item[0],
)
def test_framing_that_two_readers_could_take_differently_is_refused(server, data):
    status, _, _, closed = answer_to(server, data[1])
    assert status in (400, 501, 505), f"{data[0]}: {status}"
    assert closed


def test_a_head_over_the_limit_is_refused(server):
    status, _, _, closed = answer_to(server, f"{GET}X-A: {'a' * 70_000}\r\n\r\n")
    assert status == 431 and closed
    many = "".join(f"X-{i}: 1\r\n" for i in range(2000))
    assert answer_to(server, f"{GET}{many}\r\n")[0] == 431


def test_pipelined_requests_are_answered_in_their_order(server):
    first = post_bytes(PATH, BODY)
    with RawConnection(server.port) as connection:
        connection.send(first + (GET + "\r\n").encode() + first)
        bodies = [connection.response() for _ in range(3)]
    assert [status for status, _, _ in bodies] == [200, 200, 200]
    assert b"chat.completion" in bodies[0][2] and b"chat.completion" not in bodies[1][2]


def test_half_a_request_then_silence_holds_nobody_up(server):
    with RawConnection(server.port) as slow:
        slow.send(f"{POST}Content-Length: 100\r\n\r\n{{")
        assert server.chat("gpt-x").status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:80", "", "a b"]
)
def test_a_foreign_host_is_refused(server, host):
    status, _, _, _ = answer_to(server, f"GET /health HTTP/1.1\r\nHost: {host}\r\n\r\n")
    assert status in (400, 403)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]", "localhost:1234", "LOCALHOST"])
def test_a_local_host_is_served(server, host):
    assert answer_to(server, f"GET /health HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")[0] == 200


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://127.0.0.1.evil.example", "file://"]
)
def test_a_page_of_another_origin_may_not_post(server, origin):
    status, headers, _, _ = answer_to(server, post_bytes(PATH, BODY, headers=f"Origin: {origin}\r\n"))
    assert status == 403
    assert "access-control-allow-origin" not in headers


def test_the_own_origin_may_post(server):
    host = f"127.0.0.1:{server.port}"
    assert (
        answer_to(server, post_bytes(PATH, BODY, host=host, headers=f"Origin: http://{host}\r\n"))[0] == 200
    )


@pytest.mark.parametrize(
    "target",
    ["/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/..%2f..%2fetc/passwd", "/assets/../../etc/passwd"],
)
def test_no_path_leads_out_of_the_ui(server, target):
    status, _, body, _ = answer_to(
        server, f"GET {target} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
    )
    assert status in (200, 400, 404) and b"root:" not in body
