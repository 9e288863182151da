"""Where a call goes: strategies, sticky splits, retries, fallbacks, breakers, hedging, caches."""

import collections

import httpx
import pytest
from harness.server import EMBEDDER, NO_ENGINES, Penstock

# Every target asks the mock for a model of its own, so that its ledger tells them apart. Nobody listens on
# port 1.
CONFIG = """
version: 1
providers:
  mock: {{ type: openai, base_url: "http://127.0.0.1:{upstream}/v1" }}
  nobody: {{ type: openai, base_url: "http://127.0.0.1:1/v1" }}
{engines}
prices:
  models:
    gpt-dear: {{ input_usd_per_mtok: 10, output_usd_per_mtok: 30 }}
    gpt-cheap: {{ input_usd_per_mtok: 0.1, output_usd_per_mtok: 0.3 }}
models:
  split:
    targets:
      - {{ id: stable, provider: mock, model: gpt-stable, weight: 90 }}
      - {{ id: canary, provider: mock, model: gpt-canary, weight: 10 }}
    sticky: {{ by: ["header:x-user-id", user] }}
  ordered:
    strategy: priority
    targets: [{{ provider: nobody, model: x, id: down }}, {{ provider: mock, model: gpt-second, id: up }}]
  cheapest:
    strategy: cheapest
    targets:
      - {{ provider: mock, model: gpt-dear, id: dear }}
      - {{ provider: mock, model: gpt-cheap, id: cheap }}
  recovers:
    targets: [{{ provider: mock, model: fault-503+first-1+retry-none }}]
    retry: {{ attempts: 2, backoff_ms: [10, 20] }}
  once:
    targets: [{{ provider: mock, model: fault-503 }}]
    retry: {{ attempts: 1 }}
  long:
    targets: [{{ provider: mock, model: fault-context-window, id: short }}]
    fallback: {{ context_window: [long-window] }}
  long-window: {{ targets: [{{ provider: mock, model: gpt-long, id: long }}] }}
  rude:
    targets: [{{ provider: mock, model: fault-content-policy, id: strict }}]
    fallback: {{ default: [long-window], content_policy: [safe] }}
  safe: {{ targets: [{{ provider: mock, model: gpt-safe, id: safe }}] }}
  fragile:
    targets: [{{ provider: mock, model: fault-500+retry-none, id: fragile }}]
    retry: {{ attempts: 1 }}
    breaker: {{ window_s: 60, trip: {{ error_rate: 0.5, min: 3 }}, cooldown_s: [60] }}
  slow:
    targets:
      - {{ provider: mock, model: gpt-slow+latency-3000, id: slow }}
      - {{ provider: mock, model: gpt-quick, id: quick }}
    strategy: priority
    timeouts: {{ ttft_ms: 300 }}
    retry: {{ attempts: 1 }}
  hedged:
    strategy: hedge
    hedge: {{ after_ms: 200, budget_pct: 100 }}
    targets:
      - {{ provider: mock, model: gpt-late+latency-5000, id: late }}
      - {{ provider: mock, model: gpt-prompt, id: prompt }}
  cached:
    targets: [{{ provider: mock, model: gpt-dear }}]
    cache: {{ exact: {{ ttl: 10m, scope: key }} }}
  "drip-*":
    targets: [{{ provider: mock }}]
    timeouts: {{ min_tokens_per_s: 5, idle_ms: 10000 }}
"""


@pytest.fixture(scope="module")
def routed(session_folder, upstream):
    folder = session_folder / "routed"
    folder.mkdir()
    with Penstock(folder, CONFIG.format(upstream=upstream.port, engines=NO_ENGINES)) as server:
        yield server


def ask(server, model, headers=None, **fields):
    body = {"model": model, "messages": [{"role": "user", "content": "Hello"}], **fields}
    return server.post("/v1/chat/completions", body, headers=headers or {})


def target_of(answer):
    assert answer.status_code == 200, answer.text
    return answer.headers["x-penstock-target"]


def test_a_weighted_split_keeps_its_shares(routed):
    seen = collections.Counter(target_of(ask(routed, "split")) for _ in range(300))
    assert 5 <= seen["canary"] <= 70, seen


def test_a_sticky_unit_stays_with_its_target(routed):
    first = {}
    for user in range(30):
        first[user] = target_of(ask(routed, "split", headers={"x-user-id": f"u{user}"}))
    for user in range(30):
        assert target_of(ask(routed, "split", headers={"X-User-Id": f"u{user}"})) == first[user]
    assert target_of(ask(routed, "split", user="u7")) == first[7], "the same unit, named in another place"


def test_the_next_target_takes_over_and_the_record_tells_both(routed):
    answer = ask(routed, "ordered")
    assert target_of(answer) == "up" and answer.headers["x-penstock-attempts"] == "2"
    attempts = routed.record(answer.headers["x-request-id"])["attempts"]
    assert [a["target"] for a in attempts] == ["down", "up"]
    assert attempts[0]["error"] == "unavailable" and attempts[1]["status"] == 200


def test_a_stream_is_taken_over_too(routed):
    answer = ask(routed, "ordered", stream=True)
    assert target_of(answer) == "up" and answer.text.endswith("data: [DONE]\n\n")


def test_the_cheapest_target_is_asked(routed):
    assert target_of(ask(routed, "cheapest")) == "cheap"


def test_a_failure_that_passes_is_tried_again(routed, ledger):
    answer = ask(routed, "recovers")
    assert answer.status_code == 200, answer.text
    assert len(routed.record(answer.headers["x-request-id"])["attempts"]) == 2


def test_one_attempt_is_one_attempt(routed, ledger):
    answer = ask(routed, "once")
    assert answer.status_code == 503
    assert len(ledger.ledger()["requests"]) == 1


@pytest.mark.parametrize("stream", [False, True])
def test_fallbacks_are_chosen_by_cause(routed, stream):
    assert target_of(ask(routed, "long", stream=stream)) == "long"
    assert target_of(ask(routed, "rude", stream=stream)) == "safe"


def test_a_broken_target_is_left_alone_and_callers_are_told_when_to_come_back(routed, ledger):
    for _ in range(3):
        assert ask(routed, "fragile").status_code == 500
    refused = ask(routed, "fragile")
    assert refused.status_code == 503 and refused.json()["error"]["code"] == "all_targets_open"
    assert 0 < int(refused.headers["retry-after"]) <= 60
    assert len(ledger.ledger()["requests"]) == 3, "the fourth call must not reach the upstream"


@pytest.mark.parametrize("stream", [False, True])
def test_a_late_first_token_moves_on(routed, stream):
    answer = ask(routed, "slow", stream=stream)
    assert target_of(answer) == "quick"
    attempts = routed.record(answer.headers["x-request-id"])["attempts"]
    assert attempts[0]["error"] == "deadline_exceeded"


@pytest.mark.parametrize("stream", [False, True])
def test_a_hedged_call_is_answered_by_the_quicker_target(routed, stream):
    ask(routed, "hedged")  # from now on the quick one is known, and the other one is tried first
    answer = ask(routed, "hedged", stream=stream)
    assert target_of(answer) == "prompt"
    attempts = routed.record(answer.headers["x-request-id"])["attempts"]
    assert {a["target"]: a.get("error") or "" for a in attempts} == {"late": "hedge_lost", "prompt": ""}


def test_a_stream_that_drips_is_given_up(routed):
    body = {"model": "drip-gpt+pace-2000+events-30", "messages": [], "stream": True}
    text = ""
    with pytest.raises(httpx.RemoteProtocolError):  # an error event, and then a cut connection
        with httpx.stream("POST", routed.url + "/v1/chat/completions", json=body, timeout=60) as answer:
            for piece in answer.iter_text():
                text += piece
    assert "upstream_too_slow" in text and "[DONE]" not in text


@pytest.mark.parametrize("stream", [False, True])
def test_an_equal_request_is_answered_from_the_cache(routed, ledger, stream):
    question = {"temperature": 0, "seed": 1, "stream": stream}
    first = ask(routed, "cached", **question)
    again = ask(routed, "cached", **question, user="somebody-else")
    assert first.headers["x-penstock-cache"] == "miss" and again.headers["x-penstock-cache"] == "exact"
    assert again.text == first.text and again.headers["content-type"] == first.headers["content-type"]
    assert len(ledger.ledger()["requests"]) == 1
    record = routed.record(again.headers["x-request-id"])
    paid = routed.record(first.headers["x-request-id"])
    assert record["cache"] == "exact" and record["cost_nano_usd"] == 0
    assert record["saved_nano_usd"] == paid["cost_nano_usd"] > 0
    other = ask(routed, "cached", **question, headers={"cache-control": "no-cache"})
    assert other.headers["x-penstock-cache"] == "miss"


def test_a_cache_is_never_shared_between_keys(start_server, ledger):
    keys = "keys: [{{ name: a, env: KEY_A }}, {{ name: b, env: KEY_B }}]\n"
    server = start_server(CONFIG + keys, env={"KEY_A": "key-of-tenant-a", "KEY_B": "key-of-tenant-b"})
    answers = [
        ask(server, "cached", headers={"authorization": f"Bearer key-of-tenant-{tenant}"}) for tenant in "aba"
    ]
    assert [a.headers["x-penstock-cache"] for a in answers] == ["miss", "miss", "exact"]


def test_a_question_in_other_words_is_answered_from_the_semantic_cache(start_engine_server, ledger):
    config = CONFIG.replace(
        "  cached:",
        f"""  similar:
    targets: [{{{{ provider: mock, model: gpt-dear }}}}]
    cache: {{{{ semantic: {{{{ ttl: 1h, threshold: 0.85, embed: {EMBEDDER} }}}} }}}}
  cached:""",
    )
    server = start_engine_server(config=config)
    outcomes = []
    for text in [
        "How do I reset my password?",
        "How can I reset my password?",
        "What is the capital of France?",
    ]:
        body = {"model": "similar", "messages": [{"role": "user", "content": text}]}
        answer = server.post("/v1/chat/completions", body)
        assert answer.status_code == 200, answer.text
        outcomes.append(answer.headers["x-penstock-cache"])
    assert outcomes == ["miss", "semantic", "miss"]
    body = {
        "model": "similar",
        "messages": [
            {"role": "system", "content": "Answer in French."},
            {"role": "user", "content": "How do I reset my password?"},
        ],
    }
    assert server.post("/v1/chat/completions", body).headers["x-penstock-cache"] == "miss", "another context"
