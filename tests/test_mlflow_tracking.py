"""MLflow's own clients: mlflow/, run by interpreters of their own (tests/setup)."""

import os
import subprocess

import pytest
from harness.programs import ROOT

SCRIPTS = sorted((ROOT / "tests/mlflow").glob("test_*.py"))


@pytest.mark.parametrize("client", ["python_mlflow", "python_mlflow_2"])
@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_client(client, script, clients, server, tmp_path):
    if client.endswith("_2") and "_3" in script.stem:
        pytest.skip("what this client does not have yet")
    env = {**os.environ, "MLFLOW_TRACKING_URI": server.url, "PENSTOCK_URL": server.url, "HOME": str(tmp_path)}
    env |= {"PYTHONDONTWRITEBYTECODE": "1", "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0"}
    env["GIT_PYTHON_REFRESH"] = "quiet"
    done = subprocess.run(
        [clients[client], "-m", "pytest", "-q", "--noconftest", "-p", "no:cacheprovider", "--timeout=60"]
        + [script],
        cwd=tmp_path,
        env=env,
        capture_output=True,
        text=True,
        timeout=110,
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
