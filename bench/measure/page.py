"""Puts measured tables where docs/benchmarks.md shows them."""

import datetime
import os
import re
import statistics
import subprocess
from pathlib import Path

from .programs import ROOT, binary

PAGE = ROOT / "docs/benchmarks.md"


def spread(values, digits=0):
    """Median and range: '12.3 [11.8-13.0]'."""
    form = f"{{:,.{digits}f}}".format
    if len(values) == 1:
        return form(values[0])
    return f"{form(statistics.median(values))} [{form(min(values))}–{form(max(values))}]"


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join([*lines, *("| " + " | ".join(map(str, row)) + " |" for row in rows)])


def machine():
    """One line about where and when this was measured."""
    found = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    cpu = found[1] if found else "an unknown processor"
    memory = int(Path("/proc/meminfo").read_text().split()[1]) / (1 << 20)
    told = subprocess.run([binary(), "version"], capture_output=True, text=True).stdout.strip()
    today = datetime.date.today().isoformat()
    system = f"Linux {os.uname().release}"
    return f"{told}; {os.cpu_count()} cores of {cpu}, {memory:.0f} GiB, {system}; {today}."


def publish(name, text):
    """Replaces what stands between the page's markers of this name."""
    page = PAGE.read_text()
    pattern = re.compile(rf"(<!-- {re.escape(name)} -->\n).*?(<!-- end -->)", re.DOTALL)
    if not pattern.search(page):
        raise SystemExit(f"{PAGE} has no place for {name}")
    PAGE.write_text(pattern.sub(lambda match: match[1] + text + "\n" + match[2], page))
