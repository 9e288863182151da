"""Sizes and names: lines of a file, lines of a function, columns, READMEs, words that name nothing."""

import re
import subprocess

from .tree import Finding

FILE_LINES_MAX = 600
FUNCTION_LINES_MAX = 70
COLUMNS_MAX = 110
README_LINES_MAX = 80
COUNTED_FOLDERS = ("src/", "bench/", "tests/", "tools/", "ui/src/", "ui/tests/")
COUNTED_SUFFIXES = (".h", ".cc", ".py", ".sh", ".ts", ".tsx", ".css", ".js", ".mjs")
COLUMN_SUFFIXES = (".h", ".cc", ".py", ".sh")
EMPTY_WORDS = {"util", "utils", "common", "helper", "helpers", "manager", "misc", "base", "impl"}
_EMPTY_CLASS = re.compile(
    r"\b(?:class|struct)\s+(\w*(?:Util|Utils|Helper|Helpers|Manager|Misc)|Common|Base|Impl)\b[^;]*?[{:]"
)


def _is_script(source):
    return "." not in source.path.rsplit("/", 1)[-1] and source.text.startswith("#!")


def check_file_size(tree):
    for source in tree.files.values():
        script = (
            source.path in ("run", "test") or _is_script(source) if source.path.count("/") <= 2 else False
        )
        counted = source.path.startswith(COUNTED_FOLDERS) and source.path.endswith(COUNTED_SUFFIXES)
        if not (counted or script):
            continue
        lines = source.text.splitlines()
        if len(lines) > FILE_LINES_MAX:
            yield Finding(
                source.path,
                FILE_LINES_MAX,
                "file-size",
                f"{len(lines)} lines, at most {FILE_LINES_MAX}: " "a long file is two things",
            )
        if script or source.path.endswith(COLUMN_SUFFIXES):
            for number, line in enumerate(lines, 1):
                if len(line) > COLUMNS_MAX and "://" not in line and not line.startswith("#include"):
                    yield Finding(
                        source.path, number, "columns", f"{len(line)} columns, at most {COLUMNS_MAX}"
                    )


def check_function_size(tree):
    """Lengths come from universal-ctags, which knows where a function ends."""
    paths = [s.path for s in tree.cpp]
    if not paths:
        return
    listed = subprocess.run(
        [
            "ctags",
            "-f",
            "-",
            "--languages=C++",
            "--langmap=C++:+.h.cc",
            "--kinds-C++=f",
            "--fields=ne",
            "--sort=no",
            "-L",
            "-",
        ],
        input="\n".join(paths),
        cwd=tree.root,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    for row in listed.splitlines():
        name, path, *rest = row.split("\t")
        fields = dict(f.split(":", 1) for f in rest if re.match(r"(line|end):\d+$", f))
        if "line" not in fields or "end" not in fields:
            continue
        lines = int(fields["end"]) - int(fields["line"]) + 1
        if lines > FUNCTION_LINES_MAX:
            yield Finding(
                path,
                int(fields["line"]),
                "function-size",
                f"{name}: {lines} lines, at most {FUNCTION_LINES_MAX}: name its parts",
            )


def check_readmes(tree):
    folders = {s.path.rsplit("/", 1)[0] for s in tree.cpp if s.path.startswith("src/")}
    for folder in sorted(folders):
        readme = tree.files.get(folder + "/README.md")
        if readme is None:
            yield Finding(
                folder,
                1,
                "readme",
                "no README.md: what it is for, its main types, data flow, invariants, limits",
            )
        elif readme.text.count("\n") > README_LINES_MAX:
            yield Finding(
                readme.path, README_LINES_MAX, "readme", f"more than a page ({README_LINES_MAX} lines)"
            )


def check_names(tree):
    for source in tree.files.values():
        if not source.path.startswith(("src/", "ui/src/", "tests/", "tools/", "bench/")):
            continue
        *folders, file = source.path.split("/")
        words = {*folders, *re.split(r"[_.-]", file)}
        for word in sorted(words & EMPTY_WORDS):
            yield Finding(source.path, 1, "name", f"'{word}' names nothing: say what it does, or split it")
        if not source.is_cpp:
            continue
        if not re.fullmatch(r"[a-z0-9_]+\.(h|cc)", file):
            yield Finding(source.path, 1, "name", "files are snake_case, .h and .cc")
        if source.path.endswith(".h") and "#pragma once" not in source.text:
            yield Finding(source.path, 1, "name", "a header begins with #pragma once")
        for match in _EMPTY_CLASS.finditer(source.code):
            yield Finding(
                source.path, source.line_at(match.start(1)), "name", f"'{match.group(1)}' names nothing"
            )
