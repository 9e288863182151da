"""Checks that run a compiler's tool: layout, headers that compile alone, clang-tidy.

What passed is remembered by content in ${PENSTOCK_CACHE:-~/.cache/penstock}/tidy: the file, everything of
this repository that it includes, the flags, the tool's version and configuration. So only what changed is
run again, in any checkout.
"""

import concurrent.futures
import hashlib
import itertools
import json
import os
import re
import shlex
import subprocess
import time
from pathlib import Path

from .tree import Finding

CACHE = Path(os.environ.get("PENSTOCK_CACHE") or Path.home() / ".cache" / "penstock") / "tidy"
JOBS = int(os.environ.get("PENSTOCK_JOBS") or os.cpu_count() or 2)
BUILD_PRESETS = ("release", "dev")
FORMAT_BATCH_FILES = 50
KEPT_DAYS = 30
_REPORT = re.compile(
    r"^(?P<path>[^:\n]+):(?P<line>\d+):\d+: (?:fatal )?(?:error|warning): (?P<text>.*)$", re.MULTILINE
)


class Passed:
    """The set of keys that passed, one empty file each."""

    def __init__(self):
        CACHE.mkdir(parents=True, exist_ok=True)

    def __contains__(self, key):
        path = CACHE / key
        if not path.exists():
            return False
        os.utime(path)
        return True

    def add(self, key):
        (CACHE / key).touch()

    @staticmethod
    def forget_old():
        oldest = time.time() - KEPT_DAYS * 86_400
        for path in CACHE.iterdir():
            if path.stat().st_mtime < oldest:
                path.unlink(missing_ok=True)


def _key(tree, source, *parts):
    sha = hashlib.sha256("\0".join(parts).encode())
    for file in tree.closure(source):
        sha.update(file.path.encode() + b"\0" + file.text.encode() + b"\0")
    return sha.hexdigest()


def _version(tool):
    return subprocess.run([tool, "--version"], capture_output=True, text=True, check=True).stdout


def _run(command, root):
    return subprocess.run(command, cwd=root, capture_output=True, text=True)


def _findings(tree, output, check, fallback):
    found = []
    for match in _REPORT.finditer(output):
        path = os.path.relpath(os.path.join(tree.root, match["path"]), tree.root)
        found.append(Finding(path, int(match["line"]), check, match["text"]))
    return found or [Finding(fallback, 1, check, output.strip()[-500:] or "failed without a message")]


def check_format(tree):
    config = (tree.root / ".clang-format").read_text() + _version("clang-format-19")
    passed = Passed()
    keys = {s.path: hashlib.sha256(f"format\0{config}\0{s.text}".encode()).hexdigest() for s in tree.cpp}
    waiting = [path for path in keys if keys[path] not in passed]
    for start in range(0, len(waiting), FORMAT_BATCH_FILES):
        batch = waiting[start : start + FORMAT_BATCH_FILES]
        result = _run(["clang-format-19", "--dry-run", "-Werror", *batch], tree.root)
        bad = {}
        if result.returncode != 0:
            for finding in _findings(tree, result.stderr, "format", batch[0]):
                bad.setdefault(finding.path, finding)
        for path in batch:
            if path in bad:
                yield Finding(path, bad[path].line, "format", f"layout differs: clang-format-19 -i {path}")
            else:
                passed.add(keys[path])


def fix_format(tree, paths):
    paths = paths or [finding.path for finding in check_format(tree) if finding.check == "format"]
    if paths:
        subprocess.run(["clang-format-19", "-i", *paths], cwd=tree.root, check=True)
    print(f"tidy: laid out {len(paths)} files")


class Commands:
    """Compiler arguments per source, from the compile_commands.json of the first configured preset."""

    def __init__(self, root):
        self.root = root
        candidates = [root / "build" / preset / "compile_commands.json" for preset in BUILD_PRESETS]
        candidates += sorted(root.glob("build/*/compile_commands.json"))
        self.database = next((path for path in candidates if path.exists()), None)
        self.by_path = {}
        for entry in json.loads(self.database.read_text()) if self.database else []:
            path = os.path.relpath(os.path.join(entry["directory"], entry["file"]), root)
            self.by_path[path] = self._flags(entry)

    @staticmethod
    def _flags(entry):
        words = shlex.split(entry["command"])
        words = words[next(i for i, w in enumerate(words) if "clang" in os.path.basename(w)) + 1 :]
        kept, skip = [], False
        for word in words:
            if skip:
                skip = False
            elif word in ("-o", "-MF", "-MT"):
                skip = True
            elif word not in ("-c", "-MD", entry["file"]):
                kept.append(word)
        return kept

    def near(self, path):
        """The flags of a source of the same folder, or else of the nearest; of a test for one of tests."""
        wanted = path.split("/")
        for_tests = wanted[-1].startswith("test_")

        def likeness(other):
            pairs = zip(wanted, other.split("/"))
            shared_folders = sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], pairs))
            return shared_folders, other.endswith("_test.cc") == for_tests

        nearest = max(sorted(self.by_path), key=likeness, default=None)
        return self.by_path[nearest] if nearest else []


def _stable(flags, root):
    """The flags without this checkout's own path, for keys."""
    return " ".join(flags).replace(str(root), "ROOT")


def _in_parallel(jobs, work, label):
    """Yields (job, result) and tells a person who waits how far it is."""
    told = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(JOBS) as pool:
        futures = {pool.submit(work, job): job for job in jobs}
        for done, future in enumerate(concurrent.futures.as_completed(futures), 1):
            if time.monotonic() - told > 10:
                told = time.monotonic()
                print(f"    tidy: {label} {done}/{len(futures)}", flush=True)
            yield futures[future], future.result()


def check_headers(tree):
    """The build proves a header that is the first include of a compiled .cc; the others are compiled here."""
    commands = Commands(tree.root)
    if commands.database is None:
        yield Finding(
            "build", 1, "header", "no build has been configured: run ./run --build-only or cmake --preset dev"
        )
        return
    passed, version = Passed(), _version("clang++-19")
    proven = {
        source.includes[0][2] for source in tree.cpp if source.includes and source.path in commands.by_path
    }
    jobs = {}
    for source in tree.cpp:
        if source.path.endswith(".h") and source.path.removeprefix("src/") not in proven:
            flags = commands.near(source.path)
            key = _key(tree, source, "header", version, _stable(flags, tree.root))
            if key not in passed:
                jobs[source.path] = (flags, key)

    def compile_alone(path):
        return _run(
            [
                "clang++-19",
                *jobs[path][0],
                "-fsyntax-only",
                "-x",
                "c++-header",
                "-Wno-pragma-once-outside-header",
                path,
            ],
            tree.root,
        )

    for path, result in _in_parallel(jobs, compile_alone, "headers alone"):
        if result.returncode == 0:
            passed.add(jobs[path][1])
        else:
            yield from _findings(tree, result.stderr, "header", path)


def check_clang_tidy(tree):
    """On every source but tests: those are checked by running them."""
    commands = Commands(tree.root)
    if commands.database is None:
        yield Finding("build", 1, "clang-tidy", "no build has been configured: run ./run --build-only")
        return
    passed, version = Passed(), _version("clang-tidy-19")
    config = (tree.root / ".clang-tidy").read_text()
    jobs = {}
    for source in tree.cpp:
        flags = commands.by_path.get(source.path)
        if flags is not None and not source.is_test:
            key = _key(tree, source, "clang-tidy", version, config, _stable(flags, tree.root))
            if key not in passed:
                jobs[source.path] = key

    def lint(path):
        return _run(["clang-tidy-19", "--quiet", "-p", str(commands.database.parent), path], tree.root)

    reported = set()
    for path, result in _in_parallel(jobs, lint, "clang-tidy"):
        if result.returncode == 0:
            passed.add(jobs[path])
            continue
        for finding in _findings(tree, result.stdout, "clang-tidy", path):
            if finding not in reported:  # a header's finding comes with every source that includes it
                reported.add(finding)
                yield finding
    Passed.forget_old()
