"""Load as a mix of everything that is billed, by threads that keep their connections. Seeded."""

import dataclasses
import itertools
import random
import threading

from .clients import ANTHROPIC_TOOL, WEATHER_TOOL
from .doors import PATHS, understood
from .wire import RawConnection, post_bytes

# Upstream models of either protocol; the traits say what they bill.
MODELS = [
    "gpt-x",
    "gpt-x+cached",
    "gpt-x+reasoning",
    "gpt-x+tools",
    "claude-x",
    "claude-x+cached+cache-write",
]
MODELS += ["claude-x+reasoning", "claude-x+tools"]


@dataclasses.dataclass
class Asked:
    door: str
    model: str
    stream: bool
    leaves: bool  # the client goes before the end
    fields: dict


def draw(random_source, leaving):
    door = random_source.choice(list(PATHS))
    model = random_source.choice(MODELS)
    fields = {"messages": [{"role": "user", "content": "w" * random_source.randrange(1, 400)}]}
    if door == "messages":
        fields["max_tokens"] = 1000
    if "tools" in model:
        fields["tools"] = [WEATHER_TOOL if door == "chat" else ANTHROPIC_TOOL]
    if door == "chat" and model.startswith("gpt") and random_source.random() < 0.2:
        fields["n"] = random_source.randrange(2, 4)
    stream = random_source.random() < 0.5
    return Asked(door, model, stream, random_source.random() < leaving, fields)


class Traffic:
    """Asks until so many are sent, or the server is gone. `answered`: ids of what arrived whole."""

    def __init__(self, port, seed, clients=8, limit=None, leaving=0.0, headers=""):
        self.port, self.limit, self.leaving, self.headers = port, limit, leaving, headers
        self.answered, self.unexpected = [], []
        self.sent = itertools.count()
        self.threads = [
            threading.Thread(target=self._run, args=(random.Random(seed * 1000 + i),)) for i in range(clients)
        ]
        for thread in self.threads:
            thread.start()

    def join(self):
        for thread in self.threads:
            thread.join()
        return self

    def _run(self, random_source):
        connection = None
        while self.limit is None or next(self.sent) < self.limit:
            asked = draw(random_source, self.leaving)
            try:
                connection = connection or RawConnection(self.port, 60)
                if not self._ask(connection, asked, random_source):
                    connection = None
            except (OSError, ValueError):
                connection = None
                if not self._is_there():
                    return

    def _is_there(self):
        try:
            RawConnection(self.port, 5).close()
            return True
        except OSError:
            return False

    def _ask(self, connection, asked, random_source):
        """False: the connection is gone."""
        body = {"model": asked.model, "stream": asked.stream, **asked.fields}
        connection.send(post_bytes(PATHS[asked.door], body, headers=self.headers))
        if asked.leaves:
            if asked.stream:
                connection.receive_until(b"data:")
            connection.reset()
            return False
        head = connection.receive_until(b"\r\n\r\n")
        if not head.endswith(b"\r\n\r\n"):
            return False
        body = self._body(connection, head)
        outcome = understood(asked.door, head + body)
        if outcome.ended:
            self.answered.append(outcome.request_id)
        elif outcome.error and outcome.status != 200 or (body and not body.endswith(b"\r\n")):
            self.unexpected.append((asked, outcome.status, outcome.body[:500]))
        return outcome.ended

    @staticmethod
    def _body(connection, head):
        if b"chunked" in head.lower():
            return connection.receive_until(b"\r\n0\r\n\r\n")
        fields = dict(line.lower().split(b":", 1) for line in head.split(b"\r\n")[1:] if b":" in line)
        return connection.exactly(int(fields.get(b"content-length", 0)))
