"""kill -9 in mid-load loses no spend: what the upstream was asked is recorded and priced, arrived or not.

`--kill-rounds N` kills more often than each run does; `PENSTOCK_TEST_SEED` repeats a run."""

import os
import random
import signal
import time

import pytest
from harness.programs import wait_until
from harness.traffic import Traffic

SEED = int(os.environ.get("PENSTOCK_TEST_SEED", "1"))
CLIENTS = 8
CONFIG = """
version: 1
providers:
  mock: {{{{ type: openai, base_url: "http://127.0.0.1:{port}/v1" }}}}
  claude: {{{{ type: anthropic, base_url: "http://127.0.0.1:{port}/v1" }}}}
{{engines}}
models:
  "gpt-*": {{{{ targets: [{{{{ provider: mock }}}}] }}}}
  "claude-*": {{{{ targets: [{{{{ provider: claude }}}}] }}}}
prices:
  unknown_model: ceiling
  models: {{{{ gpt-x: {{{{ input_usd_per_mtok: 1, output_usd_per_mtok: 2 }}}} }}}}
records: {{{{ bodies: false }}}}
"""


def kill_in_mid_load(server, seed, draw):
    traffic = Traffic(server.port, seed, CLIENTS)
    time.sleep(draw.uniform(0.1, 0.5))
    os.kill(server.process.pid, signal.SIGKILL)
    server.process.wait()
    traffic.join()
    server.start()
    return traffic


def check_round(where, traffic, truth, records):
    assert not traffic.unexpected, f"{where}: {traffic.unexpected[0]}"
    by_id = {record["id"]: record for record in records}
    assert len(by_id) == len(records), f"{where}: a request is recorded twice"
    lost = [request for request in truth if request["request_id"] not in by_id]
    assert not lost, f"{where}: {len(lost)} of {len(truth)} have no record, the first: {lost[0]}"
    for request in truth:
        record = by_id[request["request_id"]]
        told, billed = record["tokens"], request["tokens"]
        assert record["cost_nano_usd"] is not None, f"{where}: no cost: {record}"
        if request["request_id"] in traffic.answered:
            assert {kind: told[kind] for kind in billed} == billed, f"{where}: {request}, {record}"
        elif record["error"] and record["error"]["code"] == "interrupted":
            assert (
                told["input"] > 0 and record["cost_nano_usd"] > 0
            ), f"{where}: settled for nothing: {record}"
            assert told["output"] <= billed["output"] + billed["reasoning"], f"{where}: {request}, {record}"


@pytest.mark.timeout(0)
def test_no_spend_is_lost_by_kill_9(start_upstream, start_server, request):
    rounds = request.config.getoption("kill_rounds")
    upstream = start_upstream("--events", "20", "--pace-ms", "3", "--lifetime-s", "86400")
    server = start_server(CONFIG.format(port=upstream.port))
    draw = random.Random(SEED)
    answered, interrupted, cost = 0, 0, 0
    for number in range(rounds):
        since_us = int(time.time() * 1e6)
        traffic = kill_in_mid_load(server, draw.randrange(1 << 30), draw)
        truth = upstream.clear()["requests"]
        records = wait_until(lambda: server.records(since_us=since_us), "the records")
        check_round(f"seed {SEED}, round {number}", traffic, truth, records)
        answered += len(traffic.answered)
        orphans = [r for r in records if r["error"] and r["error"]["code"] == "interrupted"]
        interrupted += len(orphans)
        cost += sum(record["cost_nano_usd"] or 0 for record in records)
    assert answered > rounds and interrupted > 0
    everything = server.records()
    assert (
        sum(record["cost_nano_usd"] or 0 for record in everything) == cost
    ), "later rounds changed earlier records"
    print(f"{rounds} kills: {answered} answered, {interrupted} interrupted, none lost")


def test_a_long_stream_that_is_cut_by_a_kill_is_billed_by_its_checkpoint(start_upstream, start_server):
    from harness.doors import PATHS, question
    from harness.wire import RawConnection, post_bytes

    upstream = start_upstream("--events", "4000", "--pace-ms", "1")
    server = start_server(CONFIG.format(port=upstream.port))
    with RawConnection(server.port) as connection:
        connection.send(post_bytes(PATHS["chat"], question("chat", "gpt-x", True)))
        for _ in range(1500):
            connection.receive_until(b"\n\n")
        os.kill(server.process.pid, signal.SIGKILL)
        server.process.wait()
    server.start()
    record = wait_until(lambda: server.records(), "the record")[0]
    sent = upstream.ledger(bodies=False)["requests"][0]["tokens"]["output"]
    assert record["error"]["code"] == "interrupted"
    assert 0.5 * sent <= record["tokens"]["output"] <= sent
