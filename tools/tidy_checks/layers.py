"""Who may include whom: ranks of folders, public headers, cycles, and one folder per third-party library."""

import re

from .tree import Finding

# docs/architecture.md, section 4. A folder below one of these belongs to it unless it stands here itself.
RANKS = {
    "core": 0,
    "http": 1,
    "engine": 1,
    "storage/database": 2,
    "storage/blobs": 2,
    "storage/journal": 2,
    "storage/duckdb": 2,
    "access": 3,
    "registry": 3,
    "tracking": 3,
    "observability": 3,
    "observability/traces": 3,
    "providers": 4,
    "guardrails": 4,
    "releases": 4,
    "retrieval": 4,
    "datasets": 4,
    "datasets/dvc": 4,
    "datasets/expectations": 4,
    "annotation": 4,
    "training": 4,
    "evaluation": 4,
    "gateway": 5,
    "pipelines": 5,
    "api": 6,
    "api/openai": 6,
    "api/anthropic": 6,
    "api/mlflow": 6,
    "api/chroma": 6,
    "api/otlp": 6,
    "api/langfuse": 6,
    "api/native": 6,
    "app": 7,
}

# First match wins. An empty tuple: every folder. A header that matches nothing is a finding: a new library is
# a decision that somebody takes here.
LIBRARIES = [
    (r"boost/asio(/|\.hpp)", "Asio", ("core", "http")),  # and tests, which drive coroutines
    (r"boost/beast(/|\.hpp)", "Beast", ("http",)),
    (r"boost/system/", "Boost.System", ("core", "http")),
    (r"boost/json(/|\.hpp)", "Boost.JSON", ("core",)),
    (r"simdjson\.h", "simdjson", ("core",)),
    (r"yaml-cpp/", "yaml-cpp", ("core",)),
    (r"spdlog/", "spdlog", ("core",)),
    (r"openssl/(ssl|tls1|x509|x509v3|bio|pem|err|crypto)\.h", "libssl", ("http", "core")),
    (r"openssl/", "libcrypto", ("core",)),
    (r"argon2\.h", "Argon2", ("access",)),
    (r"zlib\.h", "zlib", ("http",)),
    (r"sqlite3\.h", "SQLite", ("storage/database",)),
    (r"libpq-fe\.h", "libpq", ("storage/database",)),
    (r"re2/", "RE2", ("storage/database",)),
    (r"(llama|llama-cpp|ggml[a-z-]*|gguf)\.h", "libllama", ("engine",)),
    (
        r"(common/|jinja/|chat\.h|sampling\.h|json-schema-to-grammar\.h|json\.h|log\.h|peg-parser\.h)",
        "llama-common",
        ("engine",),
    ),
    (r"nlohmann/", "nlohmann", ("engine",)),
    (r"fmt/", "fmt", ()),
    (r"(gtest|gmock)/", "GoogleTest", ()),
    (r"benchmark/", "Google Benchmark", ()),
    (r"(sys|netinet|arpa|linux|net)/[a-z0-9_]+\.h", "the system", ()),
    (
        r"(cxxabi|dirent|dlfcn|errno|execinfo|fcntl|fnmatch|getopt|glob|ifaddrs|immintrin|limits|malloc|math"
        r"|netdb|poll|pthread|pwd|sched|signal|spawn|stdint|stdio|stdlib|string|strings|syslog|termios|time"
        r"|ucontext|unistd)\.h",
        "the system",
        (),
    ),
    (r"[a-z_]+$", "the standard library", ()),
    (r"sanitizer/", "the sanitizers", ()),
]


def module_of(path):
    """'http' for src/http/server.h; None outside of the known folders."""
    parts = path.split("/")[1:-1] if path.startswith("src/") else []
    for length in range(len(parts), 0, -1):
        name = "/".join(parts[:length])
        if name in RANKS:
            return name
    return None


def check_layers(tree):
    edges = {}
    for source in tree.cpp:
        module = module_of(source.path)
        if source.path.startswith("src/") and module is None:
            yield Finding(
                source.path,
                1,
                "layer",
                "this folder has no rank: name it in docs/architecture.md and " "tools/tidy_checks/layers.py",
            )
            continue
        for line, kind, name in source.includes:
            if kind == '"' and module is not None:
                yield from _check_own_include(tree, source, module, line, name, edges)
    yield from _cycles(edges)


def _check_own_include(tree, source, module, line, name, edges):
    target = tree.include_target(name)
    if target is None:
        if not any(re.match(pattern, name) for pattern, _, _ in LIBRARIES[:-2]):
            yield Finding(
                source.path,
                line,
                "include",
                f'"{name}" is not a file below src/: write the path from src/, '
                "and <...> for what is not ours",
            )
        return
    other = module_of(target.path)
    if other is None or other == module:
        return
    if RANKS[other] > RANKS[module]:
        yield Finding(
            source.path,
            line,
            "layer",
            f"{module}/ (rank {RANKS[module]}) includes {name} of rank {RANKS[other]}: declare an interface "
            "here and let app/ inject the object",
        )
    elif "/" in target.path.removeprefix(f"src/{other}/"):
        yield Finding(
            source.path,
            line,
            "layer",
            f"{name} is private to {other}/: only headers directly in a folder " "are public",
        )
    if RANKS[other] == RANKS[module] and not source.is_test:
        edges.setdefault(module, {}).setdefault(other, (source.path, line))


def _cycles(edges):
    """A cycle can only run within one rank, where there are few folders: a plain walk suffices."""
    for start in sorted(edges):
        for other in sorted(edges[start]):
            if start < other and _reaches(edges, other, start, {other}):
                path, line = edges[start][other]
                yield Finding(
                    path, line, "layer", f"{start}/ and {other}/ include each other: one of them must give"
                )


def _reaches(edges, at, goal, seen):
    for following in edges.get(at, {}):
        if following == goal or (
            following not in seen and _reaches(edges, following, goal, seen | {following})
        ):
            return True
    return False


def check_libraries(tree):
    for source in tree.cpp:
        module = module_of(source.path)
        for line, kind, name in source.includes:
            if kind == '"' and tree.include_target(name) is not None:
                continue
            match = next((entry for entry in LIBRARIES if re.match(entry[0], name)), None)
            if match is None and kind == '"':
                continue  # check_layers says that there is no such file
            if match is None:
                yield Finding(
                    source.path,
                    line,
                    "library",
                    f"<{name}> belongs to no known library: add it to "
                    "tools/tidy_checks/layers.py with its folder",
                )
            elif match[1] == "Asio" and source.is_test:
                continue
            elif match[2] and module is not None and module not in match[2]:
                where = " and ".join(folder + "/" for folder in match[2])
                yield Finding(
                    source.path, line, "library", f"{match[1]} stays in {where}: use that folder's own types"
                )
