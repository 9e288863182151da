"""The official Node SDK: node/*.test.mjs, run by Node's own test runner."""

import json
import os
import shutil
import subprocess

import pytest
from harness.programs import ROOT
from harness.server import KEY

SCRIPTS = sorted((ROOT / "tests/node").glob("*.test.mjs"))


@pytest.fixture(scope="session")
def node():
    """Paths of Node and of its packages (tests/setup)."""
    return json.loads(subprocess.check_output([ROOT / "tests/setup", "--print"], text=True))


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_node(script, node, server, ledger, tmp_path):
    (tmp_path / "node_modules").symlink_to(node["node_modules"])
    copy = shutil.copy(script, tmp_path)  # beside its packages, which the checkout does not hold
    done = subprocess.run(
        [node["node"], "--test", "--test-reporter=spec", copy],
        env={**os.environ, "PENSTOCK_URL": server.url, "PENSTOCK_KEY": KEY},
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert done.returncode == 0, done.stdout + done.stderr
