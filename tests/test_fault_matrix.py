"""Every fault, whole and as a stream, at both doors, before upstreams of both protocols, alone and backed up.

The promise: before the first word has left, any failure moves on to what stands behind, or becomes an
explicit error where nothing does; after it, the client sees an error and never a clean end; and the record
tells every attempt. All cases are asked once, side by side; each test then looks at one.
"""

import itertools
from concurrent.futures import ThreadPoolExecutor

import pytest
from harness.clients import ANSWER
from harness.doors import ask
from harness.programs import wait_until
from harness.server import NO_ENGINES, Penstock
from harness.upstream import MockUpstream

# What happens with a stream, and with a whole answer:
#   before   it fails before the first word
#   after    it fails behind words that have left already
#   right    the answer is right all the same
#   refuses  the upstream has read and refused it, which another upstream would too
#   either   right, or as in `before`
FAULTS = {
    "silent": ("before", "before"),
    "slow-headers-3000": ("before", "before"),
    "reset": ("before", "before"),
    "reset-head": ("before", "before"),
    "reset-3": ("after", "before"),
    "cut-0": ("before", "before"),
    "cut-3": ("after", "before"),
    "stall-0": ("before", "before"),
    "stall-3": ("after", "before"),
    "drip": ("right", "right"),
    "malformed-0": ("before", "before"),
    "malformed-3": ("after", "before"),
    "truncated-0": ("before", "before"),
    "truncated-3": ("after", "before"),
    "200-error": ("before", "before"),
    "error-event-0": ("before", "before"),
    "error-event-3": ("after", "before"),
    "html": ("before", "before"),
    "content-type": ("either", "either"),
    "empty": ("before", "before"),
    "no-done-0": ("before", "before"),
    "no-done-3": ("after", "before"),
    "no-usage": ("right", "right"),
    "429+retry-none": ("before", "before"),
    "500": ("before", "before"),
    "503+retry-none": ("before", "before"),
    "529": ("before", "before"),
    "401": ("before", "before"),
    "402": ("before", "before"),
    "403": ("before", "before"),
    "quota": ("before", "before"),
    "400": ("refuses", "refuses"),
    "422": ("refuses", "refuses"),
    "context-window": ("before", "before"),
    "content-policy": ("before", "before"),
}
# Upstreams that are not there at all.
ABSENT = {
    "nobody": "http://127.0.0.1:1/v1",
    "no-such-host": "http://no-such-host.invalid:80/v1",
    "not-tls": "https://127.0.0.1:{port}/v1",
}
BACKINGS = ("alone", "second", "fallback")  # nothing, a second target, another route
# The status of the explicit error, where the gateway's own choice is not free.
STATUS = {
    "silent": {504},
    "slow-headers-3000": {504},
    "stall-0": {504},
    "context-window": {400},
    "content-policy": {400},
}
CASES = list(
    itertools.product(
        [*FAULTS, *ABSENT], ("openai", "anthropic"), ("chat", "messages"), BACKINGS, (False, True)
    )
)
THREADS = 24

pytestmark = pytest.mark.timeout(600)  # of the first test, which asks for all of them


def route_of(fault, protocol, backing):
    return f"{backing}-{protocol}-{fault}"


def configuration(port):
    """Each fault has a provider of its own, so that what is learnt of one (breaker, keys) stays there."""
    address = f"http://127.0.0.1:{port}/v1"
    providers = [f'  good: {{ type: openai, base_url: "{address}" }}']
    models = ["  good: { targets: [{ provider: good, model: gpt-x }] }"]
    limits = "timeouts: { connect_ms: 1000, ttft_ms: 800, idle_ms: 800, total_ms: 15000 }"
    retry = "retry: { attempts: 1 }"
    for fault, protocol, backing in itertools.product([*FAULTS, *ABSENT], ("openai", "anthropic"), BACKINGS):
        name = route_of(fault, protocol, backing)
        base_url = ABSENT.get(fault, address).format(port=port)
        providers.append(f'  "{name}": {{ type: {protocol}, base_url: "{base_url}" }}')
        targets = [f'{{ id: faulty, provider: "{name}", model: "fault-{fault}" }}']
        more = ""
        if backing == "second":
            targets.append("{ id: good, provider: good, model: gpt-x }")
        if backing != "alone":
            more = "fallback: { default: [good], context_window: [good], content_policy: [good] }, "
        if backing == "second":
            more = more.replace("default: [good], ", "")
        models.append(
            f'  "{name}": {{ strategy: priority, targets: [{", ".join(targets)}], {more}{limits}, {retry} }}'
        )
    return "\n".join(["version: 1", NO_ENGINES, "providers:", *providers, "models:", *models, ""])


@pytest.fixture(scope="module")
def matrix(tmp_path_factory):
    """(outcome, record, what the upstream saw of it) of each case."""
    folder = tmp_path_factory.mktemp("matrix")
    with MockUpstream(folder, arguments=["--events", "8"]) as upstream:
        with Penstock(folder, configuration(upstream.port)) as server:

            def run(case):
                fault, protocol, door, backing, stream = case
                return ask(server.port, door, route_of(fault, protocol, backing), stream, timeout=60)

            def records():
                written = {record["id"]: record for record in server.records()}
                return written if all(o.request_id in written for o in outcomes.values()) else None

            with ThreadPoolExecutor(THREADS) as pool:
                outcomes = dict(zip(CASES, pool.map(run, CASES)))
            recorded = wait_until(records, "a record of each case", 60, every=0.5)
            seen = {}
            for request in upstream.ledger(bodies=False)["requests"]:
                seen.setdefault(request["request_id"], []).append(request)
            yield {
                case: (outcome, recorded[outcome.request_id], seen.get(outcome.request_id, []))
                for case, outcome in outcomes.items()
            }


def expected(fault, stream):
    return FAULTS[fault][0 if stream else 1] if fault in FAULTS else "before"


def check_right(outcome, record, tries_min, tries_max):
    assert outcome.status == 200, outcome.body
    assert outcome.text == ANSWER and outcome.error is None
    assert outcome.ended and outcome.finish in ("stop", "end_turn")
    assert record["status"] == 200 and record["error"] is None
    tokens = record["tokens"]
    assert tokens["output"] == 8 if tokens["source"] == "provider" else tokens["output"] > 0
    attempts = record["attempts"]
    assert tries_min <= len(attempts) <= tries_max, attempts
    assert not attempts[-1].get("error") and attempts[-1]["status"] == 200
    assert all(attempt["error"] for attempt in attempts[:-1])


def check_refused(fault, outcome, record):
    """An explicit error before anything was sent."""
    assert outcome.status >= 400, (outcome.status, outcome.body)
    assert outcome.status in STATUS.get(fault, {outcome.status})
    assert outcome.error["message"] and not outcome.text
    assert outcome.status not in (401, 403), "the gateway's credentials are not the client's"
    assert record["status"] == outcome.status and record["error"]["code"]
    assert record["attempts"] and all(attempt["error"] for attempt in record["attempts"])


def check_broken(outcome, record):
    """An explicit error behind words that had left."""
    assert outcome.status == 200
    assert outcome.text and ANSWER.startswith(outcome.text)
    assert outcome.error and outcome.error["message"], outcome.body
    assert not outcome.ended
    assert record["error"]["code"] and not record["finish_reason"]
    assert record["tokens"]["output"] >= len(outcome.text.split())
    assert record["attempts"][-1]["error"]


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize("backing", BACKINGS)
@pytest.mark.parametrize("door", ["chat", "messages"])
@pytest.mark.parametrize("protocol", ["openai", "anthropic"])
@pytest.mark.parametrize("fault", [*FAULTS, *ABSENT])
def test_fault(matrix, fault, protocol, door, backing, stream):
    outcome, record, seen = matrix[fault, protocol, door, backing, stream]
    assert outcome.status != 0, "the connection ended without an answer"
    what = expected(fault, stream)
    if what == "either":
        what = "before" if outcome.status != 200 or len(record["attempts"]) > 1 else "right"
    if what == "right":
        check_right(outcome, record, 1, 1)
    elif what == "after":
        check_broken(outcome, record)
    elif what == "refuses":
        check_refused(fault, outcome, record)
        assert outcome.status in (400, 422) and len(record["attempts"]) == 1
    elif backing == "alone":
        check_refused(fault, outcome, record)
    else:
        check_right(outcome, record, 2, 2)
        assert record["upstream"] == "good" and record["attempts"][0]["upstream"] != "good"
    arrived = len(record["attempts"]) - (fault in ABSENT)
    # A reset of a pooled connection looks as if it had been closed before the request came: sent again.
    assert len(seen) == arrived or (fault == "reset" and len(seen) == arrived + 1), "attempts, arrivals"


def test_a_storm_of_429_is_weathered_by_retries_that_heed_what_the_upstream_says(
    start_upstream, start_server
):
    upstream = start_upstream("--events", "8")
    server = start_server(f"""
version: 1
providers: {{{{ mock: {{{{ type: openai, base_url: "http://127.0.0.1:{upstream.port}/v1" }}}} }}}}
{{engines}}
models:
  "fault-*":
    targets: [{{{{ provider: mock }}}}]
    retry: {{{{ attempts: 4, backoff_ms: [1, 20] }}}}
    breaker: {{{{ trip: {{{{ min: 1000 }}}} }}}}
""")
    for number, fault in enumerate(
        ["429-2+retry-ms-30", "503-2+retry-ms-30", "500-2", "cut-0+first-2", "200-error+first-1"]
    ):
        for stream in (False, True):
            model = f"fault-{fault}+case-{number}{stream}"
            outcome = ask(server.port, "chat", model, stream)
            assert (outcome.status, outcome.text, outcome.ended) == (200, ANSWER, True), (model, outcome.body)
            record = server.record_when_written(outcome.request_id)
            assert len(record["attempts"]) == (2 if "first-1" in model else 3)


def test_a_refused_key_gives_way_to_the_next_one(start_upstream, start_server):
    """The mock tells keys apart by their text: what it refuses is up to the model of the target."""
    upstream = start_upstream("--events", "8", "--refuse-key", "bad-key")
    server = start_server(
        f"""
version: 1
providers:
  mock:
    type: openai
    base_url: "http://127.0.0.1:{upstream.port}/v1"
    keys: [{{{{ env: BAD_KEY, weight: 1 }}}}, {{{{ env: GOOD_KEY, weight: 1 }}}}]
{{engines}}
models: {{{{ "gpt-*": {{{{ targets: [{{{{ provider: mock }}}}] }}}} }}}}
""",
        env={"BAD_KEY": "bad-key", "GOOD_KEY": "good-key"},
    )
    outcomes = [ask(server.port, "chat", "gpt-x", stream) for stream in (False, True) * 10]
    assert {(o.status, o.text) for o in outcomes} == {(200, ANSWER)}
    keys = [request["authorization"] for request in upstream.ledger()["requests"]]
    assert "Bearer bad-key" in keys and keys.count("Bearer good-key") == 20


def test_exhausted_retries_tell_the_client_not_to_retry(start_server):
    server = start_server("""
version: 1
providers: {{ mock: {{ type: openai, base_url: "http://127.0.0.1:{upstream}/v1" }} }}
{engines}
models:
  "fault-*": {{ targets: [{{ provider: mock }}], retry: {{ attempts: 2, on: [5xx], backoff_ms: [1, 2] }} }}
""")
    outcome = ask(server.port, "chat", "fault-500")
    assert outcome.status >= 500 and outcome.headers.get("x-should-retry") == "false"


def test_the_slowest_stream_has_one_deadline_however_many_targets_there_are(start_server):
    server = start_server("""
version: 1
providers: {{ mock: {{ type: openai, base_url: "http://127.0.0.1:{upstream}/v1" }} }}
{engines}
models:
  slow:
    strategy: priority
    targets: [{{ provider: mock, model: fault-silent }}, {{ provider: mock, model: fault-silent+second }}]
    timeouts: {{ ttft_ms: 60000, total_ms: 700 }}
    retry: {{ attempts: 5, backoff_ms: [1, 2] }}
""")
    outcome = ask(server.port, "chat", "slow", timeout=30)
    assert outcome.status == 504
    record = server.record_when_written(outcome.request_id)
    assert record["ended_at_us"] - record["started_at_us"] < 10_000_000


def test_a_stream_below_the_demanded_rate_is_given_up(start_upstream, start_server):
    upstream = start_upstream("--events", "400", "--pace-ms", "900")
    server = start_server(f"""
version: 1
providers: {{{{ mock: {{{{ type: openai, base_url: "http://127.0.0.1:{upstream.port}/v1" }}}} }}}}
{{engines}}
models:
  "gpt-*":
    targets: [{{{{ provider: mock }}}}]
    timeouts: {{{{ min_tokens_per_s: 5, idle_ms: 20000 }}}}
""")
    outcome = ask(server.port, "chat", "gpt-x", stream=True, timeout=60)
    assert outcome.error and not outcome.ended


def test_a_failing_target_is_left_alone_and_probed_again(start_upstream, start_server):
    """The breaker: after so many failures no request goes there; once it answers, its traffic is back."""
    upstream = start_upstream("--events", "8")
    server = start_server(f"""
version: 1
providers: {{{{ mock: {{{{ type: openai, base_url: "http://127.0.0.1:{upstream.port}/v1" }}}} }}}}
{{engines}}
models:
  guarded:
    strategy: priority
    targets:
      - {{{{ id: weak, provider: mock, model: "fault-500-20+breaker" }}}}
      - {{{{ id: strong, provider: mock, model: gpt-x }}}}
    retry: {{{{ attempts: 1 }}}}
    breaker: {{{{ window_s: 30, trip: {{{{ error_rate: 0.5, min: 5 }}}}, cooldown_s: [1, 2], probe: 1 }}}}
""")
    for _ in range(40):
        assert ask(server.port, "chat", "guarded").text == ANSWER
    weak = [r for r in upstream.ledger(bodies=False)["requests"] if r["model"].startswith("fault-500")]
    assert 5 <= len(weak) < 20

    def answered_by_the_weak_one():
        outcome = ask(server.port, "chat", "guarded")
        assert outcome.text == ANSWER
        return server.record_when_written(outcome.request_id)["target"] == "weak"

    wait_until(answered_by_the_weak_one, "the probed target answers again", 60)
