"""bench/mock_upstream: an upstream whose faults the model's name selects, and its ledger."""

import httpx

from .programs import Program, bench_program


class MockUpstream(Program):
    def __init__(self, folder, name="upstream", arguments=()):
        super().__init__([bench_program("mock_upstream"), *arguments], folder, name)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def ledger(self, bodies=True):
        """What it was asked and has sent since the last clear, on demand without bodies and headers."""
        return httpx.get(self.url + f"/ledger?bodies={int(bodies)}", timeout=60).json()

    def clear(self):
        """Begins the ledger anew, and returns the old one without bodies."""
        return httpx.delete(self.url + "/ledger?bodies=0", timeout=60).json()

    def only_request(self):
        """The one request since the last clear, as it arrived here."""
        requests = self.ledger()["requests"]
        assert len(requests) == 1, f"{len(requests)} requests arrived upstream"
        return requests[0]
