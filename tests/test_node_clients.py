"""Node clients: node/*.test.mjs, run by Node's own test runner."""

import os
import shutil
import subprocess

import pytest
from harness.programs import ROOT
from harness.server import KEY

SCRIPTS = sorted((ROOT / "tests/node").glob("*.test.mjs"))


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_node(script, clients, server, doors, ledger, tmp_path):
    (tmp_path / "node_modules").symlink_to(clients["node_modules"])
    copy = shutil.copy(script, tmp_path)  # beside its packages, which the checkout does not hold
    urls = {"PENSTOCK_URL": server.url, "PENSTOCK_DOORS_URL": doors.url}
    done = subprocess.run(
        [clients["node"], "--test", "--test-reporter=spec", copy],
        env={**os.environ, **urls, "PENSTOCK_KEY": KEY},
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert done.returncode == 0, done.stdout + done.stderr
