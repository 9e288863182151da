"""A full disk: an answer that cannot be recorded is refused, and all is well once there is room again."""

import os
import subprocess

import pytest
from harness.programs import wait_until

DATA_BYTES = 24 << 20
CONFIG = """
version: 1
providers: {{ mock: {{ type: openai, base_url: "http://127.0.0.1:{upstream}/v1" }} }}
{engines}
models: {{ "gpt-*": {{ targets: [{{ provider: mock }}] }} }}
records: {{ body_bytes_max: 1048576 }}
"""


@pytest.fixture
def small_disk(tmp_path):
    """A folder with little room; skips where this process may not mount."""
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={DATA_BYTES}", "tmpfs", folder], capture_output=True, text=True
    )
    if mounted.returncode != 0:
        pytest.skip(f"cannot mount: {mounted.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


def test_a_full_disk_refuses_answers_keeps_records_and_recovers(start_server, small_disk):
    server = start_server(CONFIG, data=small_disk / "data")
    first = server.chat("gpt-x")
    filler = small_disk / "filler"
    _fill(filler)
    refused = None
    for _ in range(50):  # what room the journal had taken already may hold a few more
        refused = server.chat("gpt-x", content="water " * 100_000)
        if refused.status_code != 200:
            break
    assert refused.status_code in (500, 503, 507), refused.text[:300]
    assert "record" in refused.json()["error"]["message"] or "space" in refused.json()["error"]["message"]
    assert "water falls" not in refused.text
    assert server.record(first.headers["x-request-id"])["status"] == 200
    assert server.get("/api/v1/requests").status_code == 200

    assert server.get("/api/v1/health").json()["status"] == "down"

    filler.unlink()
    again = wait_until(lambda: answered(server), "answers are given again")
    assert server.record(again.headers["x-request-id"])["status"] == 200
    server.stop()
    server.start()
    ids = {record["id"] for record in server.records()}
    assert {first.headers["x-request-id"], again.headers["x-request-id"]} <= ids


def answered(server):
    answer = server.chat("gpt-x")
    return answer if answer.status_code == 200 else None


def _fill(path):
    """Takes all room that is left, in ever smaller pieces."""
    piece = 1 << 20
    with open(path, "wb", buffering=0) as file:
        while piece >= 1:
            try:
                os.write(file.fileno(), b"\0" * piece)
            except OSError:
                piece //= 2
