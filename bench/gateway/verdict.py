"""The figures beside what they must and ought to be, and beside the peers."""

from measure.page import table

# (what, figure, must, aim, better): the specification's table.
GOALS = [
    ("CPU µs per whole answer", lambda f: f["whole_cpu_us"]["Penstock"], 50, 35, min),
    ("requests/s of a core at p99 ≤ 5 ms", lambda f: f["frontier"]["Penstock"], 18_000, 25_000, max),
    ("added latency p50, µs", lambda f: f["added_us"]["Penstock"][0], 80, 40, min),
    ("added latency p99, µs", lambda f: f["added_us"]["Penstock"][1], 150, 80, min),
    ("CPU µs per relayed event", lambda f: f["event_cpu_us"]["Penstock"], 14, 8, min),
    ("resident memory idle, MB", lambda f: f["rss_mb"]["Penstock"][0], 30, 15, min),
    ("resident memory with the streams open, MB", lambda f: f["rss_mb"]["Penstock"][1], 150, 80, min),
    ("300 KB prompts per core second", lambda f: f["big_per_core"]["Penstock"], 1_000, 2_500, max),
    ("failed requests over reloads", lambda f: f["reload"][0], 0, 0, min),
    ("ms from a reload to its effect", lambda f: f["reload"][1], 50, 50, min),
]
RATIOS = [("whole_cpu_us", "CPU per whole answer"), ("event_cpu_us", "CPU per event")]


def _reached(value, goal, better):
    return value <= goal if better is min else value >= goal


def verdicts(figures):
    """Goals whose figure was measured."""
    rows = []
    for what, figure, must, aim, better in GOALS:
        try:
            value = figure(figures)
        except KeyError:
            continue
        if value is None:
            continue
        verdict = (
            "aim" if _reached(value, aim, better) else "must" if _reached(value, must, better) else "missed"
        )
        rows.append(
            [what, f"{value:,.1f}" if value < 100 else f"{value:,.0f}", f"{must:,}", f"{aim:,}", verdict]
        )
    return table(["Penstock", "measured", "must", "aim", "reached"], rows) if rows else ""


def ratios(figures):
    """What the peers spend for each microsecond that Penstock spends."""
    rows = []
    for key, what in RATIOS:
        ours = figures.get(key, {}).get("Penstock")
        if ours:
            rows.append([what, *(f"{value / ours:,.1f}" for value in figures[key].values())])
    if not rows:
        return ""
    names = next(figures[key] for key, _ in RATIOS if key in figures)
    return table(["times Penstock's", *names], rows)
