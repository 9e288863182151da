"""Answers of the mlflow client as plain JSON, without what differs between any two servers."""

import dataclasses
import datetime
import enum
import json
import math
import re
from pathlib import Path

# Times of this session; those that steps choose lie before, and stay.
MS = range(1_700_000_000_000, 2_500_000_000_000)
SECONDS = range(MS.start // 1000, MS.stop // 1000)
NS = range(MS.start * 1_000_000, MS.stop * 1_000_000)
DEPTH_MAX = 24

_ID = re.compile(
    r"(?:(?<=%2F)|\b)(?:[a-z]{1,2}-)?[0-9a-f]{32}\b"  # runs, models, traces, assessments, datasets, records
    r"|\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"
    r"|\b0x[0-9a-f]{6,16}\b"
    r"|^[A-Za-z0-9+/]{11}=$|^[A-Za-z0-9+/]{22}==$"  # of spans, in their JSON form
    r"|^[0-9a-f]{16}$"
)
_RUN_NAME = re.compile(r"^[a-z]+-[a-z]+-\d{1,4}$")  # one that the server made up
_TIME = re.compile(r"\b20[2-9]\d-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?")
_SET = re.compile(r"\{('[^'{}]*'(?:, '[^'{}]*')+)\}")  # Python's text of a set is in no order
_DATABASE = re.compile(r"\(sqlite3\..*", re.DOTALL)
_DATABASE_TAIL = re.compile(r" Error: \((?:sqlite3|raised as a result).*", re.DOTALL)  # what SQLAlchemy adds
DATABASE = "<what the database said>"
_IN_TEXT = re.compile(r"(?<=Response text: )\{.*\}$", re.DOTALL)
_INTERNAL = ("sqlstate", "error_class")  # that newer servers add to an error for their own logs
_NUMBER = re.compile(r"\b1[7-9]\d{11}(?:\d{6})?\b")


def _number(value):
    if math.isnan(value) or math.isinf(value):
        return str(value)
    whole = int(value)
    if whole in MS or whole in NS or (isinstance(value, float) and whole in SECONDS):
        return "<time>"
    return value


def _error(error):
    found = {"raises": type(error).__name__, "message": str(error)}
    if code := getattr(error, "error_code", None):
        found["error_code"] = code
    return found


def _of_object(value, depth):
    if hasattr(value, "model_dump"):
        return plain(value.model_dump(), depth)
    if hasattr(value, "to_dict") and not isinstance(value, type):
        return plain(value.to_dict(), depth)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name), depth) for f in dataclasses.fields(value)}
    if hasattr(value, "__dict__"):
        fields = {name.lstrip("_"): plain(field, depth) for name, field in vars(value).items()}
        return {"class": type(value).__name__, **fields}
    return repr(value)


def plain(value, depth=0):
    """`value` as JSON's types: objects by their fields, exceptions by type, code and message."""
    depth += 1
    if depth > DEPTH_MAX:
        return "<too deep>"
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, enum.Enum):
        return value.name
    if isinstance(value, (int, float)):
        return _number(value)
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")
    if isinstance(value, (datetime.datetime, datetime.date)):
        return value.isoformat()
    if isinstance(value, BaseException):
        return _error(value)
    if isinstance(value, dict):
        return {str(key): plain(item, depth) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        items = [plain(item, depth) for item in value]
        return {"items": items, "more": bool(value.token)} if hasattr(value, "token") else items
    if isinstance(value, (set, frozenset)):
        return sorted(plain(item, depth) for item in value)
    if isinstance(value, Path):
        return str(value)
    if hasattr(value, "to_dict") and hasattr(value, "columns"):
        return {"columns": sorted(map(str, value.columns)), "rows": plain(value.to_dict("records"), depth)}
    if hasattr(value, "tolist"):
        return plain(value.tolist(), depth)
    return _of_object(value, depth)


def _in_order(items):
    """Tags, params and metrics of a run come in no order; those of one key do."""
    if items and all(isinstance(item, dict) and isinstance(item.get("key"), str) for item in items):
        return sorted(items, key=lambda item: item["key"])
    return items


def _compact(match):
    """A JSON document within a text, as any server would write it."""
    try:
        document = json.loads(match[0])
    except ValueError:
        return match[0]
    return json.dumps({name: value for name, value in document.items() if name not in _INTERNAL})


class Names:
    """Gives each random id the name of the step in which it was first seen, and each time one name."""

    def __init__(self, places):
        self._places = places  # text -> what stands for it: addresses, folders
        self._ids = {}

    def _name(self, found, step):
        if found not in self._ids:
            count = sum(name.startswith(f"<{step}:") for name in self._ids.values())
            self._ids[found] = f"<{step}:{count + 1}>"
        return self._ids[found]

    def in_text(self, text, step):
        for place, name in self._places.items():
            text = text.replace(place, name)
        if _RUN_NAME.match(text):
            return "<made-up name>"
        text = _ID.sub(lambda match: self._name(match[0], step), text)
        text = _TIME.sub("<time>", text)
        text = _IN_TEXT.sub(_compact, text)
        text = _DATABASE.sub(DATABASE, _DATABASE_TAIL.sub("", text))
        text = _SET.sub(lambda match: "{" + ", ".join(sorted(match[1].split(", "))) + "}", text)
        return _NUMBER.sub("<time>", text)

    def __call__(self, value, step, hidden=()):
        """`value` with names for what is random; of fields in `hidden`, only that they are there."""
        if isinstance(value, str):
            return self.in_text(value, step)
        if isinstance(value, list):
            return [self(item, step, hidden) for item in _in_order(value)]
        if isinstance(value, dict):
            ordered = sorted(item for item in value.items() if item[0] not in _INTERNAL)
            return {
                self.in_text(key, step): "<hidden>"
                if key in hidden and item is not None
                else self(item, step, hidden)
                for key, item in ordered
            }
        return value
