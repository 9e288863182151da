#!/usr/bin/env python3
"""Runs one long command with its output in a log file and a short progress line for the person.

    tools/progress.py --log FILE [--keep REGEX] LABEL -- COMMAND...

On a terminal the progress stays on one line; elsewhere a line appears every ten seconds.
--keep REGEX shows the matching lines of the output when the command ends.
On failure the end of the log is shown and the log is named. The exit status is the command's.
"""
import collections
import os
import re
import shutil
import subprocess
import sys
import time

SILENT_SECONDS = 10
TAIL_LINES = 60
TAIL_COLUMNS = 300
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
STEP = re.compile(r"^\[(\d+)/(\d+)\]|^\s*(\d+)/(\d+) Test|\[\s*(\d+)%\]")


def _describe(line):
    """'12/80' of a ninja or ctest line, or nothing: the rest of the line is for the log."""
    match = STEP.match(line)
    if not match:
        return None
    groups = [g for g in match.groups() if g]
    return "/".join(groups) if len(groups) == 2 else groups[0] + "%"


def run(label, command, log, env=None, cwd=None, keep=None):
    """Returns the exit status. `keep`, a regex, prints the matching output lines when the command ends."""
    started = last_shown = time.monotonic()
    on_terminal = sys.stderr.isatty()
    width = shutil.get_terminal_size().columns - 1
    kept, state = [], ""
    env = dict(os.environ if env is None else env, NO_COLOR="1")  # a log is read with any pager
    with open(log, "ab") as out:
        out.write(("\n$ %s\n" % " ".join(command)).encode())
        out.flush()
        child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=env,
            cwd=cwd,
        )
        for raw in child.stdout:
            out.write(raw)
            out.flush()
            line = COLOUR.sub("", raw.decode("utf-8", "replace").rstrip())
            if keep and re.search(keep, line):
                kept.append(line)
            state = _describe(line) or state
            now = time.monotonic()
            if on_terminal and now - last_shown > 0.1:
                sys.stderr.write("\r\x1b[K" + ("%s  %s  %ds" % (label, state, now - started))[:width])
                sys.stderr.flush()
                last_shown = now
            elif not on_terminal and now - last_shown > SILENT_SECONDS:
                print("    %s  %s  %d s" % (label, state, now - started), file=sys.stderr, flush=True)
                last_shown = now
        status = child.wait()
    if on_terminal:
        sys.stderr.write("\r\x1b[K")
        sys.stderr.flush()
    for line in kept:
        print(line, flush=True)
    if status != 0:
        show_tail(label, status, log)
    return status


def show_tail(label, status, log):
    """The end of the log, from the first line that names a failure where there is one."""
    with open(log, encoding="utf-8", errors="replace") as file:
        tail = list(collections.deque(file, TAIL_LINES))
    first = next((i for i, line in enumerate(tail) if line.startswith(("FAILED", "ERROR", "error:"))), 0)
    for line in tail[first:]:
        print("    | " + line.rstrip()[:TAIL_COLUMNS], file=sys.stderr)
    print("%s failed (exit %d); all output: %s" % (label, status, log), file=sys.stderr, flush=True)


def main(arguments):
    log, keep = None, None
    while arguments and arguments[0] in ("--log", "--keep"):
        option, value, *arguments = arguments
        log, keep = (value, keep) if option == "--log" else (log, value)
    if log is None or "--" not in arguments or arguments.index("--") != 1:
        print(__doc__, file=sys.stderr)
        return 2
    return run(arguments[0], arguments[2:], log, keep=keep)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
