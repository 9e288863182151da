"""The files under check, read once: their text, their code without comments and literals, their includes."""

import dataclasses
import fnmatch
import functools
import re
import subprocess
import tomllib
from pathlib import Path

CPP_SUFFIXES = (".h", ".cc")
SKIPPED_FOLDERS = {"build", "node_modules", "dist", "__pycache__", ".git", ".pytest_cache"}
# One pass over a C++ file: comments, raw strings, strings, character literals (not the ' inside 1'000).
_NOT_CODE = re.compile(
    r"//[^\n]*|/\*.*?\*/"
    r'|R"(?P<tag>[^(\s]*)\(.*?\)(?P=tag)"'
    r'|"(?:\\.|[^"\\\n])*"'
    r"|(?<![0-9A-Fa-f])'(?:\\.|[^'\\\n])+'",
    re.DOTALL,
)
_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.MULTILINE)


@dataclasses.dataclass(frozen=True, order=True)
class Finding:
    path: str
    line: int
    check: str
    message: str

    def __str__(self):
        return f"{self.path}:{self.line}: {self.message} [{self.check}]"


def blank(text):
    """The same text with comments and literals turned into spaces, so that offsets and lines stay."""
    return _NOT_CODE.sub(lambda match: re.sub(r"[^\n]", " ", match.group()), text)


class Source:
    def __init__(self, root, path):
        self.path = path  # relative to the root, with /
        self.absolute = root / path

    @functools.cached_property
    def text(self):
        return self.absolute.read_text("utf-8", "replace")

    @functools.cached_property
    def code(self):
        return blank(self.text)

    @functools.cached_property
    def includes(self):
        """(line, kind, name) of each #include; kind is < or "."""
        return [
            (self.line_at(m.start(1), self.text), m.group(1), m.group(2))
            for m in _INCLUDE.finditer(self.text)
            if self.code[m.start() : m.start(1)].strip()
        ]

    def line_at(self, offset, text=None):
        return (text or self.text).count("\n", 0, offset) + 1

    @property
    def is_test(self):
        """A test, or what only tests include."""
        return bool(re.search(r"_(test|bench|fuzz)\.cc$|/test_\w+\.(h|cc)$|_fixture\.(h|cc)$", self.path))

    @property
    def is_cpp(self):
        return self.path.endswith(CPP_SUFFIXES)


class Tree:
    def __init__(self, root):
        self.root = Path(root).resolve()
        self.files = {path: Source(self.root, path) for path in sorted(self._paths())}
        self.cpp = [f for f in self.files.values() if f.is_cpp and f.path.startswith(("src/", "bench/"))]

    def _paths(self):
        if (self.root / ".git").exists():
            listed = subprocess.run(
                ["git", "ls-files", "-co", "--exclude-standard"],
                cwd=self.root,
                check=True,
                capture_output=True,
                text=True,
            ).stdout.splitlines()
        else:
            listed = [str(p.relative_to(self.root)) for p in self.root.rglob("*")]
        return [p for p in listed if not SKIPPED_FOLDERS & set(p.split("/")) and (self.root / p).is_file()]

    def include_target(self, name):
        """The Source that a quoted include names: from src/, or from the root for bench/."""
        return self.files.get("src/" + name) or self.files.get(name)

    def closure(self, source):
        """The source and all of this repository that it includes, directly or not, in a stable order."""
        seen, waiting = {source.path: source}, [source]
        while waiting:
            for _, kind, name in waiting.pop().includes:
                target = self.include_target(name) if kind == '"' else None
                if target is not None and target.path not in seen:
                    seen[target.path] = target
                    waiting.append(target)
        return [seen[path] for path in sorted(seen)]


class Exemptions:
    """tools/tidy_exemptions.toml: what is allowed where, each with its reason. An unused one is a finding."""

    FILE = "tools/tidy_exemptions.toml"

    def __init__(self, root):
        path = root / self.FILE
        self.entries = tomllib.loads(path.read_text())["exempt"] if path.exists() else []
        self.used = set()

    def allows(self, finding):
        for index, entry in enumerate(self.entries):
            if entry["check"] == finding.check and fnmatch.fnmatch(finding.path, entry["path"]):
                self.used.add(index)
                return True
        return False

    def problems(self, checks_run):
        for index, entry in enumerate(self.entries):
            if not entry.get("reason", "").strip():
                yield Finding(
                    self.FILE, 1, "exemption", f"{entry['check']} for {entry['path']} gives no reason"
                )
            elif index not in self.used and entry["check"] in checks_run:
                yield Finding(
                    self.FILE,
                    1,
                    "exemption",
                    f"{entry['check']} for {entry['path']} is needed no more: delete it",
                )
