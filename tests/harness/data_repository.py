"""A repository that dvc and penstock work on, in turn or alone, and what it looks like afterwards."""

import hashlib
import json
import os
import stat
import subprocess
from pathlib import Path

from .programs import ROOT, binary

COMMAND_S_MAX = 100


def data_python():
    """The Python that has dvc; PENSTOCK_DATA_PYTHON names another than tests/setup makes."""
    given = os.environ.get("PENSTOCK_DATA_PYTHON")
    if given:
        return given
    found = subprocess.check_output([ROOT / "tests/setup", "--print"], text=True)
    return json.loads(found)["python_data"]


class Oracle:
    """DVC itself (dvc_oracle.py)."""

    def __init__(self):
        script = Path(__file__).with_name("dvc_oracle.py")
        self._process = subprocess.Popen(
            [data_python(), script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def run(self, cwd, env, arguments):
        call = {"cwd": str(cwd), "env": env, "arguments": [str(a) for a in arguments]}
        self._process.stdin.write(json.dumps(call) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        return answer["status"], answer["out"], answer["err"]

    def close(self):
        self._process.stdin.close()
        self._process.wait(20)


def sorted_lists(value):
    """DVC's lists follow the order of the file system: compared without it."""
    if isinstance(value, dict):
        return {key: sorted_lists(member) for key, member in value.items()}
    if isinstance(value, list):
        items = (sorted_lists(item) for item in value)
        return sorted(items, key=lambda item: json.dumps(item, sort_keys=True))
    return value


class DataRepository:
    """`who` says which tool runs a command: "dvc", "penstock", or the two in turn ("turns", "turns-2")."""

    def __init__(self, folder, who, oracle, settings=()):
        self.folder = folder
        self.root = folder / "repo"
        self.remote = folder / "remote"
        self.root.mkdir(parents=True)
        self.seen = []  # what the tools said, in order
        self._who = who
        self._oracle = oracle
        self._turn = 0
        home = folder / "home"
        home.mkdir()
        self.env = {
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "LANG": "C.UTF-8",
            "DVC_SITE_CACHE_DIR": str(folder / "site"),
            "DVC_GLOBAL_CONFIG_DIR": str(folder / "global"),
            "DVC_SYSTEM_CONFIG_DIR": str(folder / "system"),
            "DVC_NO_ANALYTICS": "1",
            "GIT_AUTHOR_NAME": "a",
            "GIT_AUTHOR_EMAIL": "a@example.com",
            "GIT_COMMITTER_NAME": "a",
            "GIT_COMMITTER_EMAIL": "a@example.com",
            "GIT_AUTHOR_DATE": "2024-01-01T00:00:00Z",
            "GIT_COMMITTER_DATE": "2024-01-01T00:00:00Z",
            "GIT_CONFIG_NOSYSTEM": "1",
        } | dict(settings)
        self.git("init", "-q", "-b", "main", ".")

    def git(self, *arguments):
        subprocess.run(["git", *arguments], cwd=self.root, env=self.env, check=True, capture_output=True)

    def commit_all(self, message="state"):
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", message)

    def write(self, path, content, mode=None):
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        if file.is_symlink() or (file.exists() and not os.access(file, os.W_OK)):
            file.unlink()
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        if mode is not None:
            file.chmod(mode)

    def dvc(self, *arguments, cwd="."):
        return self._oracle.run(self.root / cwd, self.env, arguments)

    def penstock(self, *arguments, cwd="."):
        done = subprocess.run(
            [binary(), "data", *map(str, arguments)],
            cwd=self.root / cwd,
            env=self.env,
            capture_output=True,
            timeout=COMMAND_S_MAX,
        )
        return done.returncode, done.stdout.decode(errors="surrogateescape"), done.stderr.decode()

    def run(self, *arguments, cwd=".", fails=False):
        """One command by whose turn it is; its success or failure is part of what is expected."""
        self._turn += 1
        turn = {"dvc": False, "penstock": True, "turns": self._turn % 2 == 0, "turns-2": self._turn % 2 == 1}
        tool = self.penstock if turn[self._who] else self.dvc
        status, out, err = tool(*arguments, cwd=cwd)
        assert (status != 0) == fails, f"{tool.__name__} {arguments}: {status}\n{out}\n{err}"
        return out

    def look(self, *targets):
        """What both say about the repository now; in turn-taking runs either may be asked."""
        for command in (
            ["status", "--json", *targets],
            ["data", "status", "--json", "--granular", "--unchanged", *targets],
            ["data", "status", "--json", *targets],
            ["diff", "--json", "--show-hash"],
        ):
            self.seen.append((command, sorted_lists(json.loads(self.run(*command) or "{}"))))

    def snapshot(self):
        """Everything that both must leave alike: metadata, cache, remote and the work tree."""
        found = {}
        skipped = {self.root / ".git", self.root / ".dvc" / "tmp"}
        for top in (self.root, self.remote, self.folder / "shared"):
            for folder, folders, files in os.walk(top):
                here = Path(folder)
                folders[:] = [f for f in folders if here / f not in skipped]
                for name in files:
                    path = here / name
                    found[str(path.relative_to(self.folder))] = self._describe(path)
        return found

    def _describe(self, path):
        status = path.lstat()
        if stat.S_ISLNK(status.st_mode):
            target = os.readlink(path)
            return ("link", os.path.relpath(target, self.folder) if os.path.isabs(target) else target)
        content = path.read_bytes()
        small = content if len(content) < 4000 else hashlib.sha256(content).hexdigest()
        objects = "/cache/" in str(path) or "/remote/" in str(path) or "/shared/" in str(path)
        shared = status.st_nlink > 1
        mode = stat.S_IMODE(status.st_mode) if objects else bool(status.st_mode & 0o100)
        return ("file", small, mode, shared)


