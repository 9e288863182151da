"""The data files of the parity cases: small, and each with the edges of one kind of data."""

import json
import random

MIXED = """\
id,name,x,f,flag,day,code,constant
1,ann,1,1.5,true,2024-01-01,A1,7
2,bob,,2.5,false,2024-01-02,b2,7
3,,3,,true,2024-02-30,A1,7
4,ann,4,-1.0,false,,C3,7
5,zoë,2,1e3,true,2023-01-01,,7
6,"with, comma",2,0.25,true,1 Mar 2024,D-4,7
7,ann,9,2.5,false,not a day,E5,7
"""

MISSING = """\
a,b,empty,t
NA,1,,x
null,2,,
3,nan,,N/A
4,,,"a ""quoted"" word"
"""

HEADER_ONLY = "a,b\n"


def numbers(rows=300):
    chosen = random.Random(7)
    lines = ["id,group,amount,rating,label,note"]
    for i in range(rows):
        amount = "" if chosen.random() < 0.05 else f"{chosen.gauss(50, 15):.3f}"
        label = chosen.choice(["spam", "ham", "ham", "ham"])
        note = chosen.choice(["", "ok", "a longer note", "émile", "10%", "under_score"])
        lines.append(f"{i},{i % 7},{amount},{chosen.randint(1, 5)},{label},{note}")
    return "\n".join(lines) + "\n"


def lines(rows):
    return "".join(json.dumps(row) + "\n" for row in rows)


def write(folder, python):
    """Writes all files and gives their paths by name; `python` has pandas, for Parquet."""
    texts = {
        "mixed.csv": MIXED,
        "missing.csv": MISSING,
        "header_only.csv": HEADER_ONLY,
        "numbers.csv": numbers(),
        "lines.jsonl": lines(
            [
                {"id": 1, "text": "yes", "score": 0.5, "ok": True},
                {"id": 2, "text": None, "score": 2, "ok": False},
                {"id": 3, "text": "no", "score": -1.25, "ok": True},
            ]
        ),
    }
    for name, text in texts.items():
        (folder / name).write_text(text, "utf-8")
    paths = {name: str(folder / name) for name in texts}
    paths["typed.parquet"] = str(folder / "typed.parquet")
    python(["-c", TYPED, paths["typed.parquet"]])
    return paths


TYPED = """
import datetime, sys
import numpy as np, pandas as pd
frame = pd.DataFrame({
    "i": np.array([1, 2, 3, 4, 5, 5], dtype="int64"),
    "small": np.array([1, -2, 3, 4, 5, 6], dtype="int32"),
    "f": [1.0, float("nan"), 2.5, -0.0, 1e150, 2.5],
    "f32": np.array([0.5, 1.5, np.nan, 2.5, 3.5, 4.5], dtype="float32"),
    "s": ["a", None, "b", "", "a", "ü"],
    "b": [True, False, True, True, False, True],
    "d": [datetime.date(2024, 1, day) for day in (1, 2, 3, 4, 5, 5)],
    "t": pd.to_datetime(["2024-01-01", "2024-01-02 03:04:05", None, "2023-12-31", "2024-01-02", "2024-01-02"],
                        format="ISO8601"),
})
frame.to_parquet(sys.argv[1])
"""
