"""What one proxied request costs, in counts that noise cannot move. Raise a limit only with a reason."""

import json
import re
import signal
import subprocess
import time

import pytest
from harness.programs import bench_program, wait_until

REQUESTS = 1000
EVENTS = 8  # of a stream of the shared upstream

# Of the request path: sockets and the loop. What background threads do by the clock is left out.
COUNTED = {
    "read",
    "write",
    "readv",
    "writev",
    "recvmsg",
    "sendmsg",
    "recvfrom",
    "sendto",
    "epoll_wait",
    "epoll_pwait",
}
COUNTED |= {
    "epoll_ctl",
    "pwrite64",
    "pwritev",
    "lseek",
    "mmap",
    "munmap",
    "brk",
    "madvise",
    "openat",
    "close",
}
# Of these one system call is the spend journal's open frame. Since accounting came in, about 45 allocations
# are that frame, the plan of tries, the admission and, in the background, the record read back by the cost
# follower.
SYSTEM_CALLS_MAX = {"whole": 10.2, "stream": 12.5}
ALLOCATIONS_MAX = {"whole": 155.0, "stream": 235.0}


@pytest.fixture(params=["whole", "stream"])
def kind(request):
    return request.param


@pytest.fixture
def load(tmp_path, kind):
    """Sends so many requests on one connection."""
    body = tmp_path / "body.json"
    messages = [{"role": "user", "content": "water " * 100}]
    body.write_text(json.dumps({"model": "gpt-x", "messages": messages, "stream": kind == "stream"}))

    def send(server, requests):
        command = [
            bench_program("load"),
            "--port",
            str(server.port),
            "--body",
            body,
            "--requests",
            str(requests),
        ]
        report = json.loads(subprocess.run(command, capture_output=True, check=True, timeout=100).stdout)
        assert report["errors"] == 0 and report["requests"] == requests, report

    return send


def system_calls(summary):
    """Calls by name from `strace -c`."""
    rows = re.findall(r"^\s*[\d.]+\s+[\d.]+\s+\d+\s+(\d+)\s+(?:\d+\s+)?(\w+)$", summary, re.MULTILINE)
    return {name: int(calls) for calls, name in rows}


def test_system_calls_of_a_request_stay_within_their_limit(start_server, load, kind, tmp_path):
    server = start_server()
    load(server, 50)
    summary = tmp_path / "strace"
    tracer = subprocess.Popen(
        [
            "strace",
            "-f",
            "-c",
            "-U",
            "time-percent,total-time,avg-time,calls,errors,name",
            "-o",
            summary,
            "-p",
            str(server.process.pid),
        ],
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        attached = tracer.stderr.readline()
        if "attached" not in attached:
            pytest.skip(f"strace cannot attach: {attached}")
        load(server, REQUESTS)
    finally:
        tracer.send_signal(signal.SIGINT)
        tracer.wait(20)
    calls = system_calls(summary.read_text())
    counted = sum(count for name, count in calls.items() if name in COUNTED) / REQUESTS
    assert counted > 4, f"nothing was counted: {summary.read_text()}"
    assert counted <= SYSTEM_CALLS_MAX[kind], f"{counted:.1f} a request:\n{summary.read_text()}"


def test_allocations_of_a_request_stay_within_their_limit(start_server, load, kind, tmp_path):
    counter = tmp_path / "allocations"
    preload = {
        "LD_PRELOAD": str(bench_program("libcount_allocations.so")),
        "ALLOCATION_COUNT_FILE": str(counter),
    }
    server = start_server(env=preload)
    wait_until(counter.exists, "the counter")
    load(server, 200)

    def count():
        return int.from_bytes(counter.read_bytes(), "little")

    idle_from, started = count(), time.monotonic()
    time.sleep(0.5)
    per_second = (count() - idle_from) / (time.monotonic() - started)
    before, started = count(), time.monotonic()
    load(server, REQUESTS)
    background = per_second * (time.monotonic() - started)
    per_request = (count() - before - background) / REQUESTS
    assert per_request > 0, "nothing was counted"
    assert per_request <= ALLOCATIONS_MAX[kind], f"{per_request:.1f} allocations a request"
