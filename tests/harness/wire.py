"""Bytes on a socket: requests that no client library would send, and streams as they arrive."""

import json
import re
import socket
import struct


class RawConnection:
    def __init__(self, port, timeout=20):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout)
        self.unread = b""

    def send(self, data):
        self.socket.sendall(data if isinstance(data, bytes) else data.encode())
        return self

    def receive_until(self, end):
        """Bytes up to and with `end`; fewer only where the peer closed before."""
        while end not in self.unread:
            try:
                piece = self.socket.recv(65536)
            except ConnectionResetError:
                piece = b""
            if not piece:
                taken, self.unread = self.unread, b""
                return taken
            self.unread += piece
        at = self.unread.index(end) + len(end)
        taken, self.unread = self.unread[:at], self.unread[at:]
        return taken

    def response(self):
        """(status, headers, body) of the next answer; status 0 where the connection ended without one."""
        head = self.receive_until(b"\r\n\r\n").decode("latin-1")
        if not head.endswith("\r\n\r\n"):
            return 0, {}, head.encode("latin-1")
        start, *lines = head.strip().split("\r\n")
        headers = {k.strip().lower(): v.strip() for k, _, v in (line.partition(":") for line in lines)}
        if headers.get("transfer-encoding") == "chunked":
            body = self._chunked()
        else:
            body = self.exactly(int(headers.get("content-length", 0)))
        return int(start.split()[1]), headers, body

    def exactly(self, length):
        while len(self.unread) < length:
            piece = self.socket.recv(65536)
            if not piece:
                break
            self.unread += piece
        taken, self.unread = self.unread[:length], self.unread[length:]
        return taken

    def _chunked(self):
        body = b""
        while True:
            size = int(self.receive_until(b"\r\n"), 16)
            body += self.exactly(size)
            self.receive_until(b"\r\n")
            if size == 0:
                return body

    def at_end(self):
        """True where the peer closes, or has closed, without sending anything more."""
        try:
            return self.unread == b"" and self.socket.recv(1) == b""
        except ConnectionResetError:
            return True

    def close(self):
        self.socket.close()

    def reset(self):
        """Closes so that the peer knows at once that nobody listens any more."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def post_bytes(path, body, host="127.0.0.1", headers=""):
    """The bytes of one POST."""
    body = body if isinstance(body, bytes) else json.dumps(body).encode()
    fields = f"Host: {host}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n{headers}"
    return f"POST {path} HTTP/1.1\r\n{fields}\r\n".encode() + body


def events(text):
    """The data of each server-sent event, parsed where it is JSON; comments are left out."""
    found = []
    for block in re.split(r"\r?\n\r?\n", text):
        lines = [line[5:].removeprefix(" ") for line in block.splitlines() if line.startswith("data:")]
        if lines:
            data = "\n".join(lines)
            found.append(data if data == "[DONE]" else json.loads(data))
    return found


def content_of(chunks, index=0):
    """The text that a chat stream's chunks spell for one choice."""
    choices = [
        c
        for chunk in chunks
        if isinstance(chunk, dict)
        for c in chunk.get("choices", [])
        if c["index"] == index
    ]
    return "".join(c["delta"].get("content") or "" for c in choices)


def error_of(chunks):
    """The error object that a stream ended with, or None."""
    errors = [chunk["error"] for chunk in chunks if isinstance(chunk, dict) and "error" in chunk]
    return errors[-1] if errors else None
