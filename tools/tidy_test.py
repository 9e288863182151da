#!/usr/bin/env python3
"""Plants violations in a small tree and expects tools/tidy to find each, and to leave the good tree alone."""
import json
import runpy
import sys
import tempfile
import unittest
from pathlib import Path

sys.dont_write_bytecode = True
TOOLS = Path(__file__).resolve().parent
TIDY = runpy.run_path(str(TOOLS / "tidy"), run_name="tidy")
TEXTUAL = {name: check for name, check in TIDY["FAST"].items() if name != "dependencies"}

HEADER = "#pragma once\n\nint answer();\n"
GOOD = {
    ".clang-format": (TOOLS.parent / ".clang-format").read_text(),
    ".clang-tidy": (TOOLS.parent / ".clang-tidy").read_text(),
    "docs/page.md": "# A page\n\n## Its part\n\n[here](#its-part) and [there](../src/core/README.md)\n",
    "src/core/README.md": "# core\n",
    "src/core/answer.h": HEADER,
    "src/core/answer.cc": '#include "core/answer.h"\n\nint answer() { return 42; }\n',
    "src/http/README.md": "# http\n",
    "src/http/server.h": HEADER,
    "src/http/server.cc": "#include <boost/beast.hpp>\n#include <vector>\n\n"
    '#include "core/answer.h"\n#include "http/server.h"\n',
    "src/engine/README.md": "# engine\n",
    "src/engine/model.h": '#pragma once\n\n#include "http/server.h"\n',
}


def cc(body):
    return "void f() {\n  " + body + "\n}\n"


# name of the finding, path, content
PLANTED = [
    ("layer", "src/core/up.cc", '#include "http/server.h"\n'),
    ("layer", "src/engine/private.cc", '#include "http/inside/frame.h"\n'),
    ("layer", "src/unranked/x.cc", "int x;\n"),
    ("include", "src/http/beside.cc", '#include "server.h"\n'),
    ("library", "src/core/web.cc", "#include <boost/beast/http.hpp>\n"),
    ("library", "src/http/rows.cc", "#include <sqlite3.h>\n"),
    ("library", "src/core/new_one.cc", "#include <curl/curl.h>\n"),
    ("file-size", "src/core/long.cc", "int x();\n" * 601),
    ("columns", "src/core/wide.cc", "// " + "x" * 120 + "\n"),
    ("function-size", "src/core/large.cc", cc("g();\n" * 70)),
    ("readme", "src/registry/store.cc", "int x;\n"),
    ("name", "src/core/http_utils.cc", "int x;\n"),
    ("name", "src/core/helper/x.cc", "int x;\n"),
    ("name", "src/core/CamelCase.cc", "int x;\n"),
    ("name", "src/core/unguarded.h", "int x();\n"),
    ("name", "src/core/keeper.cc", "class ThingManager {};\n"),
    ("banned", "src/core/b1.cc", cc("std::regex r;")),
    ("banned", "src/core/b2.cc", cc('system("ls");')),
    ("banned", "src/core/b3.cc", cc('auto* f = popen("ls", "r");')),
    ("banned", "src/core/b4.cc", cc("auto t = time(nullptr);")),
    ("banned", "src/core/b5.cc", cc("auto t = std::chrono::system_clock::now();")),
    ("banned", "src/core/b6.cc", cc("auto x = rand();")),
    ("banned", "src/http/b7.cc", cc("co_spawn(ex, f(), asio::detached);")),
    ("banned", "src/http/b8.cc", cc("std::thread t(f);")),
    ("banned", "src/http/b9.cc", cc("nlohmann::json j;")),
    ("banned", "src/core/b10.cc", cc('auto s = fmt::format("SELECT * FROM t WHERE x = {}", y);')),
    ("banned", "src/core/b11.cc", cc('auto s = "DELETE FROM t WHERE x = " + y;')),
    ("leftover", "src/core/later.cc", "// TO" + "DO: more\n"),
    ("coroutine", "src/core/c1.cc", cc("co_await run([x] { return x; });")),
    ("coroutine", "src/core/c2.cc", cc("co_await run([=] { return x; });")),
    ("coroutine", "src/core/c3.cc", cc("co_await send(Request{1, 2});")),
    ("coroutine", "src/core/c4.cc", cc("co_await send({1, 2});")),
    ("coroutine", "src/core/c5.cc", cc("std::lock_guard lock(mutex_);\n  co_await send(x);")),
    ("link", "docs/broken.md", "[gone](gone.md)\n"),
    ("link", "docs/anchor.md", "[gone](page.md#no-such)\n"),
    ("link", "src/core/page.cc", "// See docs/gone.md\n"),
    ("registry", "ui/package-lock.json", '{"resolved": "https://' + "registry.npm" + 'js.org/x.tgz"}'),
    ("format", "src/core/layout.cc", "int   x( ) ;\n"),
    (
        "exemption",
        "tools/tidy_exemptions.toml",
        '[[exempt]]\ncheck = "name"\npath = "src/none.cc"\nreason = "old"\n',
    ),
    (
        "exemption",
        "tools/tidy_exemptions.toml",
        '[[exempt]]\ncheck = "name"\npath = "src/none.cc"\nreason = ""\n',
    ),
]

ALLOWED = [
    ("src/core/clock.cc", cc("auto t = std::chrono::system_clock::now();")),
    ("src/core/a1.cc", cc("co_await run([&] { return Pair{1, 2}; });")),
    ("src/core/a2.cc", cc("co_await run([this] { return 1; });")),
    ("src/core/a3.cc", cc("{\n    std::lock_guard lock(mutex_);\n  }\n  co_await send(x);")),
    ("src/core/a4.cc", "// system(1), std::regex and rand() in a comment\n"),
    ("src/core/a5.cc", cc('auto s = "std::regex";')),
    ("src/core/a6.cc", cc("auto n = 1'000'000;\n  auto c = x.system();")),
    ("src/core/a7.cc", cc("auto x = co_await read(buffers[i], {});")),
]


class TidyTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name).resolve()
        for path, text in GOOD.items():
            self.write(path, text)

    def write(self, path, text):
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text)

    def found(self, checks):
        return [(f.check, f.path) for f in TIDY["tidy"](self.root, checks)[0]]

    def compile_commands(self):
        self.write(
            "build/release/compile_commands.json",
            json.dumps(
                [
                    {
                        "directory": str(self.root),
                        "file": str(self.root / path),
                        "command": f"clang++-19 -std=c++23 -I{self.root}/src -o x.o -c {self.root / path}",
                    }
                    for path in GOOD
                    if path.endswith("answer.cc")
                ]
            ),
        )

    def test_a_good_tree_has_no_findings(self):
        self.assertEqual(self.found(TEXTUAL), [])

    def test_each_planted_violation_is_found(self):
        self.write("src/http/inside/frame.h", HEADER)
        self.write("src/http/inside/README.md", "# inside\n")
        for check, path, text in PLANTED:
            with self.subTest(path=path, check=check):
                self.write(path, text)
                wanted = path.rsplit("/", 1)[0] if check == "readme" else path
                self.assertIn(check, [c for c, p in self.found(TEXTUAL) if p == wanted or c == "exemption"])
                (self.root / path).unlink()

    def test_what_only_looks_like_a_violation_is_allowed(self):
        for path, text in ALLOWED:
            with self.subTest(path=path):
                self.write(path, text)
                self.assertEqual(self.found({k: v for k, v in TEXTUAL.items() if k != "format"}), [])
                (self.root / path).unlink()

    def test_an_include_cycle_of_two_folders_of_one_rank_is_found(self):
        self.write("src/http/uses_engine.cc", '#include "engine/model.h"\n')
        self.assertEqual([check for check, _ in self.found(TEXTUAL)], ["layer"])

    def test_an_exemption_with_a_reason_allows(self):
        self.write("src/core/wide.cc", "// " + "x" * 120 + "\n")
        self.write(
            "tools/tidy_exemptions.toml",
            '[[exempt]]\ncheck = "columns"\npath = "src/core/w*"\nreason = "a table"\n',
        )
        self.assertEqual(self.found(TEXTUAL), [])

    def test_a_header_that_does_not_compile_alone_is_found(self):
        self.compile_commands()
        self.write("src/core/needs_more.h", "#pragma once\n\nstd::string name();\n")
        headers = {"headers": TIDY["SLOW"]["headers"]}
        self.assertEqual({path for _, path in self.found(headers)}, {"src/core/needs_more.h"})

    def test_clang_tidy_finds_a_use_after_move_and_is_run_again_after_a_change(self):
        self.compile_commands()
        bad = (
            '#include "core/answer.h"\n\n#include <string>\n#include <utility>\n\nint answer() {\n'
            "  std::string a;\n  std::string b = std::move(a);\n  return a.size() + b.size();\n}\n"
        )
        lint = {"clang-tidy": TIDY["SLOW"]["clang-tidy"]}
        self.assertEqual(self.found(lint), [])
        self.write("src/core/answer.cc", bad)
        self.assertEqual(self.found(lint), [("clang-tidy", "src/core/answer.cc")])


if __name__ == "__main__":
    unittest.main()
