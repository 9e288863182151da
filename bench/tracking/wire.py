"""A client of one keep-alive connection that costs little, and closed loops of several such clients."""

import json
import multiprocessing
import socket
import time

READ_BYTES = 1 << 18
ANSWER_S_MAX = 180


def request(method, path, body=b"", headers=()):
    """The bytes of a request. A `body` that is not bytes is sent as JSON."""
    if not isinstance(body, bytes):
        body, headers = json.dumps(body).encode(), (*headers, "Content-Type: application/json")
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def _header(head, name):
    at = head.lower().find(b"\r\n" + name + b":")
    return head[at + len(name) + 3 :].split(b"\r\n", 1)[0].strip() if at >= 0 else None


class Connection:
    def __init__(self, port):
        self._port = port
        self._socket = None
        self._rest = b""

    def _more(self):
        data = self._socket.recv(READ_BYTES)
        if not data:
            raise ConnectionError("the server closed the connection within an answer")
        self._rest += data

    def _take(self, count):
        parts, have = [self._rest], len(self._rest)
        while have < count:
            data = self._socket.recv(READ_BYTES)
            if not data:
                raise ConnectionError("the server closed the connection within a body")
            parts.append(data)
            have += len(data)
        whole = b"".join(parts)
        self._rest = whole[count:]
        return whole[:count]

    def _until(self, mark):
        while (at := self._rest.find(mark)) < 0:
            self._more()
        found, self._rest = self._rest[:at], self._rest[at + len(mark) :]
        return found

    def _chunked(self):
        parts = []
        while size := int(self._until(b"\r\n").split(b";")[0], 16):
            parts.append(self._take(size))
            self._take(2)
        self._until(b"\r\n")
        return b"".join(parts)

    def ask(self, data):
        """Status and body of the answer to these bytes."""
        if self._socket is None:
            self._socket = socket.create_connection(("127.0.0.1", self._port), timeout=ANSWER_S_MAX)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._rest = b""
        self._socket.sendall(data)
        head = self._until(b"\r\n\r\n")
        status = int(head[9:12])
        if _header(head, b"transfer-encoding") == b"chunked":
            body = self._chunked()
        else:
            body = self._take(int(_header(head, b"content-length") or 0))
        if (_header(head, b"connection") or b"").lower() == b"close":
            self._socket.close()
            self._socket = None
        return status, body

    def json(self, method, path, body=None):
        """The document that answers; ends the program where that is no success."""
        status, text = self.ask(request(method, path, body if body is not None else b""))
        if status != 200:
            raise SystemExit(f"{method} {path}: {status} {text[:500]!r}")
        return json.loads(text) if text else {}


class Loop:
    """What a closed loop measured."""

    def __init__(self, latencies_s, seconds, refused=0):
        self.latencies_s = sorted(latencies_s)
        self.count = len(latencies_s)
        self.rate = self.count / seconds if seconds else 0
        self.refused = refused

    @property
    def p50_ms(self):
        return self.latencies_s[self.count // 2] * 1000 if self.count else 0


def _loop(port, next_request, calls_max, seconds):
    connection, latencies, refused = Connection(port), [], 0
    started = time.perf_counter()
    deadline = started + seconds
    for number in range(calls_max):
        data = next_request(number)
        asked = time.perf_counter()
        if asked > deadline:
            break
        status, _ = connection.ask(data)
        if status == 200:
            latencies.append(time.perf_counter() - asked)
        else:
            refused += 1
    return latencies, time.perf_counter() - started, refused


def loop(port, next_request, seconds, calls_max=1_000_000):
    """One client: asks, waits, asks again. `next_request(number)` gives bytes."""
    return Loop(*_loop(port, next_request, calls_max, seconds))


def _child(pipe, *arguments):
    pipe.send(_loop(*arguments))
    pipe.close()


def loops(port, makers, seconds, calls_max=1_000_000):
    """One client in a process of its own for each of `makers`, at once."""
    fork = multiprocessing.get_context("fork")
    children = []
    for maker in makers:
        ours, theirs = fork.Pipe(duplex=False)
        child = fork.Process(target=_child, args=(theirs, port, maker, calls_max, seconds))
        child.start()
        children.append((child, ours))
    latencies, took, refused = [], 0.0, 0
    for child, pipe in children:
        found = pipe.recv()
        child.join()
        latencies += found[0]
        took = max(took, found[1])
        refused += found[2]
    return Loop(latencies, took, refused)
