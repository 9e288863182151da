"""OpenAI's Go SDK: go/, compiled by tests/setup."""

import os
import subprocess

from harness.server import KEY


def test_go(clients, doors, ledger, tmp_path):
    done = subprocess.run(
        [clients["go_test"], "-test.v", "-test.timeout", "100s"],
        cwd=tmp_path,
        env={**os.environ, "PENSTOCK_URL": doors.url, "PENSTOCK_KEY": KEY},
        capture_output=True,
        text=True,
        timeout=110,
    )
    assert done.returncode == 0, done.stdout + done.stderr
