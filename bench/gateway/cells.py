"""The measurements, a function for each table: its text, and the figures that verdicts are made of."""

import contextlib
import http.client
import json
import math
import statistics
import subprocess
import threading
import time

from measure.page import spread, table
from measure.programs import Program, bench_program, load, load_command, on_cores
from peers import Direct, Nginx, Penstock, PenstockWithoutBodies
from work import EVENTS, KEY, MODELS, PACE_MS

GATEWAY_CORES, LOAD_CORES = {0}, {1}
TAIL_US_MAX = 5_000  # of a rate that counts as borne
FRONTIER_STEPS = 7
STREAMS_OPEN = 10_000
STREAM_PACE_MS = 2_000
FAST = (Penstock, PenstockWithoutBodies, Nginx)  # the others would not live through what these are asked


class Bench:
    """A folder, the bodies in it, and the options of the command line."""

    def __init__(self, folder, bodies, options):
        self.folder, self.bodies, self.options = folder, bodies, options

    def upstream(self, pace_ms=0, events=EVENTS):
        command = [bench_program("mock_upstream"), "--no-ledger", "--pace-ms", pace_ms, "--events", events]
        return Program(command, self.folder, LOAD_CORES).wait_for_port()

    @contextlib.contextmanager
    def each(self, kinds, **upstream):
        """(upstream, a gateway of each of these kinds in front of it), all running."""
        with contextlib.ExitStack() as stack:
            source = stack.enter_context(self.upstream(**upstream))
            yield source, [stack.enter_context(k().start(self.folder, source, GATEWAY_CORES)) for k in kinds]

    def measure(self, peer, upstream, kind, **options):
        """One report, with the gateway's CPU."""
        before = peer.program.cpu_us() if peer.program else 0
        settings = {"seconds": self.options.seconds, "warm_up_s": 0, "headers": peer.headers, **options}
        report = load(peer.port(upstream), self.bodies[kind], LOAD_CORES, **settings)
        report["cpu_us"] = (peer.program.cpu_us() if peer.program else 0) - before
        return report

    def rounds(self, peers, upstream, kind, options_of):
        """Reports of each, interleaved so that a disturbance meets all. `options_of(peer)`: its load."""
        for peer in peers:
            self.measure(
                peer, upstream, kind, **{**options_of(peer), "seconds": 1}
            )  # warms connections and caches
        reports = {peer.name: [] for peer in peers}
        for _ in range(self.options.rounds):
            for peer in peers:
                report = self.measure(peer, upstream, kind, **options_of(peer))
                if report["errors"]:
                    raise SystemExit(f"{kind} by {peer.name}: {report['first_error']}")
                reports[peer.name].append(report)
        return reports


def whole_cpu(bench):
    """CPU per request that is not a stream, at a rate that each bears easily."""
    with bench.each([Direct, *bench.options.kinds]) as (upstream, peers):
        found = bench.rounds(
            peers,
            upstream,
            "whole",
            lambda peer: {"connections": 64, "rate": peer.rate * bench.options.scale},
        )
    rows, cpu = [], {}
    for name, reports in found.items():
        costs = [r["cpu_us"] / r["requests"] for r in reports]
        if any(costs):
            cpu[name] = statistics.median(costs)
        rate = spread([r["requests_per_s"] for r in reports])
        tails = [spread([r["latency_us"][p] for r in reports]) for p in ("p50", "p99")]
        rows.append([name, rate, spread(costs, 1) if any(costs) else "–", *tails])
    head = ["whole answers, open loop", "requests/s", "CPU µs/request", "p50 µs", "p99 µs"]
    return table(head, rows), {"whole_cpu_us": cpu}


def frontier_of(bench, peer, upstream, kind, most):
    """The highest rate up to `most` that is borne: p99 below TAIL_US_MAX, no error, nothing left behind."""
    low, high = 0.0, float(most)
    for _ in range(FRONTIER_STEPS):
        rate = math.floor((low + high) / 2)
        report = bench.measure(peer, upstream, kind, connections=256, rate=rate, warm_up_s=1)
        kept_up = report["requests_per_s"] > 0.98 * rate
        borne = kept_up and not report["errors"] and report["latency_us"]["p99"] <= TAIL_US_MAX
        low, high = (rate, high) if borne else (low, rate)
    return low


def frontier(bench):
    """Requests per second of one core whose p99 stays below 5 ms, in an open loop."""
    rows, best = [], {}
    with bench.each([Direct, *bench.options.kinds]) as (upstream, peers):
        for peer in peers:
            most = 60_000 if type(peer) in (Direct, *FAST) else peer.rate * 20
            rates = [frontier_of(bench, peer, upstream, "whole", most) for _ in range(bench.options.rounds)]
            best[peer.name] = statistics.median(rates)
            rows.append([peer.name, spread(rates)])
    return table(["open loop, one core", "requests/s at p99 ≤ 5 ms, no error"], rows), {"frontier": best}


def added_latency(bench):
    """What a single client waits longer than without a gateway, paired round by round."""
    with bench.each([Direct, *bench.options.kinds]) as (upstream, peers):
        found = bench.rounds(peers, upstream, "whole", lambda peer: {"connections": 1})
    direct, rows, added_by = found["direct"], [], {}
    for name, reports in found.items():
        plain = [[r["latency_us"][p] for r in reports] for p in ("p50", "p99")]
        if reports is direct:
            rows.append([name, *map(spread, plain), "–", "–"])
            continue
        added = [
            [r["latency_us"][p] - d["latency_us"][p] for r, d in zip(reports, direct)] for p in ("p50", "p99")
        ]
        added_by[name] = tuple(map(statistics.median, added))
        rows.append([name, *map(spread, plain), *map(spread, added)])
    head = ["one connection", "p50 µs", "p99 µs", "added p50 µs", "added p99 µs"]
    return table(head, rows), {"added_us": added_by}


def event_cpu(bench):
    """CPU per event of paced streams, and how long an event is under way."""
    with bench.each([Direct, *bench.options.kinds], pace_ms=PACE_MS) as (upstream, peers):
        found = bench.rounds(peers, upstream, "stream", lambda peer: {"connections": peer.streams})
    rows, cpu = [], {}
    for name, reports in found.items():
        costs = [r["cpu_us"] / r["events"] for r in reports]
        if any(costs):
            cpu[name] = statistics.median(costs)
        rate = spread([r["events"] / r["seconds"] for r in reports])
        delays = [
            spread([r["event_delay_us"][p] for r in reports]) if "event_delay_us" in reports[0] else "–"
            for p in ("p50", "p99")
        ]
        rows.append([name, rate, spread(costs, 1) if any(costs) else "–", *delays])
    head = [f"streams, an event each {PACE_MS} ms", "events/s", "CPU µs/event", "delay p50 µs", "p99 µs"]
    return table(head, rows), {"event_cpu_us": cpu}


def busy_events(bench):
    """CPU per event where the upstream sends as fast as it can: many events at a time."""
    kinds = [kind for kind in bench.options.kinds if kind in FAST]
    with bench.each([Direct, *kinds]) as (upstream, peers):
        found = bench.rounds(peers, upstream, "stream", lambda peer: {"connections": 64})
    rows = []
    for name, reports in found.items():
        costs = [r["cpu_us"] / r["events"] for r in reports]
        rate = spread([r["events"] / r["seconds"] for r in reports])
        rows.append([name, rate, spread(costs, 1) if any(costs) else "–"])
    return table([f"64 streams of {EVENTS} events at once", "events/s", "CPU µs/event"], rows), {}


def memory(bench):
    """Resident memory idle, and with thousands of streams open that say something every other second."""
    rows, found = [], {}
    for kind in bench.options.kinds:
        with bench.each([kind], pace_ms=STREAM_PACE_MS) as (upstream, peers):
            for peer in peers:
                time.sleep(1)
                idle = peer.program.rss_mb()
                busy = rss_with_streams(bench, peer, upstream) if kind in FAST else None
                found[peer.name] = (idle, busy)
                rows.append([peer.name, f"{idle:.0f}", f"{busy:.0f}" if busy else "–"])
    head = ["resident memory, MB", "idle", f"{bench.options.streams_open:,} open streams"]
    return table(head, rows), {"rss_mb": found}


def rss_with_streams(bench, peer, upstream):
    """Measured while the streams are open; load keeps each of them busy for the whole time."""
    seconds = max(6, bench.options.seconds * 2)
    command = load_command(
        peer.port(upstream),
        bench.bodies["open"],
        connections=bench.options.streams_open,
        seconds=seconds,
        warm_up_s=0,
        headers=peer.headers,
    )
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, preexec_fn=on_cores(LOAD_CORES))
    highest = 0
    while child.poll() is None:
        highest = max(highest, peer.program.rss_mb())
        time.sleep(0.25)
    report = json.loads(child.stdout.read())
    if report["errors"] or report["events"] < bench.options.streams_open:
        raise SystemExit(f"{peer.name}: {report}")
    return highest


def big_prompts(bench):
    """Requests of 300 KB: what a core bears, by its CPU."""
    with bench.each([Direct, *bench.options.kinds]) as (upstream, peers):
        found = bench.rounds(
            peers, upstream, "big", lambda peer: {"connections": 8 if type(peer) in (Direct, *FAST) else 2}
        )
    rows, per_core = [], {}
    for name, reports in found.items():
        costs = [r["cpu_us"] / r["requests"] for r in reports]
        rate = spread([r["requests_per_s"] for r in reports])
        if any(costs):
            per_core[name] = 1e6 / statistics.median(costs)
        core = f"{per_core[name]:,.0f}" if name in per_core else "–"
        rows.append([name, rate, spread(costs) if any(costs) else "–", core])
    head = ["300 KB prompts, 8 clients", "requests/s", "CPU µs/request", "requests per core second"]
    return table(head, rows), {"big_per_core": per_core}


class Prober(threading.Thread):
    """Asks one question after the other and notes when the model that answers changed."""

    def __init__(self, port, model):
        super().__init__()
        self.port, self.model, self.changed_at, self.failed = port, model, None, 0
        self.ended = threading.Event()

    def run(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        body = json.dumps(
            {"model": "gpt-x", "max_tokens": 1, "messages": [{"role": "user", "content": "Hi"}]}
        )
        headers = {"authorization": f"Bearer {KEY}", "content-type": "application/json"}
        while not self.ended.is_set():
            connection.request("POST", "/v1/chat/completions", body, headers)
            answer = connection.getresponse()
            text = answer.read()
            self.failed += answer.status != 200
            if answer.status == 200 and json.loads(text)["model"] == self.model and not self.changed_at:
                self.changed_at = time.monotonic()
            time.sleep(0.002)


def reload(bench):
    """Configuration written anew under load: what fails, and how soon it is in effect."""
    if Penstock not in bench.options.kinds:
        return "", {}
    effects, failed, asked = [], 0, 0
    with bench.each([Penstock]) as (upstream, (peer,)):
        for number in range(bench.options.rounds):
            options = {"connections": 64, "seconds": 4, "warm_up_s": 0, "rate": 3000 * bench.options.scale}
            command = load_command(
                peer.port(upstream), bench.bodies["whole"], headers=peer.headers, **options
            )
            child = subprocess.Popen(
                command, stdout=subprocess.PIPE, text=True, preexec_fn=on_cores(LOAD_CORES)
            )
            time.sleep(1.5)
            model = MODELS[(number + 1) % len(MODELS)]
            prober = Prober(peer.port(upstream), model)
            prober.start()
            began = time.monotonic()
            peer.write_config(upstream, model)
            report = json.loads(child.communicate(timeout=60)[0])
            prober.ended.set()
            prober.join()
            failed += report["errors"] + prober.failed
            asked += report["requests"]
            if prober.changed_at is None:
                raise SystemExit(
                    f"the new configuration had no effect: {peer.program.log.read_text()[-1000:]}"
                )
            effects.append((prober.changed_at - began) * 1000)
    rows = [["Penstock", f"{asked:,}", failed, spread(effects)]]
    head = ["reload under load", "requests", "failed", "ms to effect"]
    return table(head, rows), {"reload": (failed, statistics.median(effects))}


CELLS = {
    "cpu": whole_cpu,
    "frontier": frontier,
    "latency": added_latency,
    "events": event_cpu,
    "busy": busy_events,
    "memory": memory,
    "big": big_prompts,
    "reload": reload,
}
