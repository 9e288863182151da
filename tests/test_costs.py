"""What requests cost: by every dimension, exactly once, at prices that have versions."""

import csv
import io
import json
import os
import signal
import subprocess

import pytest
from harness.programs import binary, wait_until
from harness.server import GATEWAY_CONFIG

LITELLM = {
    "sample_spec": {"input_cost_per_token": 0.0},
    "gpt-x": {
        "input_cost_per_token": 1e-06,
        "output_cost_per_token": 2e-06,
        "input_cost_per_token_batches": 5e-07,
        "max_tokens": 4096,
    },
    "dall-e": {"output_cost_per_image": 0.04},
}


def cost(server, **query):
    answer = server.get("/api/v1/cost", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def counted(server, requests):
    """The report of all, once so many requests are in it: counting is a moment behind."""
    return wait_until(
        lambda: (report := cost(server)) and report["total"]["requests"] >= requests and report,
        f"{requests} requests are counted",
    )


def tool(server, *arguments):
    env = {**os.environ, "PENSTOCK_URL": server.url}
    done = subprocess.run([binary(), *arguments], env=env, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_cost_is_the_sum_of_the_records_by_every_dimension(start_server):
    server = start_server(GATEWAY_CONFIG)
    for feature in ["search", "search", "chat"]:
        server.chat("fast", user="ada", metadata={"feature": feature})
    server.chat("gpt-x", metadata={"feature": "chat"})
    report = counted(server, 4)
    records = server.records()
    assert report["total"]["cost_nano_usd"] == sum(r["cost_nano_usd"] or 0 for r in records)
    assert report["total"]["unpriced"] == 1
    assert report["total"]["output_tokens"] == 4 * 8
    for dimension in ["feature", "user", "route", "model", "upstream"]:
        field = {"model": "upstream_model"}.get(dimension, dimension)
        by = {row["value"]: row for row in cost(server, group_by=dimension, bucket="all")["rows"]}
        for value, row in by.items():
            found = [r for r in records if (r[field] or "") == value]
            assert row["requests"] == len(found), (dimension, value)
            assert row["cost_nano_usd"] == sum(r["cost_nano_usd"] or 0 for r in found)
    only = cost(server, feature="search", bucket="hour")
    assert only["total"]["requests"] == 2


def test_csv_holds_the_same(start_server):
    server = start_server(GATEWAY_CONFIG)
    server.chat("fast", metadata={"feature": '=cmd("x"), quoted'})
    report = counted(server, 1)
    answer = server.get("/api/v1/cost.csv", params={"group_by": "feature"})
    assert answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert len(rows) == 1
    assert rows[0]["feature"] == "'=cmd(\"x\"), quoted"
    assert round(float(rows[0]["cost_usd"]) * 1e9) == report["total"]["cost_nano_usd"]


def test_wrong_questions_are_refused_by_name(start_server):
    server = start_server(GATEWAY_CONFIG)
    for query in [{"group_by": "colour"}, {"bucket": "year"}, {"from_us": 2, "to_us": 1}, {"nonsense": 1}]:
        answer = server.get("/api/v1/cost", params=query)
        assert answer.status_code == 400
        assert any(name in answer.json()["error"]["message"] for name in query)


def test_costs_are_counted_once_however_often_the_server_is_killed(start_server, tmp_path):
    requests = 0
    for life in range(4):
        server = start_server(GATEWAY_CONFIG, name=f"life{life}", data=tmp_path / "kept")
        for _ in range(25):
            server.chat("fast")
            requests += 1
        os.kill(server.process.pid, signal.SIGKILL)
        server.process.wait()
    server = start_server(GATEWAY_CONFIG, name="last", data=tmp_path / "kept")
    report = counted(server, requests)
    assert report["total"]["requests"] == requests == len(server.records())
    assert report["total"]["cost_nano_usd"] == sum(r["cost_nano_usd"] for r in server.records())


def test_prices_are_imported_from_litellm_with_what_was_left_out(start_server, tmp_path):
    server = start_server(GATEWAY_CONFIG)
    before = server.get("/api/v1/prices").json()["version"]
    assert server.record(server.chat("gpt-x").headers["x-request-id"])["cost_nano_usd"] is None
    path = tmp_path / "model_prices.json"
    path.write_text(json.dumps(LITELLM))
    printed = tool(server, "prices", "import", str(path))
    assert "1 models imported" in printed
    assert "input_cost_per_token_batches" in printed and "dall-e" in printed
    prices = server.get("/api/v1/prices").json()
    assert prices["models"]["gpt-x"]["input"] == 1_000_000_000
    assert prices["models"]["gpt-x-mini"]["input"] == 150_000_000, "the configuration's stay"
    assert int(prices["version"]) > int(before)
    record = server.record(server.chat("gpt-x").headers["x-request-id"])
    assert record["cost_nano_usd"] == record["tokens"]["input"] * 1000 + 8 * 2000
    assert record["price_version"] == prices["version"]
    diff = server.get("/api/v1/prices/diff", params={"from": before, "to": prices["version"]}).json()
    assert [change["model"] for change in diff["changes"]] == ["gpt-x"]
    assert "gpt-x" in tool(server, "prices", "diff", before, prices["version"])
    versions = server.get("/api/v1/prices/versions").json()["versions"]
    assert versions[0]["source"] == "import of model_prices.json"


def test_an_import_that_is_none_changes_nothing(start_server):
    server = start_server(GATEWAY_CONFIG)
    before = server.get("/api/v1/prices").json()
    for document in [b"", b"{}", b"models: 3", b'{"gpt-x": 3}', b"\xff\xfe"]:
        answer = server.post("/api/v1/prices/import?source=x", content=document)
        assert answer.status_code == 400, (document, answer.text)
    assert server.get("/api/v1/prices").json() == before


@pytest.mark.parametrize("policy, status", [("deny", 403), ("ceiling", 200)])
def test_an_unknown_model_is_never_free(start_server, policy, status):
    config = GATEWAY_CONFIG.replace("prices: {{ ", f"prices: {{{{ unknown_model: {policy}, ")
    server = start_server(config)
    answer = server.chat("gpt-unheard-of")
    assert answer.status_code == status
    if status == 403:
        assert answer.json()["error"]["code"] == "model_not_priced"
    else:
        record = server.record(answer.headers["x-request-id"])
        assert record["cost_nano_usd"] == record["tokens"]["input"] * 150 + 8 * 600


def test_a_changed_price_file_holds_for_new_requests(start_server, tmp_path):
    prices = tmp_path / "prices.yaml"
    prices.write_text("models:\n  gpt-x: { input_usd_per_mtok: 1, output_usd_per_mtok: 1 }\n")
    config = GATEWAY_CONFIG.replace("prices: {{ ", f"prices: {{{{ file: {prices}, ")
    server = start_server(config)
    first = server.record(server.chat("gpt-x").headers["x-request-id"])
    prices.write_text("models:\n  gpt-x: { input_usd_per_mtok: 10, output_usd_per_mtok: 10 }\n")

    def dearer():
        record = server.record(server.chat("gpt-x").headers["x-request-id"])
        return record["cost_nano_usd"] == 10 * first["cost_nano_usd"] and record

    assert wait_until(dearer, "the new price holds")["price_version"] != first["price_version"]


def test_the_commands_show_costs_and_prices(start_server):
    server = start_server(GATEWAY_CONFIG)
    server.chat("fast", metadata={"feature": "search"})
    counted(server, 1)
    assert "search" in tool(server, "cost", "--by", "feature")
    assert json.loads(tool(server, "cost", "--by", "model", "--json"))["total"]["requests"] == 1
    assert "gpt-x-mini" in tool(server, "prices", "list")
    assert "configuration" in tool(server, "prices", "versions")
    assert "BUDGET" in tool(server, "budgets")
