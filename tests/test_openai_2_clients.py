"""Clients that need an older openai package: openai_2/, run by their own interpreter (tests/setup)."""

import os
import subprocess

import pytest
from harness.programs import ROOT
from harness.server import KEY

SCRIPTS = sorted((ROOT / "tests/openai_2").glob("test_*.py"))


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_client(script, clients, doors, tmp_path):
    done = subprocess.run(
        [clients["python_openai_2"], "-m", "pytest", "-q", "-p", "no:cacheprovider", script],
        cwd=tmp_path,
        env={**os.environ, "PENSTOCK_URL": doors.url, "PENSTOCK_KEY": KEY, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=110,
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
