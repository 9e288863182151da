"""Documents that must match the tree: generated pages, relative links, pages that messages point to."""

import re
import runpy

from .tree import Finding

_LINK = re.compile(r"\]\(([^)\s]+)(?:\s+\"[^\"]*\")?\)")
_FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
_REGISTRY = re.compile(r"//[a-z0-9.-]*(?:npm|python|debian|maven|crates|golang)[a-z0-9]*\.(?:org|io)\b")
_PAGE = re.compile(r"\bdocs/[A-Za-z0-9_/-]+\.md\b")


def _anchors(text):
    """The anchors that the usual renderers give to headings."""
    for heading in re.findall(r"^#+\s+(.+?)\s*$", _FENCE.sub("", text), re.MULTILINE):
        plain = re.sub(r"[`*]|\[([^]]*)\]\([^)]*\)", r"\1", heading).lower()
        yield re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")


def check_links(tree):
    for source in tree.files.values():
        if not source.path.endswith(".md"):
            continue
        text = _FENCE.sub(lambda m: re.sub(r"[^\n]", " ", m.group()), source.text)
        for match in _LINK.finditer(text):
            target, _, anchor = match.group(1).partition("#")
            if "://" in target or target.startswith(("mailto:", "/")):
                continue
            line = source.line_at(match.start())
            file = (source.absolute.parent / target).resolve() if target else source.absolute
            if not file.exists():
                yield Finding(source.path, line, "link", f"{match.group(1)} does not exist")
            elif anchor and file.suffix == ".md" and anchor not in set(_anchors(file.read_text("utf-8"))):
                yield Finding(source.path, line, "link", f"{match.group(1)}: no such heading")


def check_pages(tree):
    """A message or a comment that sends the reader to a page of docs/."""
    for source in tree.files.values():
        if source.path.startswith(("src/", "bench/", "ui/src/", "tools/")) and not source.path.startswith(
            "tools/tidy"
        ):
            for match in _PAGE.finditer(source.text):
                if not (tree.root / match.group()).exists():
                    yield Finding(
                        source.path, source.line_at(match.start()), "link", f"{match.group()} does not exist"
                    )


def check_registries(tree):
    """A registry is reached through its client, as each machine has it set up; a lock file too names none."""
    for source in tree.files.values():
        if source.path.endswith((".md", ".json", ".toml", ".txt", ".cmake", ".sh", ".py", ".yaml", ".yml")):
            for match in _REGISTRY.finditer(source.text):
                yield Finding(
                    source.path, source.line_at(match.start()), "registry", f"names the host {match.group()}"
                )


def check_dependencies(tree):
    generator = tree.root / "tools/third_party/write_dependencies"
    if not generator.exists():
        return
    page = tree.root / "docs/dependencies.md"
    expected = runpy.run_path(str(generator))["render"]()
    if not page.exists() or page.read_text("utf-8") != expected:
        yield Finding(
            "docs/dependencies.md", 1, "generated", "not current: run tools/third_party/write_dependencies"
        )
