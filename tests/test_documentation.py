"""Every example of the documentation that is marked for it is run as written, page by page.

A fenced block with `test` after its language (```sh test; python, js, yaml, json) is run, in the page's
order and in one folder, against a server with the default models: `127.0.0.1:8080` stands for its
address, `penstock` for the binary. YAML is given to `penstock config check`, JSON must parse. A block
with `test-output` is what the block before it must print, `...` standing for anything.
"""

import json
import os
import re
import shutil
import subprocess
import sys

import pytest
from harness.programs import ROOT, binary
from harness.server import CHAT, EMBEDDER, KEY

FENCE = re.compile(r"^```(\w+) (test|test-output)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PAGES = [path for path in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))] if path.exists()]
MARKED = [path for path in PAGES if FENCE.search(path.read_text())]
BLOCK_S_MAX = 60


def test_there_are_examples_that_are_run():
    assert MARKED, "no page marks an example with `test`"


@pytest.mark.parametrize("page", MARKED, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_examples_of(page, engine_server, tmp_path, request):
    engine_server.wait_for_models(CHAT, EMBEDDER)
    blocks = FENCE.findall(page.read_text())
    if any(language == "js" for language, _, _ in blocks):
        found = json.loads(subprocess.check_output([ROOT / "tests/setup", "--print"], text=True))
        (tmp_path / "node_modules").symlink_to(found["node_modules"])
        node = found["node"]
    else:
        node = "node"
    commands = {"sh": ["bash", "-eu", "-o", "pipefail"], "python": [sys.executable], "js": [node]}
    shutil.copy(binary(), tmp_path / "penstock")
    address = f"127.0.0.1:{engine_server.port}"
    env = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}", "PENSTOCK_URL": f"http://{address}"}
    env |= {"PENSTOCK_KEY": KEY, "OPENAI_API_KEY": KEY, "HOME": str(tmp_path)}
    printed = ""
    for number, (language, mark, text) in enumerate(blocks):
        text = text.replace("127.0.0.1:8080", address).replace("localhost:8080", address)
        if mark == "test-output":
            expected = ".*".join(map(re.escape, text.strip().split("...")))
            assert re.fullmatch(expected, printed.strip(), re.DOTALL), f"printed:\n{printed}"
            continue
        if language == "json":
            json.loads(text)
            continue
        suffix = {"js": "mjs", "python": "py"}.get(language, language)
        script = tmp_path / f"example{number}.{suffix}"
        script.write_text(text)
        command = [binary(), "config", "check"] if language == "yaml" else commands[language]
        done = subprocess.run(
            [*command, script], env=env, cwd=tmp_path, capture_output=True, text=True, timeout=BLOCK_S_MAX
        )
        assert done.returncode == 0, f"{text}\n--- printed:\n{done.stdout}{done.stderr}"
        printed = done.stdout
