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

# In this order: later chapters may see what earlier ones left behind, on either server alike.
CHAPTERS = (
    "experiments",
    "runs",
    "batches",
    "run_search",
    "metric_history",
    "artifacts",
    "inputs",
    "logged_models",
    "flavors",
    "models",
    "model_versions",
    "prompts",
    "traces",
    "trace_search",
    "assessments",
    "evaluation",
    "scorers",
    "webhooks",
    "raw_requests",
    "raw_errors",
)


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
        module = importlib.import_module(chapter)
        if self.major < getattr(module, "SINCE", 2):
            return
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
