"""The measurements: each gives a server's figures by name, or None for what it does not serve."""

import os
import time
from dataclasses import dataclass, field

from otlp import export
from wire import Connection, loop, loops, request

API = "/api/2.0/mlflow/"
AT_MS = 1_700_000_000_000
METRICS_PER_RUN = 5
SPAN_BATCH = 100


@dataclass
class Sizes:
    seconds: float = 3
    runs: int = 20_000
    history: int = 10_000
    upload_mb: int = 64
    files: int = 1_000
    traces: int = 1_100
    searches: int = 20


QUICK = Sizes(seconds=0.5, runs=500, history=2_000, upload_mb=4, files=50, traces=120, searches=3)


@dataclass
class Figure:
    """One line of the table for one server."""

    value: float
    cpu_ms: float = 0  # of the server's processes, per call


@dataclass
class Run:
    id: str
    name: str
    start_ms: int
    metrics: list = field(default_factory=list)
    params: list = field(default_factory=list)
    tags: list = field(default_factory=list)


class Lines:
    def __init__(self, server, sizes):
        self.server, self.sizes = server, sizes
        self.connection = Connection(server.port)
        self.experiment = self._experiment("measured")

    def _experiment(self, name):
        return self.connection.json("POST", API + "experiments/create", {"name": name})["experiment_id"]

    def _run(self, experiment=None):
        body = {"experiment_id": experiment or self.experiment, "start_time": AT_MS}
        return self.connection.json("POST", API + "runs/create", body)["run"]["info"]["run_id"]

    def _measured(self, run, per=None):
        """What `run()` gave, and the server's CPU in ms per call of it."""
        before = self.server.program.cpu_us()
        found = run()
        spent = (self.server.program.cpu_us() - before) / 1000
        if found.count == 0 or found.refused > found.count:
            return None, 0
        return found, spent / found.count

    def _p50(self, next_request, seconds=None, calls_max=1_000_000):
        seconds = self.sizes.seconds if seconds is None else seconds
        found, cpu_ms = self._measured(lambda: loop(self.server.port, next_request, seconds, calls_max))
        return found and Figure(found.p50_ms, cpu_ms)

    def idle(self):
        time.sleep(2)
        return {"idle memory, PSS MB": Figure(self.server.pss_mb())}

    def log_batches(self):
        port, seconds = self.server.port, self.sizes.seconds

        def maker(count):
            run = self._run()
            keys = [f"metric {i}" for i in range(count)]

            def batch(number):
                at = AT_MS + number
                metrics = [{"key": k, "value": 0.5, "timestamp": at, "step": number} for k in keys]
                return request("POST", API + "runs/log-batch", {"run_id": run, "metrics": metrics})

            return batch

        figures = {"log-batch of 10, 1 client, p50 ms": self._p50(maker(10))}
        several, cpu_ms = self._measured(lambda: loops(port, [maker(10) for _ in range(8)], seconds))
        figures["log-batch of 10, 8 clients, calls/s"] = several and Figure(several.rate, cpu_ms)
        one, cpu_ms = self._measured(lambda: loop(port, maker(1000), seconds))
        figures["log-batch of 1,000, 1 client, p50 ms"] = one and Figure(one.p50_ms, cpu_ms)
        several, cpu_ms = self._measured(lambda: loops(port, [maker(1000) for _ in range(4)], seconds))
        figures["log-batch of 1,000, 4 clients, metrics/s"] = several and Figure(several.rate * 1000, cpu_ms)
        return figures

    def create_runs(self):
        experiment = self._experiment("created")

        def create(number):
            return request(
                "POST", API + "runs/create", {"experiment_id": experiment, "start_time": AT_MS + number}
            )

        return {"create run, p50 ms": self._p50(create)}

    def _seed(self):
        experiment = self._experiment("searched")
        runs = []
        for number in range(self.sizes.runs):
            run = Run(f"{number + 1:032x}", f"run {number}", AT_MS + number)
            run.metrics = [
                {
                    "key": f"m{i}",
                    "value": (number * 7919 % 10_007) / 10_007 + i,
                    "timestamp": AT_MS,
                    "step": 0,
                }
                for i in range(METRICS_PER_RUN)
            ]
            run.params = [{"key": f"p{i}", "value": str(number % (i + 3))} for i in range(5)]
            run.tags = [{"key": f"t{i}", "value": str(number % (i + 2))} for i in range(2)]
            run.tags.append({"key": "mlflow.runName", "value": run.name})
            runs.append(run)
        if not self.server.seed_runs(int(experiment), runs):
            for run in runs:
                id = self._run(experiment)
                body = {"run_id": id, "metrics": run.metrics, "params": run.params, "tags": run.tags}
                self.connection.json("POST", API + "runs/log-batch", body)
        return experiment

    def search_runs(self):
        experiment = self._seed()
        base = {"experiment_ids": [experiment], "max_results": 1000}
        filtered = {**base, "filter": "metrics.m0 > 0.9 AND params.p1 = '1'", "order_by": ["metrics.m0 DESC"]}
        count = f"{self.sizes.runs:,}"

        def search(body):
            data = request("POST", API + "runs/search", body)
            return self._p50(lambda _: data, seconds=60, calls_max=self.sizes.searches)

        return {
            f"search of {count} runs by metric and param, by metric, p50 ms": search(filtered),
            f"first 1,000 of {count} runs, p50 ms": search(base),
        }

    def history(self):
        run = self._run()
        for start in range(0, self.sizes.history, 1000):
            metrics = [
                {"key": "loss", "value": 1 / (i + 1), "timestamp": AT_MS + i, "step": i}
                for i in range(start, start + 1000)
            ]
            self.connection.json("POST", API + "runs/log-batch", {"run_id": run, "metrics": metrics})
        data = request("GET", f"{API}metrics/get-history?run_id={run}&metric_key=loss&max_results=25000")
        name = f"history of {self.sizes.history:,} points, p50 ms"
        return {name: self._p50(lambda _: data, seconds=60, calls_max=self.sizes.searches)}

    def artifacts(self):
        run = self._run()
        root = f"/api/2.0/mlflow-artifacts/artifacts/{self.experiment}/{run}/artifacts"
        big = os.urandom(1 << 20) * self.sizes.upload_mb

        def upload(number):
            return request("PUT", f"{root}/big{number}.bin", big, ("Content-Type: application/octet-stream",))

        def small(number):
            return request(
                "PUT",
                f"{root}/small/{number}.bin",
                os.urandom(1024),
                ("Content-Type: application/octet-stream",),
            )

        port = self.server.port
        one, cpu_ms = self._measured(lambda: loop(port, upload, 60, 5))
        many, small_cpu_ms = self._measured(lambda: loop(port, small, 60, self.sizes.files))
        return {
            f"upload of {self.sizes.upload_mb} MB, MB/s": one
            and Figure(self.sizes.upload_mb * 1000 / one.p50_ms, cpu_ms),
            f"{self.sizes.files:,} files of 1 KB, files/s": many and Figure(many.rate, small_cpu_ms),
        }

    def traces(self):
        experiment = self._experiment("traced")
        head = ("Content-Type: application/x-protobuf", f"x-mlflow-experiment-id: {experiment}")
        kinds = ["CHAIN", "RETRIEVER", "LLM", "TOOL", "PARSER"]

        def spans(number, of=kinds):
            traces = [of] * (SPAN_BATCH // len(of))
            return request("POST", "/v1/traces", export(traces, (AT_MS + number) * 1_000_000), head)

        sent, cpu_ms = self._measured(lambda: loop(self.server.port, spans, self.sizes.seconds))
        figures = {"OTLP in batches of 100, spans/s": sent and Figure(sent.rate * SPAN_BATCH, cpu_ms)}
        experiment = self._experiment("trace search")
        head = ("Content-Type: application/x-protobuf", f"x-mlflow-experiment-id: {experiment}")
        for start in range(0, self.sizes.traces, 20):
            of = kinds if start % 100 else ["AGENT", *kinds[1:]]
            data = request("POST", "/v1/traces", export([of] * 20, (AT_MS + start) * 1_000_000), head)
            if self.connection.ask(data)[0] != 200:
                return figures
        where = [{"type": "MLFLOW_EXPERIMENT", "mlflow_experiment": {"experiment_id": experiment}}]
        body = {"locations": where, "filter": "span.type = 'AGENT'", "max_results": 100}
        data = request("POST", "/api/3.0/mlflow/traces/search", body)
        name = f"search of {self.sizes.traces:,} traces by span type, p50 ms"
        figures[name] = self._p50(lambda _: data, seconds=60, calls_max=self.sizes.searches)
        return figures

    def all(self):
        """Every line's figures, in the table's order."""
        figures = {}
        for line in (
            self.idle,
            self.log_batches,
            self.create_runs,
            self.search_runs,
            self.history,
            self.artifacts,
            self.traces,
        ):
            figures |= line()
        return figures
