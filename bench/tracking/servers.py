"""The tracking servers that are measured beside each other, each as its own documentation says to run it."""

import os
import socket
import sqlite3
import sys
import urllib.error
import urllib.request
from pathlib import Path

from measure.programs import ROOT, Program, binary

sys.path.insert(0, str(ROOT / "tools"))
from made_once import python_environment  # noqa: E402

PACKAGES = Path(__file__).resolve().parent / "packages"
ALL_CORES = set(range(os.cpu_count() or 1))
QUIET = {
    "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "true",
}

# The schema of mlflow 3.17.
INSERTS = {
    "runs": "INSERT INTO runs (run_uuid, name, source_type, user_id, status, start_time, lifecycle_stage,"
    " artifact_uri, experiment_id) VALUES (?, ?, 'UNKNOWN', 'bench', 'RUNNING', ?, 'active', ?, ?)",
    "metrics": "INSERT INTO metrics (key, value, timestamp, run_uuid, step, is_nan)"
    " VALUES (?, ?, ?, ?, ?, 0)",
    "latest_metrics": "INSERT INTO latest_metrics (key, value, timestamp, run_uuid, step, is_nan)"
    " VALUES (?, ?, ?, ?, ?, 0)",
    "params": "INSERT INTO params (key, value, run_uuid) VALUES (?, ?, ?)",
    "tags": "INSERT INTO tags (key, value, run_uuid) VALUES (?, ?, ?)",
}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answers(url):
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return answer.status == 200
    except (urllib.error.URLError, OSError):
        return False


class Server:
    """Started in a `with`; `port` then answers."""

    name = ""
    program = None

    def __init__(self, folder):
        self.folder = folder / self.name.replace(" ", "-").replace(",", "")
        self.folder.mkdir()

    @property
    def port(self):
        return self.program.port

    def pss_mb(self):
        """Memory of all its processes, what they share counted once."""
        total = 0
        for pid in self.program.family():
            try:
                lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
            except OSError:
                continue  # it ended meanwhile
            total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
        return total / 1024

    def seed_runs(self, experiment, runs):
        """Puts runs straight into the tables where that is possible; False where they must be asked for."""
        return False

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.program.stop()

    def started(self, command, port, env=None, health="/health"):
        self.program = Program(command, self.folder, ALL_CORES, env=env, port_file=False, port=port)
        self.program.wait_until(lambda: answers(f"http://127.0.0.1:{port}{health}"), 180)


class Penstock(Server):
    name = "Penstock"

    def start(self):
        config = self.folder / "penstock.yaml"
        config.write_text("version: 1\nembedded: false\nlog: { level: warn }\n")
        command = [
            binary(),
            "serve",
            "--data",
            self.folder / "data",
            "--listen",
            "127.0.0.1:0",
            "--config",
            config,
        ]
        self.program = Program(command, self.folder, ALL_CORES).wait_for_port()


class Mlflow(Server):
    name = "mlflow, 1 worker"
    workers = ("--workers", "1")

    @property
    def _rows(self):
        return self.folder / "mlflow.db"

    def start(self):
        python = python_environment("bench-mlflow", PACKAGES / "mlflow.txt")
        port = free_port()
        command = [python.parent / "mlflow", "server", "--host", "127.0.0.1", "--port", port, *self.workers]
        command += ["--backend-store-uri", f"sqlite:///{self._rows}"]
        command += ["--artifacts-destination", self.folder / "artifacts"]
        self.started(command, port, QUIET)

    def seed_runs(self, experiment, runs):
        root = f"mlflow-artifacts:/{experiment}"
        metrics = [(m["key"], m["value"], m["timestamp"], r.id, m["step"]) for r in runs for m in r.metrics]
        rows = {
            "runs": [(r.id, r.name, r.start_ms, f"{root}/{r.id}/artifacts", experiment) for r in runs],
            "metrics": metrics,
            "latest_metrics": metrics,
            "params": [(p["key"], p["value"], r.id) for r in runs for p in r.params],
            "tags": [(t["key"], t["value"], r.id) for r in runs for t in r.tags],
        }
        database = sqlite3.connect(self._rows, timeout=60)
        for table, values in rows.items():
            database.executemany(INSERTS[table], values)
        database.commit()
        database.close()
        return True


class MlflowDefault(Mlflow):
    name = "mlflow, default workers"
    workers = ()


class FastTrackMl(Server):
    name = "FastTrackML"

    def start(self):
        python = python_environment("bench-fasttrackml", PACKAGES / "fasttrackml.txt")
        port = free_port()
        command = [python.parent / "fml", "server", "--listen-address", f"127.0.0.1:{port}"]
        command += ["--database-uri", f"sqlite://{self.folder}/fasttrackml.db", "--log-level", "error"]
        command += ["--default-artifact-root", self.folder / "artifacts"]
        self.started(command, port)


SERVERS = (Penstock, Mlflow, MlflowDefault, FastTrackMl)
