"""Every token that the upstream billed is in the records, kind by kind: whole, streamed, cached, thought, by
tools, for several choices, and for clients that leave in the middle.

`--parity-requests N` asks more often than each run does; `PENSTOCK_TEST_SEED` repeats a run."""

import os
import random
import time

import pytest
from harness.programs import wait_until
from harness.traffic import Traffic

SEED = int(os.environ.get("PENSTOCK_TEST_SEED", "1"))
BATCH_REQUESTS = 10_000  # the mock upstream's ledger keeps twice as many
CLIENTS = 16
LEAVING = 0.1
CONFIG = """
version: 1
providers:
  mock: {{{{ type: openai, base_url: "http://127.0.0.1:{port}/v1" }}}}
  claude: {{{{ type: anthropic, base_url: "http://127.0.0.1:{port}/v1" }}}}
{{engines}}
models:
  "gpt-*": {{{{ targets: [{{{{ provider: mock }}}}] }}}}
  "claude-*": {{{{ targets: [{{{{ provider: claude }}}}] }}}}
records: {{{{ bodies: false }}}}
drain_ms: 60000
"""


def differences(truth, records):
    """What the records say otherwise than the ledger, as far as it was sent to its end."""
    found = []
    for request in truth:
        record = records.get(request["request_id"])
        if record is None:
            found.append((request, "has no record"))
        elif not request["complete"]:
            found.append((request, "was not sent to its end"))
        else:
            told = {kind: record["tokens"][kind] for kind in request["tokens"]}
            if told != request["tokens"] or record["tokens"]["source"] != "provider":
                found.append((request, record["tokens"]))
    return found


def is_settled(upstream):
    return all(r["complete"] or r["left"] for r in upstream.ledger(bodies=False)["requests"])


def all_recorded(server, since_us, truth):
    """The records by their ids; None while one is missing."""
    records = {record["id"]: record for record in server.records(since_us=since_us)}
    return records if all(request["request_id"] in records for request in truth) else None


@pytest.mark.timeout(0)
def test_records_tell_every_token_that_was_billed(start_upstream, start_server, request):
    upstream = start_upstream("--events", "6", "--lifetime-s", "86400")
    server = start_server(CONFIG.format(port=upstream.port))
    left = request.config.getoption("parity_requests")
    seeds = random.Random(SEED)
    asked, disconnected = 0, 0
    while left > 0:
        limit = min(left, BATCH_REQUESTS)
        since_us = int(time.time() * 1e6)
        traffic = Traffic(server.port, seeds.randrange(1 << 30), CLIENTS, limit, LEAVING).join()
        assert not traffic.unexpected, f"seed {SEED}: {traffic.unexpected[0]}"
        wait_until(lambda: is_settled(upstream), "the upstream has said everything", 120, every=0.2)
        truth = upstream.clear()["requests"]
        records = wait_until(lambda: all_recorded(server, since_us, truth), "every record", 60, every=0.5)
        wrong = differences(truth, records)
        assert not wrong, f"seed {SEED}: {len(wrong)} of {len(truth)}, the first: {wrong[0]}"
        missing = set(traffic.answered) - {r["request_id"] for r in truth}
        assert not missing, "answers that the upstream never gave"
        asked += len(truth)
        disconnected += sum(records[r["request_id"]]["client_disconnected"] for r in truth)
        left -= limit
    assert disconnected > 0
    print(f"{asked} requests, {disconnected} of clients that left: every token is right")
