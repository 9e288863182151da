#!/usr/bin/env python3
"""What tools/embed_ui promises, on small folders."""

import gzip
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

TOOL = Path(__file__).with_name("embed_ui")


class EmbedUiTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.dist = Path(self.folder.name) / "dist"
        self.out = Path(self.folder.name) / "build" / "ui_files.cc"
        self.write("index.html", "<!doctype html>" * 40)

    def write(self, name, content):
        path = self.dist / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)

    def embed(self, source=None):
        command = [sys.executable, str(TOOL), str(source or self.dist), str(self.out)]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    def table(self):
        done = self.embed()
        self.assertEqual(done.returncode, 0, done.stderr)
        return self.out.read_text()

    def test_rows_are_sorted_by_path_and_only_hashed_assets_are_immutable(self):
        self.write("theme.js", "a" * 100)
        self.write("assets/index-B3xk92aQ.js", "b" * 100)
        rows = re.findall(r'\{"(/[^"]+)", "([^"]+)", [^\n]+\n[^\n]*(true|false)\}', self.table())
        self.assertEqual(
            rows,
            [
                ("/assets/index-B3xk92aQ.js", "text/javascript; charset=utf-8", "true"),
                ("/index.html", "text/html; charset=utf-8", "false"),
                ("/theme.js", "text/javascript; charset=utf-8", "false"),
            ],
        )

    def test_the_payloads_beside_the_source_are_the_file_and_its_gzip(self):
        self.table()
        payloads = self.out.with_suffix(".bytes")
        raw = (self.dist / "index.html").read_bytes()
        self.assertEqual((payloads / "000.raw").read_bytes(), raw)
        self.assertEqual(gzip.decompress((payloads / "000.gzip").read_bytes()), raw)

    def test_gzip_is_left_out_where_it_does_not_pay(self):
        self.write("a.woff2", bytes(range(256)))
        self.assertIn("{kFile0Raw, sizeof kFile0Raw}, {}, false", self.table())

    def test_an_empty_file_needs_no_array(self):
        self.write("a.txt", "")
        self.assertIn("{}, {}, false", self.table())

    def test_the_source_changes_with_every_byte_and_with_nothing_else(self):
        first = self.table()
        self.assertEqual(self.table(), first)
        self.write("index.html", "<!doctype html>" * 41)
        self.assertNotEqual(self.table(), first)

    def test_an_unknown_ending_and_an_unfinished_build_are_refused(self):
        self.write("a.exe", "x")
        done = self.embed()
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("/a.exe: no content type", done.stderr)
        self.assertIn("no index.html", self.embed(self.dist / "none").stderr)

    def test_empty_leaves_a_table_without_rows(self):
        done = self.embed("--empty")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("std::span<const http::StaticFile> kFiles;", self.out.read_text())


if __name__ == "__main__":
    unittest.main()
