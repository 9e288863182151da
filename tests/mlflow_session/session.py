"""One scripted session of the mlflow client against one server: every call, and what came of it.

    python session.py --url URL --folder FOLDER --answers FILE [--chapters a,b]

Writes one line of JSON per call. tests/test_mlflow_parity.py runs it twice and compares.
"""

import argparse
import contextlib
import importlib
import json
import os
import sys
import time
import traceback
from pathlib import Path

HERE = Path(__file__).resolve().parent
OF_THE_CHECKOUT = ("mlflow.source.git.branch", "mlflow.source.git.commit", "mlflow.source.git.repoURL")
PAUSE_S = 0.002  # two rows that were made one after the other never carry the same millisecond

# In this order, since later chapters see what earlier ones left behind: the first major version whose client
# can do it.
CHAPTERS = {
    "experiments": 2,
    "runs": 2,
    "batches": 2,
    "run_search": 2,
    "metric_history": 2,
    "artifacts": 2,
    "inputs": 2,
    "logged_models": 3,
    "flavors": 2,
    "models": 2,
    "model_versions": 2,
    "prompts": 3,
    "traces": 2,
    "trace_search": 3,
    "assessments": 3,
    "evaluation": 3,
    "scorers": 3,
    "webhooks": 3,
    "raw_requests": 3,
    "raw_errors": 3,
}


class Missing:
    """What a failed step gives, so that those after it fail by themselves instead of ending the chapter."""

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __getitem__(self, key):
        return self

    def __iter__(self):
        return iter(())

    def __call__(self, *arguments, **options):
        return self

    def __str__(self):
        return "missing"


class Session:
    """Runs steps in order. `do` is all that chapters use."""

    def __init__(self, url, folder, out):
        from plain import Names

        self.url = url
        self.folder = folder  # scratch space; a session's own
        self.major = int(importlib.import_module("mlflow").__version__.split(".")[0])
        self._out = out
        host, port = url.removeprefix("http://").split(":")
        places = {url: "<server>", f"{host}:{port}": "<server>", f"host='{host}', port={port}": "<server>"}
        self._names = Names({**places, str(folder): "<folder>"})
        self._hidden = ()
        self._chapter = ""
        self._seen = {}

    def do(self, name, call, hidden=(), show=None):
        """Runs one step and notes its answer, or its exception. `show` makes what is noted of the answer."""
        from plain import plain

        count = self._seen[name] = self._seen.get(name, 0) + 1
        if count > 1:
            name = f"{name} #{count}"
        try:
            value = call()
            noted = plain(show(value) if show else value)
        except Exception as error:
            value, noted = Missing(), plain(error)
        self.note(name, noted, hidden)
        time.sleep(PAUSE_S)
        return value

    def note(self, name, noted, hidden=()):
        answer = self._names(noted, f"{self._chapter}: {name}", (*hidden, *self._hidden, *OF_THE_CHECKOUT))
        self._out.write(json.dumps({"chapter": self._chapter, "step": name, "answer": answer}) + "\n")

    def run(self, chapter):
        if self.major < CHAPTERS[chapter]:
            return
        module = importlib.import_module(chapter)
        self._chapter = chapter
        self._hidden = getattr(module, "HIDDEN", ())
        self._seen = {}
        try:
            module.steps(self)
        except Exception:
            self.note("the chapter broke off", traceback.format_exc(limit=-3))
        _end_what_is_open()


def _end_what_is_open():
    import mlflow

    with contextlib.suppress(Exception):
        while mlflow.active_run():
            mlflow.end_run()


def prepare(url, folder):
    """Settings of the client that make a session repeatable; before mlflow is imported."""
    os.environ.update(
        MLFLOW_TRACKING_URI=url,
        MLFLOW_HTTP_REQUEST_MAX_RETRIES="0",
        MLFLOW_HTTP_REQUEST_TIMEOUT="60",
        MLFLOW_ENABLE_ASYNC_TRACE_LOGGING="false",
        MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR="false",
        MLFLOW_DISABLE_TELEMETRY="true",
        MLFLOW_CONFIGURE_LOGGING="false",
        DO_NOT_TRACK="true",
        GIT_PYTHON_REFRESH="quiet",
        TMPDIR=str(folder / "tmp"),
    )
    (folder / "tmp").mkdir(parents=True, exist_ok=True)
    os.chdir(folder)
    sys.path.insert(0, str(HERE))


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--url", required=True)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--answers", type=Path, required=True)
    parser.add_argument("--chapters", default=",".join(CHAPTERS))
    options = parser.parse_args()
    options.folder = options.folder.absolute()
    answers = options.answers.absolute()
    prepare(options.url, options.folder)
    with open(answers, "w", buffering=1) as out:
        session = Session(options.url, options.folder, out)
        for chapter in options.chapters.split(","):
            session.run(chapter)


if __name__ == "__main__":
    main()
