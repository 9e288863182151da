"""Limits and budgets: who is let in, what is told, and that nothing is overspent."""

import concurrent.futures
import http.client
import json
import os
import signal
import socket
import struct

import httpx
import pytest
from harness.programs import wait_until
from harness.server import GATEWAY_CONFIG

TOKENS = 8  # what an answer of the mock upstream has


@pytest.fixture
def budgeted(start_server):
    """A server of the test's own, whose owner is whoever asks without a key."""
    return start_server(GATEWAY_CONFIG)


def make_group(server, path, **fields):
    answer = server.post("/api/v1/groups", {"path": path, **fields})
    assert answer.status_code == 201, answer.text


def make_key(server, name="client", **fields):
    """Its secret and its id."""
    answer = server.post("/api/v1/keys", {"name": name, **fields})
    assert answer.status_code == 201, answer.text
    return answer.json()["secret"], answer.json()["key"]["id"]


def asked(server, secret, model="fast", **fields):
    """What a client's `post` is given."""
    messages = [{"role": "user", "content": "Hello"}]
    return {
        "url": server.url + "/v1/chat/completions",
        "json": {"model": model, "messages": messages, "max_tokens": TOKENS, **fields},
        "headers": {"authorization": f"Bearer {secret}"},
    }


CLIENT = httpx.Client(verify=False, timeout=60)


def chat(server, secret, **fields):
    return CLIENT.post(**asked(server, secret, **fields))


def statuses_at_once(server, secret, clients, calls):
    """Of so many clients that each call so often. Plain connections: SDKs would be slower than the server."""
    body = json.dumps(asked(server, secret)["json"])
    headers = {"authorization": f"Bearer {secret}", "content-type": "application/json"}

    def client(_):
        connection, statuses = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60), []
        for _ in range(calls):
            connection.request("POST", "/v1/chat/completions", body, headers)
            answer = connection.getresponse()
            answer.read()
            statuses.append(answer.status)
        connection.close()
        return statuses

    with concurrent.futures.ThreadPoolExecutor(clients) as pool:
        return [status for statuses in pool.map(client, range(clients)) for status in statuses]


def budget_of(server, holder):
    answer = server.get("/api/v1/budgets")
    assert answer.status_code == 200, answer.text
    return next(budget for budget in answer.json()["budgets"] if budget["holder"] == holder)


def usd(amount):
    return {"amount_nano_usd": round(amount * 1e9), "per": "month"}


def spent_by_records(server, group):
    return sum(r["cost_nano_usd"] or 0 for r in server.records() if (r["group"] or "").split("/")[0] == group)


def test_a_budget_lets_in_what_it_holds_and_then_says_so(budgeted):
    make_group(budgeted, "acme", budget=usd(0.0001))
    secret, _ = make_key(budgeted, group="acme")
    answers = [chat(budgeted, secret) for _ in range(40)]
    codes = [answer.status_code for answer in answers]
    assert codes[0] == 200 and codes[-1] == 429
    assert codes == sorted(codes), "once it is used up it stays so"
    refusal = answers[-1]
    assert refusal.json()["error"]["code"] == "insufficient_quota"
    assert "acme" in refusal.json()["error"]["message"]
    assert refusal.headers["x-should-retry"] == "false"
    assert any("x-penstock-budget-warning" in answer.headers for answer in answers)
    budget = budget_of(budgeted, "group:acme")
    assert budget["spent_nano_usd"] == spent_by_records(budgeted, "acme") <= 100_000
    assert budget["reserved_nano_usd"] == 0
    assert budget["remaining_nano_usd"] == 100_000 - budget["spent_nano_usd"]


def test_a_thousand_calls_at_once_overspend_nothing(budgeted):
    make_group(budgeted, "acme", budget=usd(0.0005))
    make_group(budgeted, "acme/search")
    secret, key = make_key(budgeted, group="acme/search", budget=usd(1))
    codes = statuses_at_once(budgeted, secret, clients=50, calls=20)
    assert set(codes) == {200, 429}
    spent = budget_of(budgeted, "group:acme")
    assert spent["spent_nano_usd"] <= 500_000
    assert spent["reserved_nano_usd"] == 0
    assert spent["spent_nano_usd"] == spent_by_records(budgeted, "acme")
    assert budget_of(budgeted, f"key:{key}")["spent_nano_usd"] == spent["spent_nano_usd"]


def test_a_larger_budget_holds_at_once(budgeted):
    make_group(budgeted, "acme", budget=usd(0.00001))
    secret, _ = make_key(budgeted, group="acme")
    while chat(budgeted, secret).status_code == 200:
        pass
    assert budgeted.get("/api/v1/groups/acme").status_code == 200
    changed = httpx.patch(budgeted.url + "/api/v1/groups/acme", json={"budget": usd(1)}, timeout=30)
    assert changed.status_code == 200, changed.text
    assert chat(budgeted, secret).status_code == 200


def test_what_has_no_price_is_refused_where_a_budget_applies(budgeted):
    secret, _ = make_key(budgeted, budget=usd(1))
    refused = chat(budgeted, secret, model="gpt-x")
    assert refused.status_code == 403
    assert refused.json()["error"]["code"] == "model_not_priced"
    free, _ = make_key(budgeted, "without a budget")
    assert chat(budgeted, free, model="gpt-x").status_code == 200


def test_what_a_killed_server_had_reserved_comes_back(start_server, tmp_path):
    server = start_server(GATEWAY_CONFIG, data=tmp_path / "kept")
    make_group(server, "acme", budget=usd(0.001))
    secret, _ = make_key(server, group="acme")
    for _ in range(10):
        assert chat(server, secret).status_code == 200
    spent = budget_of(server, "group:acme")["spent_nano_usd"]
    os.kill(server.process.pid, signal.SIGKILL)
    server.process.wait()
    again = start_server(GATEWAY_CONFIG, name="again", data=tmp_path / "kept")
    budget = budget_of(again, "group:acme")
    assert budget["spent_nano_usd"] == spent == spent_by_records(again, "acme")
    assert (budget["reserved_nano_usd"], budget["leased_elsewhere_nano_usd"]) == (0, 0)
    assert chat(again, secret).status_code == 200


def test_requests_are_limited_and_told_when_to_come_back(budgeted):
    secret, _ = make_key(budgeted, limits=[{"kind": "requests", "amount": 3, "per_s": 60}])
    answers = [chat(budgeted, secret) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[0].headers["x-ratelimit-limit-requests"] == "3"
    assert answers[0].headers["x-ratelimit-remaining-requests"] == "2"
    assert answers[3].json()["error"]["code"] == "rate_limit_exceeded"
    assert 1 <= int(answers[3].headers["retry-after"]) <= 20


def test_tokens_that_were_not_used_are_given_back(budgeted):
    secret, _ = make_key(budgeted, limits=[{"kind": "tokens", "amount": 3000, "per_s": 3600}])
    # Each reserves a thousand tokens and uses some tens.
    answers = [chat(budgeted, secret, max_tokens=1000) for _ in range(10)]
    assert {answer.status_code for answer in answers} == {200}
    assert int(answers[-1].headers["x-ratelimit-limit-tokens"]) == 3000
    refused = chat(budgeted, secret, max_tokens=5000)
    assert refused.status_code == 429
    assert refused.headers["x-should-retry"] == "false", "it can never be let in"


def test_concurrency_is_left_by_clients_that_vanish(start_server):
    server = start_server(GATEWAY_CONFIG + "drain_ms: 100\n")
    secret, _ = make_key(server, limits=[{"kind": "concurrent", "amount": 2, "per_s": 0}])
    body = json.dumps({"model": "fault-silent", "messages": [{"role": "user", "content": "x"}]})
    head = f"POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer {secret}\r\n"
    request = f"{head}content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n{body}"
    for _ in range(10):
        connection = socket.create_connection(("127.0.0.1", server.port))
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.sendall(request.encode())
        connection.close()  # a reset
    wait_until(lambda: chat(server, secret).status_code == 200, "a place is free again", 30)


def test_scopes_say_what_may_be_asked_for(budgeted):
    secret, _ = make_key(budgeted, models=["gpt-*"], endpoints=["chat.completions"])
    assert chat(budgeted, secret, model="gpt-x").status_code == 200
    refused = chat(budgeted, secret, model="fast")
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "model_not_allowed")


def test_metrics_tell_budgets_and_refusals(budgeted):
    make_group(budgeted, "acme", budget=usd(0.00001))
    secret, _ = make_key(budgeted, group="acme")
    while chat(budgeted, secret).status_code == 200:
        pass
    metrics = budgeted.get("/metrics").text
    assert 'penstock_admission_refusals_total{reason="budget"}' in metrics
    assert 'penstock_budget_usd{holder="group:acme",per="month"} 0.00001' in metrics or "1e-05" in metrics
