"""Folders in ${PENSTOCK_CACHE:-~/.cache/penstock} that are made once and kept: environments of programs."""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

CACHE = Path(os.environ.get("PENSTOCK_CACHE") or Path.home() / ".cache" / "penstock").absolute()


def key_of(*paths):
    """Changes with the content of the files and with the interpreter."""
    sha = hashlib.sha256(sys.version.encode())
    for path in paths:
        sha.update(path.read_bytes())
    return sha.hexdigest()[:12]


def made_once(folder, make):
    """`folder`, filled by `make(folder)` if it is not complete; two runs at once are safe."""
    complete = folder / "complete"
    if complete.exists():
        return folder
    (CACHE / "locks").mkdir(parents=True, exist_ok=True)
    with open(CACHE / "locks" / folder.name, "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not complete.exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            make(folder)
            complete.touch()
    return folder


def run(*command, **options):
    """A command's output; ends the program, showing it, where the command fails."""
    done = subprocess.run(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **options)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))} failed:\n{done.stdout[-3000:]}")
    return done.stdout


def python_environment(name, requirements):
    """The Python of a virtual environment that has the packages of this file."""

    def make(folder):
        run(sys.executable, "-m", "venv", folder)
        run(folder / "bin/pip", "install", "--disable-pip-version-check", "-q", "-r", requirements)

    return made_once(CACHE / f"{name}-{key_of(requirements)}", make) / "bin/python"


def node_packages(name, sources, npm_path, *options):
    """node_modules with the packages that the lock file beside `sources`/package.json names."""
    lock = sources / "package-lock.json"

    def make(folder):
        for file in ("package.json", "package-lock.json"):
            shutil.copy(sources / file, folder / file)
        environment = dict(os.environ, PATH=npm_path)
        run("npm", "ci", "--no-audit", "--no-fund", *options, cwd=folder, env=environment)

    return made_once(CACHE / f"{name}-{key_of(lock)}", make) / "node_modules"
