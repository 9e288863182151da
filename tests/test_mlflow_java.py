"""MLflow's Java client: java/, compiled by tests/setup."""

import os
import subprocess
from pathlib import Path


def test_java(clients, start_server, tmp_path):
    server = start_server("version: 1\n{engines}\n")
    # For files this client runs Python's MLflow, which it finds in the path.
    path = f"{Path(clients['python_mlflow']).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        ["java", "-Xmx256m", "-cp", clients["java_classes"], "MlflowClientTest"],
        cwd=tmp_path,
        env={**os.environ, "PATH": path, "PENSTOCK_URL": server.url},
        capture_output=True,
        text=True,
        timeout=110,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.rstrip().endswith(" checks"), done.stdout
