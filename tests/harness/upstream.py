"""bench/mock_upstream: an upstream whose faults the model's name selects, and its ledger."""

import httpx

from .programs import Program, bench_program


class MockUpstream(Program):
    def __init__(self, folder, name="upstream", arguments=()):
        super().__init__([bench_program("mock_upstream"), *arguments], folder, name)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def ledger(self):
        return httpx.get(self.url + "/ledger", timeout=30).json()

    def clear(self):
        httpx.delete(self.url + "/ledger", timeout=30)

    def only_request(self):
        """The one request since the last clear, as it arrived here."""
        requests = self.ledger()["requests"]
        assert len(requests) == 1, f"{len(requests)} requests arrived upstream"
        return requests[0]
