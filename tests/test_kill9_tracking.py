"""Tracking and registry under kill -9 and under many writers: what was acknowledged is there, numbers agree.

`--kill-rounds N` kills more often than each run does; `PENSTOCK_TEST_SEED` repeats a run."""

import json
import os
import random
import signal
import threading
import time
from urllib.parse import urlencode

import pytest
from harness.wire import RawConnection, post_bytes

SEED = int(os.environ.get("PENSTOCK_TEST_SEED", "1"))
API = "/api/2.0/mlflow/"
CLIENTS = 8
WRITERS = 50
CALLS = 10_000  # of all writers
MODEL = "shared"
AT_MS = 1_600_000_000_000
CONFIG = "version: 1\n{engines}\n"


def get_json(server, path, **query):
    answer = server.get(f"{API}{path}?{urlencode(query, doseq=True)}")
    assert answer.status_code == 200, f"{path} {query}: {answer.status_code} {answer.text}"
    return answer.json()


class Writer:
    """One client with a run of its own and an alias of its own on the shared model.

    `acknowledged` holds what was answered; `pending` the one call that was not, whose effect may be there or
    not."""

    def __init__(self, server, number, experiment, draw):
        self.name = f"w{number}"
        self.experiment = experiment
        self.draw = draw
        self.port = server.port
        self.run = None
        self.steps = {"single": set(), "batch": set()}
        self.runs = []
        self.versions = []
        self.alias = self.tag = None
        self.pending = None
        self.calls = 0
        self.unexpected = []
        self.thread = None

    def _call(self, connection, kind, path, body):
        """The answer, or None where the server is gone. Notes the call while nobody knows how it ends."""
        self.pending = (kind, body)
        status, _, answer = connection.send(post_bytes(API + path, body)).response()
        if status == 0:
            return None
        if status != 200:
            self.unexpected.append((path, body, status, answer[:300]))
            return None
        found = json.loads(answer)
        self.pending = None
        self.calls += 1
        return found

    def _metric(self, connection, step):
        body = {"run_id": self.run, "key": "single", "value": step, "timestamp": AT_MS + step, "step": step}
        if self._call(connection, "single", "runs/log-metric", body) is not None:
            self.steps["single"].add(step)

    def _batch(self, connection, step):
        metrics = [
            {"key": "batch", "value": i, "timestamp": AT_MS + i, "step": i}
            for i in range(step * 10, step * 10 + 10)
        ]
        params = [{"key": f"p{step}", "value": str(step)}]
        body = {"run_id": self.run, "metrics": metrics, "params": params}
        if self._call(connection, "batch", "runs/log-batch", body) is not None:
            self.steps["batch"].add(step)

    def _create_run(self, connection, step):
        body = {
            "experiment_id": self.experiment,
            "start_time": AT_MS + step,
            "run_name": f"{self.name}-{step}",
        }
        if (found := self._call(connection, "run", "runs/create", body)) is not None:
            self.runs.append(found["run"]["info"]["run_id"])

    def _version(self, connection, step):
        body = {"name": MODEL, "source": f"s3://bucket/{self.name}/{step}"}
        if (found := self._call(connection, "version", "model-versions/create", body)) is not None:
            self.versions.append(int(found["model_version"]["version"]))

    def _alias(self, connection, step):
        version = str(self.versions[-1] if self.versions else 1)
        body = {"name": MODEL, "alias": self.name, "version": version}
        if self._call(connection, "alias", "registered-models/alias", body) is not None:
            self.alias = version

    def _tag(self, connection, step):
        body = {"run_id": self.run, "key": "counter", "value": str(step)}
        if self._call(connection, "tag", "runs/set-tag", body) is not None:
            self.tag = str(step)

    def _write(self, calls_max):
        kinds = (
            self._metric,
            self._metric,
            self._batch,
            self._create_run,
            self._version,
            self._alias,
            self._tag,
        )
        try:
            with RawConnection(self.port) as connection:
                self._create_run(connection, 0)
                self.run = self.runs[-1] if self.runs else None
                for step in range(1, calls_max):
                    if self.pending or not self.run:
                        return
                    self.draw.choice(kinds)(connection, step)
        except (OSError, ValueError):
            pass  # the server was killed in the middle of an answer

    def start(self, calls_max):
        self.thread = threading.Thread(target=self._write, args=(calls_max,))
        self.thread.start()

    def maybe(self, kind):
        """The body of the call whose end nobody knows, if it is of this kind."""
        return self.pending[1] if self.pending and self.pending[0] == kind else None


def set_up(server):
    experiment = server.post(API + "experiments/create", {"name": "written"}).json()["experiment_id"]
    assert server.post(API + "registered-models/create", {"name": MODEL}).status_code == 200
    first = server.post(API + "model-versions/create", {"name": MODEL, "source": "s3://bucket/first"})
    assert first.json()["model_version"]["version"] == "1"
    return experiment


def check_run(server, writer):
    """Its history is what was acknowledged, and at most what was under way; its newest values agree."""
    data = get_json(server, "runs/get", run_id=writer.run)["run"]["data"]
    newest = {metric["key"]: metric for metric in data.get("metrics", [])}
    wanted = {
        "single": (writer.steps["single"], {body["step"] for body in [writer.maybe("single")] if body}),
        "batch": (
            {step * 10 + i for step in writer.steps["batch"] for i in range(10)},
            {metric["step"] for body in [writer.maybe("batch")] if body for metric in body["metrics"]},
        ),
    }
    for key, (acknowledged, unknown) in wanted.items():
        history = get_json(server, "metrics/get-history", run_id=writer.run, metric_key=key).get(
            "metrics", []
        )
        steps = [point["step"] for point in history]
        assert len(steps) == len(set(steps)), f"{writer.name}: a point of {key} is stored twice"
        assert acknowledged <= set(steps), f"{writer.name}: lost of {key}: {acknowledged - set(steps)}"
        stored = set(steps) - acknowledged
        assert stored in (set(), unknown), f"{writer.name}: {key} has {stored}, which nobody wrote in whole"
        assert (key in newest) == bool(steps)
        assert not steps or newest[key]["step"] == max(steps), (
            f"{writer.name}: the newest {key} is {newest[key]}"
        )
    params = {param["key"] for param in data.get("params", [])}
    assert {f"p{step}" for step in writer.steps["batch"]} <= params
    tags = {tag["key"]: tag["value"] for tag in data.get("tags", [])}
    maybe = writer.maybe("tag")
    assert tags.get("counter") in {writer.tag, maybe["value"] if maybe else writer.tag}


def check_runs(server, experiment, writers, before):
    """All acknowledged runs are there, and at most those under way besides. Gives how many there are."""
    found, token = [], ""
    while True:
        body = {"experiment_ids": [experiment], "max_results": 1000, "page_token": token}
        page = server.post(API + "runs/search", body).json()
        found += [run["info"]["run_id"] for run in page.get("runs", [])]
        token = page.get("next_page_token")
        if not token:
            break
    acknowledged = {id for writer in writers for id in writer.runs}
    assert len(found) == len(set(found)), "a run comes twice"
    assert acknowledged <= set(found), f"lost runs: {acknowledged - set(found)}"
    unknown = sum(writer.maybe("run") is not None for writer in writers)
    assert before + len(acknowledged) <= len(found) <= before + len(acknowledged) + unknown
    return len(found)


def check_model(server, writers, before):
    """Version numbers are 1, 2, 3 … without a gap, each given once; aliases point where they were set."""
    query = {"filter": f"name = '{MODEL}'", "max_results": 200_000}
    found = sorted(
        int(v["version"]) for v in get_json(server, "model-versions/search", **query)["model_versions"]
    )
    assert found == list(range(1, len(found) + 1)), "numbers have gaps or come twice"
    told = [version for writer in writers for version in writer.versions]
    assert len(told) == len(set(told)), "a number was handed out twice"
    assert set(told) <= set(found), f"lost versions: {set(told) - set(found)}"
    unknown = sum(writer.maybe("version") is not None for writer in writers)
    assert before + len(told) <= len(found) <= before + len(told) + unknown
    model = get_json(server, "registered-models/get", name=MODEL)["registered_model"]
    aliases = {alias["alias"]: alias["version"] for alias in model.get("aliases", [])}
    for writer in writers:
        maybe = writer.maybe("alias")
        allowed = {writer.alias, maybe["version"] if maybe else writer.alias}
        assert aliases.get(writer.name) in allowed, (
            f"{writer.name}: alias {aliases.get(writer.name)} of {allowed}"
        )
    return len(found)


@pytest.mark.timeout(0)
def test_no_acknowledged_write_is_lost_by_kill_9(start_server, request):
    rounds = request.config.getoption("kill_rounds")
    server = start_server(CONFIG)
    experiment = set_up(server)
    draw = random.Random(SEED)
    runs, versions, calls, aliases = 0, 1, 0, {}
    for number in range(rounds):
        writers = [
            Writer(server, i, experiment, random.Random(draw.randrange(1 << 30))) for i in range(CLIENTS)
        ]
        for writer in writers:
            writer.alias = aliases.get(writer.name)
            writer.start(1_000_000)
        time.sleep(draw.uniform(0.05, 0.4))
        os.kill(server.process.pid, signal.SIGKILL)
        server.process.wait()
        for writer in writers:
            writer.thread.join()
        server.start()
        where = f"seed {SEED}, round {number}"
        refused = [writer.unexpected[0] for writer in writers if writer.unexpected]
        assert not refused, f"{where}: {refused[0]}"
        runs = check_runs(server, experiment, writers, runs)
        versions = check_model(server, writers, versions)
        for writer in writers:
            if writer.run:
                check_run(server, writer)
        model = get_json(server, "registered-models/get", name=MODEL)["registered_model"]
        aliases = {alias["alias"]: alias["version"] for alias in model.get("aliases", [])}
        calls += sum(writer.calls for writer in writers)
    assert calls > rounds
    print(f"{rounds} kills: {calls} writes acknowledged, {runs} runs, {versions} versions, none lost")


@pytest.mark.timeout(300)
def test_many_writers_at_once_lose_nothing(start_server):
    server = start_server(CONFIG)
    experiment = set_up(server)
    writers = [Writer(server, i, experiment, random.Random(SEED + i)) for i in range(WRITERS)]
    for writer in writers:
        writer.start(CALLS // WRITERS)
    for writer in writers:
        writer.thread.join()
    refused = [writer.unexpected[0] for writer in writers if writer.unexpected]
    assert not refused, refused[0]
    assert sum(writer.calls for writer in writers) == CALLS
    assert not any(writer.pending for writer in writers)
    check_runs(server, experiment, writers, 0)
    check_model(server, writers, 1)
    for writer in writers:
        check_run(server, writer)
