"""Calls with a better replacement, and what a textual check can see of the coroutine rules."""

import fnmatch
import re

from .tree import Finding

TESTS = "tests"  # in place of a path: whatever only tests include

# (pattern, where it is allowed, what to use instead and why)
BANNED = [
    (r"\bstd::(basic_)?regex(_\w+)?\b", (), "std::regex has exponential run time: RE2 or a parser by hand"),
    (
        r"(?<![\w.>:])(?:std::|::)?system\s*\(\s*(?!\))",
        (),
        "system(): core/subprocess, which has no shell to inject into",
    ),
    (r"(?<![\w.>])(?:::)?popen\s*\(", (), "popen(): core/subprocess, which has no shell to inject into"),
    (
        r"(?<![\w.>:])(?:std::|::)?time\s*\(\s*(?:nullptr|NULL|0|&)",
        ("src/core/clock*",),
        "time(): core/clock, so that tests own the time",
    ),
    (
        r"\bsystem_clock::now\b",
        ("src/core/clock*",),
        "system_clock::now(): core/clock, so that tests own the time",
    ),
    (
        r"(?<![\w.>:])(?:std::|::)?s?rand(?:_r|om_r)?\s*\(",
        (),
        "rand(): core/random, so that tests replay a seed",
    ),
    (
        r"\bstd::random_device\b",
        ("src/core/random*",),
        "std::random_device: core/random, so that tests replay a seed",
    ),
    (
        r"\basio::detached\b|\bnet::detached\b",
        ("src/core/task_group*",),
        "asio::detached: core/task_group, so that shutdown waits for it",
    ),
    (
        r"\bstd::j?thread\b(?!::)",
        ("src/core/*", "src/http/*loop*", "src/engine/*", "src/app/*", TESTS, "bench/*"),
        "std::thread: a named pool of core/, which bounds and joins it",
    ),
    (
        r"\bnlohmann::",
        ("src/engine/*",),
        "nlohmann: core/json elsewhere; it is llama-common's interface type only",
    ),
    (
        r"\bthis_thread::sleep_(for|until)\b",
        (TESTS, "bench/*", "src/app/*", "src/engine/*", "src/storage/database/*"),
        "sleeping blocks an event loop: a timer with a deadline",
    ),
    (
        r"\b(?:strcpy|strcat|sprintf|vsprintf|gets|strtok)\s*\(",
        (),
        "unbounded C string call: fmt or std::string_view",
    ),
    (r"\b(?:atoi|atol|atof)\s*\(", (), "atoi() hides errors: core/text's checked numbers or std::from_chars"),
    (r"\busing\s+namespace\s+std\s*;", (), "using namespace std: name what you use"),
]
_SQL = re.compile(
    r'fmt::format\s*\(\s*(?:R"\w*\(|")\s*(?:SELECT|INSERT|UPDATE|DELETE|REPLACE|CREATE|DROP|ALTER)\b',
    re.IGNORECASE,
)
_SQL_SUM = re.compile(r'"\s*(?:SELECT|INSERT INTO|UPDATE|DELETE FROM)\b[^"\n]*"\s*\+', re.IGNORECASE)
_LEFTOVER = re.compile(r"\b(?:TOD[O]|FIXM[E]|XX[X]|HAC[K])\b")
_LEFTOVER_FOLDERS = (
    "src/",
    "bench/",
    "tests/",
    "tools/",
    "ui/src/",
    "ui/tests/",
    "cmake/",
    "deploy/",
    "run",
    "test",
    ".ci/",
)
_GUARD = re.compile(r"\bstd::(?:lock_guard|unique_lock|scoped_lock|shared_lock)\b[^;({]*?(\w+)?\s*[({][^;]*;")


def check_banned(tree):
    for source in tree.cpp:
        for pattern, allowed, message in BANNED:
            if (TESTS in allowed and source.is_test) or any(fnmatch.fnmatch(source.path, g) for g in allowed):
                continue
            for match in re.finditer(pattern, source.code):
                yield Finding(source.path, source.line_at(match.start()), "banned", message)
        for pattern in () if source.is_test else (_SQL, _SQL_SUM):
            for match in pattern.finditer(source.text):
                yield Finding(
                    source.path,
                    source.line_at(match.start()),
                    "banned",
                    "SQL built by formatting: a named prepared statement with bound values",
                )


def check_leftovers(tree):
    for source in tree.files.values():
        if source.path.startswith(_LEFTOVER_FOLDERS):
            for match in _LEFTOVER.finditer(source.text):
                yield Finding(
                    source.path,
                    source.line_at(match.start()),
                    "leftover",
                    f"{match.group()}: do it, file an issue, or delete it",
                )


def check_coroutines(tree):
    for source in tree.cpp:
        if "co_await" not in source.code:
            continue
        for match in re.finditer(r"\bco_await\b", source.code):
            yield from _check_await(source, match.end())
        yield from _check_guards(source)


def _check_await(source, start):
    """Looks at one awaited expression, without the bodies of lambdas in it."""
    code, depth, at = source.code, 0, start
    while at < len(code):
        character = code[at]
        if character == ";" or (character in ")]}" and depth == 0) or (character == "," and depth == 0):
            return
        if character == "[" and _opens_lambda(code, at):
            end = _matching(code, at)
            captures = code[at + 1 : end]
            body = _lambda_body(code, end)
            if body is not None:
                if _captures_value(captures):
                    yield Finding(
                        source.path,
                        source.line_at(at),
                        "coroutine",
                        f"a lambda that captures by value ([{captures.strip()}]) in an awaited expression: "
                        "name it first",
                    )
                at = _matching(code, body) + 1
                continue
        elif character == "{":
            end = _matching(code, at)
            if code[at + 1 : end].strip():
                yield Finding(
                    source.path,
                    source.line_at(at),
                    "coroutine",
                    "an aggregate built inside an awaited expression: name it first",
                )
            at = end + 1
            continue
        depth += (character in "([") - (character in ")]")
        at += 1


def _opens_lambda(code, at):
    before = code[:at].rstrip()[-1:]
    return not (before.isalnum() or before in ("_", ")", "]"))


def _captures_value(captures):
    for capture in (part.strip() for part in captures.split(",")):
        if capture and capture not in ("this",) and not capture.startswith("&"):
            return True
    return False


def _matching(code, at):
    """Offset of the bracket that closes the one at `at`."""
    closing = {"(": ")", "[": "]", "{": "}"}[code[at]]
    depth = 0
    for index in range(at, len(code)):
        if code[index] == code[at]:
            depth += 1
        elif code[index] == closing:
            depth -= 1
            if depth == 0:
                return index
    return len(code) - 1


def _lambda_body(code, end_of_captures):
    """Offset of the { of the lambda's body, past parameters and a return type."""
    at = end_of_captures + 1
    while at < len(code) and code[at] not in "{;)":
        at = _matching(code, at) + 1 if code[at] == "(" else at + 1
    return at if at < len(code) and code[at] == "{" else None


def _check_guards(source):
    """A co_await between a guard's declaration and the end of its block."""
    for match in _GUARD.finditer(source.code):
        depth, at = 0, match.end()
        name = match.group(1) or "\0"
        while at < len(source.code) and depth >= 0:
            if source.code.startswith(f"{name}.unlock()", at):
                break
            if source.code.startswith("co_await", at):
                yield Finding(
                    source.path,
                    source.line_at(at),
                    "coroutine",
                    f"co_await while the lock of line {source.line_at(match.start())} is held",
                )
                break
            depth += (source.code[at] == "{") - (source.code[at] == "}")
            at += 1
