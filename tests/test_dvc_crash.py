"""`penstock data` killed at random points: nothing half written is visible, no referenced object is lost."""

import hashlib
import os
import random
import shutil
import signal
import subprocess
import time

import pytest
from harness.data_repository import DataRepository
from harness.programs import binary

FILES = 400
SEED = int(os.environ.get("PENSTOCK_TEST_SEED", random.randrange(1 << 30)))


def killed_after(repository, seconds, *arguments):
    """Whether the command was killed; False: it ended by itself before."""
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    command = [binary(), "data", *arguments]
    process = subprocess.Popen(command, cwd=repository.root, env=repository.env, **quiet)
    time.sleep(seconds)
    process.send_signal(signal.SIGKILL)
    return process.wait() == -signal.SIGKILL


def check_objects(folder):
    """Every object is what its name says; leftovers of a killed process have other names."""
    count = 0
    for path in (folder / "files" / "md5").glob("??/*"):
        if path.name.startswith(".penstock-"):
            continue
        count += 1
        md5 = hashlib.md5(path.read_bytes()).hexdigest()
        assert path.parent.name + path.name.removesuffix(".dir") == md5, f"{path}: seed {SEED}"
    return count


def fill(repository, generation):
    for i in range(FILES):
        repository.write(f"d/{i % 20}/{i}", f"{generation} {i} " * 200)


def check_work_tree(repository, generations):
    whole = {f"{generation} {i} " * 200 for generation in generations for i in range(FILES)}
    for path in (repository.root / "d").rglob("*"):
        if path.is_file() and not path.name.startswith(".penstock-"):
            assert path.read_text() in whole, f"{path} is half written: seed {SEED}"


@pytest.mark.timeout(900)
def test_a_killed_command_leaves_nothing_half_done(tmp_path, request):
    rounds = request.config.getoption("--data-kill-rounds")
    chance = random.Random(SEED)
    repository = DataRepository(tmp_path / "r", "penstock", None)
    repository.run("init")
    repository.run("remote", "add", "-d", "storage", "../remote")
    cache = repository.root / ".dvc/cache"
    kills = 0
    fill(repository, 0)
    repository.run("add", "d")
    repository.run("push")
    repository.commit_all()
    for n in range(1, rounds + 1):
        what = chance.choice(["add", "push", "pull", "gc", "checkout"])
        wait = chance.uniform(0.002, 0.12)
        if what == "add":
            fill(repository, n)
            kills += killed_after(repository, wait, "add", "d")
        elif what == "push":
            shutil.rmtree(repository.remote)
            kills += killed_after(repository, wait, "push")
        elif what == "pull":
            repository.run("push")
            shutil.rmtree(cache)
            shutil.rmtree(repository.root / "d")
            kills += killed_after(repository, wait, "pull", "--force")
        elif what == "checkout":
            shutil.rmtree(repository.root / "d")
            kills += killed_after(repository, wait, "checkout", "--force")
        else:
            kills += killed_after(repository, wait, "gc", "-f", "--workspace")
        check_objects(cache)
        if repository.remote.exists():
            check_objects(repository.remote)
        check_work_tree(repository, range(n + 1))
        # Whoever was killed: the same command again goes through, and everything referenced is there.
        if what == "add":
            repository.run("add", "d")
        elif what == "pull":
            repository.run("pull", "--force")
        repository.run("checkout", "--force")
        repository.run("push")
        assert repository.run("status", "--json").strip() == "{}", f"{what}, round {n}, seed {SEED}"
        assert repository.run("status", "-c", "--json").strip() == "{}", f"{what}, round {n}, seed {SEED}"
    assert kills > 0, "no command was killed in time"


def test_a_full_disk_is_named_and_leaves_nothing_half_done(tmp_path):
    """RLIMIT_FSIZE ends a write as a full disk does, without needing a file system of our own."""
    import resource

    repository = DataRepository(tmp_path / "r", "penstock", None)
    repository.run("init")
    repository.write("small", "x" * 1000)
    repository.write("large", os.urandom(12 << 20))

    def limited():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))

    command = [binary(), "data", "add", "small", "large"]
    where = {"cwd": repository.root, "env": repository.env, "preexec_fn": limited}
    done = subprocess.run(command, **where, capture_output=True, text=True)
    assert done.returncode == 1
    assert "large" in done.stderr or "cannot" in done.stderr, done.stderr
    assert not (repository.root / "large.dvc").exists()
    assert check_objects(repository.root / ".dvc/cache") == 1
    repository.run("add", "large")
    assert repository.run("status", "--json").strip() == "{}"
