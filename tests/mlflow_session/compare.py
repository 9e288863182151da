"""Where two sessions' answers differ.

    python compare.py EXPECTED ACTUAL [--chapters a,b] [--all]

Prints each difference with both answers; --all also those that accepted.py accepts.
"""

import argparse
import json
import sys
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from accepted import RULES, STEPS
from plain import DATABASE

TEXT_MAX = 600  # of an answer, shown around the first place that differs


@dataclass
class Difference:
    chapter: str
    step: str
    expected: object
    actual: object
    reason: str  # why it is accepted; empty where it is not

    def __str__(self):
        expected, actual = _around(_text(self.expected), _text(self.actual))
        accepted = f"\n    accepted: {self.reason}" if self.reason else ""
        return f"{self.chapter}: {self.step}\n    mlflow:   {expected}\n    Penstock: {actual}{accepted}"


def _text(answer):
    return json.dumps(answer, sort_keys=True, ensure_ascii=False)


def _around(*texts):
    """Both texts, long ones only near where they part."""
    apart = next(
        (i for i, pair in enumerate(zip(*texts, strict=False)) if len(set(pair)) > 1), min(map(len, texts))
    )
    if max(map(len, texts)) <= TEXT_MAX:
        return texts
    start = max(0, apart - TEXT_MAX // 3)
    return [("…" if start else "") + text[start : start + TEXT_MAX] for text in texts]


def read(path):
    """Answers by chapter and step, in order."""
    found = {}
    for line in Path(path).read_text().splitlines():
        row = json.loads(line)
        found[row["chapter"], row["step"]] = row["answer"]
    return found


def _reason(chapter, step, expected, actual):
    """Why this step may differ; empty where it may not."""
    found = [reason for pattern, reason in STEPS if fnmatchcase(f"{chapter}: {step}", pattern)]
    found += [reason for reason, holds in RULES if holds(expected, actual)]
    return found[0] if found else ""


def _without_message(answer):
    if not isinstance(answer, dict):
        return answer
    return {name: _without_message(field) for name, field in answer.items() if name != "message"}


def _equal(expected, actual):
    """Whether both came to the same. A message that is the database's own may be any."""
    if DATABASE not in _text(expected):
        return expected == actual
    return _without_message(expected) == _without_message(actual)


def differences(expected, actual):
    """One Difference for each step that both or either have and that came out differently."""
    nothing = "<no such step>"
    steps = [*expected, *(step for step in actual if step not in expected)]
    pairs = ((step, expected.get(step, nothing), actual.get(step, nothing)) for step in steps)
    return [
        Difference(*step, theirs, ours, _reason(*step, theirs, ours))
        for step, theirs, ours in pairs
        if not _equal(theirs, ours)
    ]


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("expected")
    parser.add_argument("actual")
    parser.add_argument("--chapters")
    parser.add_argument("--all", action="store_true")
    options = parser.parse_args()
    expected, actual = read(options.expected), read(options.actual)
    found = differences(expected, actual)
    wanted = options.chapters.split(",") if options.chapters else None
    shown = [d for d in found if (options.all or not d.reason) and (wanted is None or d.chapter in wanted)]
    print("\n".join(map(str, shown)))
    print(
        f"{len(expected)} steps, {len(found)} differ, {sum(bool(d.reason) for d in found)} of these accepted"
    )
    return 1 if shown else 0


if __name__ == "__main__":
    sys.exit(main())
