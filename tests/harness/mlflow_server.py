"""A real `mlflow server`, for comparison: one worker, a SQLite file, artifacts through the server."""

import socket
from pathlib import Path

import httpx

from .programs import Program

START_S_MAX = 180  # it imports for seconds, twice, and makes its tables


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class MlflowServer(Program):
    start_s_max = START_S_MAX

    def __init__(self, folder, python, name="mlflow"):
        quiet = {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false", "MLFLOW_DISABLE_TELEMETRY": "true"}
        super().__init__([], folder, name, env=quiet)
        self._listen = free_port()
        files = folder / f"{name}-files"
        files.mkdir(parents=True, exist_ok=True)
        self.command = [
            str(Path(python).parent / "mlflow"),
            "server",
            "--workers",
            "1",
            "--host",
            "127.0.0.1",
        ]
        self.command += ["--port", str(self._listen), "--backend-store-uri", f"sqlite:///{files}/mlflow.db"]
        self.command += ["--artifacts-destination", str(files / "artifacts")]

    @property
    def url(self):
        return f"http://127.0.0.1:{self._listen}"

    def _port(self):
        code = self.process.poll()
        assert code is None, f"mlflow server ended with {code}:\n{self.log()[-4000:]}"
        try:
            return httpx.get(self.url + "/health", timeout=5).status_code == 200 and self._listen
        except httpx.HTTPError:
            return None
