"""What runs logged and was acknowledged survives kill -9, whole: many writers at once, over many rounds."""

import os
import random
import signal
import threading
import time

import httpx
import pytest

WRITERS = 8
SEED = int(os.environ.get("PENSTOCK_TEST_SEED", "1"))
API = "/api/2.0/mlflow/"


class Writers:
    """Log batches until the server is gone, and note the number of each that was acknowledged."""

    def __init__(self, url, runs, first):
        self.acknowledged = []
        self.unexpected = []
        self.numbers = iter(range(first, first + 1_000_000))
        self.lock = threading.Lock()
        self.next = first
        of = [runs[i % len(runs)] for i in range(WRITERS)]
        self.threads = [threading.Thread(target=self._write, args=(url, run)) for run in of]
        for thread in self.threads:
            thread.start()

    def _write(self, url, run):
        with httpx.Client(base_url=url, timeout=30) as client:
            while True:
                with self.lock:
                    number = self.next = next(self.numbers)
                body = {
                    "run_id": run,
                    "metrics": [
                        {"key": "a", "value": number, "timestamp": number, "step": number},
                        {"key": "b", "value": -number, "timestamp": number, "step": number},
                    ],
                    "params": [{"key": f"p{number}", "value": str(number)}],
                }
                try:
                    answer = client.post(API + "runs/log-batch", json=body)
                except httpx.TransportError:
                    return  # the server was killed
                if answer.status_code == 200:
                    with self.lock:
                        self.acknowledged.append((run, number))
                else:
                    self.unexpected.append(answer.text)

    def join(self):
        for thread in self.threads:
            thread.join()


def history(server, run, key):
    page = server.get(API + "metrics/get-history", params={"run_id": run, "metric_key": key})
    assert page.status_code == 200, page.text
    return [int(point["value"]) for point in page.json().get("metrics", [])]


@pytest.mark.timeout(240)
def test_acknowledged_batches_survive_whole(start_server, request):
    draw = random.Random(SEED)
    server = start_server()
    runs = [server.post(API + "runs/create", {}).json()["run"]["info"]["run_id"] for _ in range(3)]
    acknowledged, first = [], 1
    for number in range(request.config.getoption("--kill-rounds")):
        writers = Writers(server.url, runs, first)
        time.sleep(draw.uniform(0.1, 0.6))
        os.kill(server.process.pid, signal.SIGKILL)
        server.process.wait()
        writers.join()
        assert not writers.unexpected, f"seed {SEED}, round {number}: {writers.unexpected[0]}"
        acknowledged += writers.acknowledged
        first = writers.next + 1
        server.start()
    for run in runs:
        a, b = history(server, run, "a"), history(server, run, "b")
        assert len(set(a)) == len(a), "a batch stands there twice"
        assert sorted(a) == sorted(-value for value in b), "a batch stands there in part"
        missing = {number for of, number in acknowledged if of == run} - set(a)
        assert not missing, f"seed {SEED}: {len(missing)} acknowledged batches are lost"
        data = server.get(API + "runs/get", params={"run_id": run}).json()["run"]["data"]
        assert {int(p["value"]) for p in data["params"]} == set(a)
        latest = {metric["key"]: metric["value"] for metric in data["metrics"]}
        assert latest == {"a": max(a), "b": -max(a)}
    assert acknowledged


def test_concurrent_writers_of_one_run_agree(server):
    """Everybody's metric, param and tag is there, and the latest value is the greatest step's."""
    run = server.post(API + "runs/create", {}).json()["run"]["info"]["run_id"]
    failures = []

    def write(writer):
        with httpx.Client(base_url=server.url, timeout=60) as client:
            for i in range(100):
                step = i * WRITERS + writer
                point = {"key": "shared", "value": step, "timestamp": 0, "step": step}
                batch = {"run_id": run, "metrics": [point], "tags": [{"key": f"t{writer}", "value": str(i)}]}
                answer = client.post(API + "runs/log-batch", json=batch)
                param = {"run_id": run, "key": "same", "value": "1"}
                same = client.post(API + "runs/log-parameter", json=param)
                failures.extend(a.text for a in (answer, same) if a.status_code != 200)

    threads = [threading.Thread(target=write, args=(writer,)) for writer in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures, failures[0]
    assert history(server, run, "shared") == list(range(100 * WRITERS))
    data = server.get(API + "runs/get", params={"run_id": run}).json()["run"]["data"]
    assert data["metrics"][0]["value"] == 100 * WRITERS - 1
    assert {t["key"]: t["value"] for t in data["tags"] if t["key"].startswith("t")} == {
        f"t{writer}": "99" for writer in range(WRITERS)
    }
