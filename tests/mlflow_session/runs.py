"""Runs: their life, parameters, metrics, tags and what is refused."""

import math

import mlflow
from mlflow import MlflowClient
from mlflow.entities import RunStatus

AT = 1_600_000_000_000  # ms; a time that no step's clock shows


def _lived(do, client, experiment):
    run = do(
        "create", lambda: client.create_run(experiment, start_time=AT, run_name="first", tags={"a": "1"})
    )
    id = run.info.run_id
    do("get", lambda: client.get_run(id))
    do(
        "create without name",
        lambda: client.create_run(experiment, start_time=AT + 1),
        hidden=("run_name", "mlflow.runName"),
    )
    do(
        "create named by tag",
        lambda: client.create_run(experiment, AT + 2, tags={"mlflow.runName": "by tag"}),
    )
    do(
        "create with two names",
        lambda: client.create_run(experiment, AT + 3, tags={"mlflow.runName": "tag"}, run_name="field"),
    )
    do("create in absent", lambda: client.create_run("4711"))
    do("create in a word", lambda: client.create_run("alpha"))
    do("get absent", lambda: client.get_run("0" * 32))
    do("get nothing", lambda: client.get_run(""))
    do("get odd", lambda: client.get_run("not a run"))
    do("rename", lambda: client.update_run(id, name="second"))
    do("status", lambda: client.update_run(id, status="SCHEDULED"))
    do("bad status", lambda: client.update_run(id, status="SLEEPING"))
    do("renamed", lambda: client.get_run(id))
    do("rename to nothing", lambda: client.update_run(id, name=""))
    do("rename by tag", lambda: client.set_tag(id, "mlflow.runName", "third"))
    do("renamed by tag", lambda: client.get_run(id))
    for status in ("FINISHED", "FAILED", "KILLED", "RUNNING"):
        do(f"terminate {status}", lambda: client.set_terminated(id, status, AT + 5000))
        do(f"terminated {status}", lambda: client.get_run(id).info)
    do("terminate oddly", lambda: client.set_terminated(id, "DONE"))
    do("delete", lambda: client.delete_run(id))
    do("deleted", lambda: client.get_run(id).info)
    do("delete again", lambda: client.delete_run(id))
    do("param of deleted", lambda: client.log_param(id, "p", 1))
    do("metric of deleted", lambda: client.log_metric(id, "m", 1, AT))
    do("tag of deleted", lambda: client.set_tag(id, "t", 1))
    do("untag deleted", lambda: client.delete_tag(id, "a"))
    do("update deleted", lambda: client.update_run(id, status="FINISHED"))
    do("restore", lambda: client.restore_run(id))
    do("restore again", lambda: client.restore_run(id))
    do("restored", lambda: client.get_run(id).info)
    do("delete absent", lambda: client.delete_run("0" * 32))
    do("restore absent", lambda: client.restore_run("0" * 32))
    do("update absent", lambda: client.update_run("0" * 32, status="FINISHED"))


def _params(do, client, id):
    values = ("text", "", 5, 0.1, None, True, [1, 2], {"a": 1}, "ünïcode", "x" * 500, "x" * 6000, "a\nb")
    for index, value in enumerate(values):
        do(f"param {index}", lambda: client.log_param(id, f"p{index}", value))
    do("param too long", lambda: client.log_param(id, "long", "x" * 6001))
    do("param again", lambda: client.log_param(id, "p0", "text"))
    do("param changed", lambda: client.log_param(id, "p0", "other"))
    do("param of absent", lambda: client.log_param("0" * 32, "p", 1))
    do("params", lambda: client.get_run(id).data.params)


KEYS = (
    "plain",
    "with space",
    "a/b/c",
    "dots.and-dashes_1",
    "a:b",
    "k" * 250,
    "k" * 251,
    "",
    " ",
    ".",
    "..",
    "/rooted",
    "../up",
    "a//b",
    "a/./b",
    "a/../b",
    "ends/",
    "star*",
    "ümlaut",
    "quote'",
    'double"',
    "new\nline",
    "per%cent",
    "hash#",
    "back\\slash",
    "q?",
    "(brackets)",
    "comma,",
)


def _keys(do, client, id):
    for key in KEYS:
        do(f"metric key {key!r}"[:60], lambda: client.log_metric(id, key, 1.0, AT, 0))
        do(f"param key {key!r}"[:60], lambda: client.log_param(id, key, "v"))
        do(f"tag key {key!r}"[:60], lambda: client.set_tag(id, key, "v"))
    do("after keys", lambda: client.get_run(id).data)


def _metrics(do, client, id):
    values = {
        "one": 1,
        "third": 1 / 3,
        "tiny": 5e-324,
        "huge": 1e308,
        "negative zero": -0.0,
        "nan": math.nan,
        "inf": math.inf,
        "minus inf": -math.inf,
        "whole": 10**15,
    }
    for name, value in values.items():
        do(f"metric {name}", lambda: client.log_metric(id, f"v {name}", value, AT, 1))
    do("metric of a word", lambda: client.log_metric(id, "word", "high"))
    do("metric of nothing", lambda: client.log_metric(id, "none", None))
    do("metric of truth", lambda: client.log_metric(id, "true", True, AT))
    do("metric of digits", lambda: client.log_metric(id, "digits", "12.5", AT))
    points = (
        (1, AT, 0),
        (2, AT, 0),
        (3, AT + 1, 0),
        (0.5, AT - 1, 5),
        (9, AT + 9, 4),
        (0.5, AT - 1, 5),
        (0.4, AT - 1, 5),
    )
    for value, at, step in points:
        do(f"metric at {step}", lambda: client.log_metric(id, "latest", value, at, step))
    do("metric at a negative step", lambda: client.log_metric(id, "negative", 1, AT, -3))
    do("metric long ago", lambda: client.log_metric(id, "old", 1, 0, 0))
    do("metric at a fraction", lambda: client.log_metric(id, "fraction", 1, AT, 1.5))
    do("metric with a word for step", lambda: client.log_metric(id, "odd", 1, AT, "x"))
    do("metric with a huge step", lambda: client.log_metric(id, "far", 1, AT, 2**62))
    do("metric with too huge a step", lambda: client.log_metric(id, "farther", 1, AT, 2**63))
    do("metric of absent", lambda: client.log_metric("0" * 32, "m", 1, AT))
    do("metrics", lambda: client.get_run(id).data.metrics)


def _tags(do, client, id):
    for index, value in enumerate(("text", "", 5, None, "x" * 5000, "x" * 8000, "x" * 8001, "ü")):
        do(f"tag {index}", lambda: client.set_tag(id, f"t{index}", value))
    do("tag again", lambda: client.set_tag(id, "t0", "other"))
    do("delete tag", lambda: client.delete_tag(id, "t1"))
    do("delete tag again", lambda: client.delete_tag(id, "t1"))
    do("delete tag of absent", lambda: client.delete_tag("0" * 32, "t1"))
    do("tag of absent", lambda: client.set_tag("0" * 32, "t", 1))
    do("tag as user", lambda: client.set_tag(id, "mlflow.user", "somebody"))
    do("note", lambda: client.set_tag(id, "mlflow.note.content", "# A note"))
    do("tags", lambda: client.get_run(id))


def _fluent(do):
    mlflow.set_experiment("fluent")
    hidden = ("run_name", "mlflow.runName", "mlflow.source.git.commit")
    with mlflow.start_run() as run:
        do("param", lambda: mlflow.log_param("a", 1))
        do("params", lambda: mlflow.log_params({"b": 2, "c": "three"}))
        do("metric", lambda: mlflow.log_metric("m", 0.5))
        do("metric with step", lambda: mlflow.log_metric("m", 0.6, step=2))
        do("metrics", lambda: mlflow.log_metrics({"x": 1, "y": 2.5}, step=3))
        do("metrics at", lambda: mlflow.log_metrics({"z": 1}, timestamp=AT))
        do("tag", lambda: mlflow.set_tag("stage", "one"))
        do("tags", lambda: mlflow.set_tags({"t": 1, "u": "two"}))
        do("start inside", lambda: mlflow.start_run())
        do("nested", lambda: mlflow.start_run(nested=True, run_name="child"), hidden)
        do("nested tags", lambda: mlflow.active_run().data.tags, hidden)
        mlflow.end_run()
        do("param changed", lambda: mlflow.log_param("a", 2))
        do("params changed", lambda: mlflow.log_params({"a": 2, "new": 1}))
        do("log nothing", lambda: mlflow.log_metrics({}))
    do("ended", lambda: mlflow.get_run(run.info.run_id), hidden)
    do("parent", lambda: mlflow.get_parent_run(run.info.run_id))
    do("last active", lambda: mlflow.last_active_run().info.run_id)
    _fluent_more(do, run.info.run_id, hidden)


def _fluent_more(do, id, hidden):
    do("resume", lambda: mlflow.start_run(run_id=id), hidden, show=lambda r: r.info)
    do("log resumed", lambda: mlflow.log_metric("again", 1, step=1))
    do("end killed", lambda: mlflow.end_run("KILLED"))
    do("ended killed", lambda: mlflow.get_run(id).info, hidden)
    do(
        "named with tags",
        lambda: mlflow.start_run(run_name="named", tags={"k": "v"}, description="about"),
        hidden,
    )
    do("end failed", lambda: mlflow.end_run(RunStatus.to_string(RunStatus.FAILED)))
    do("delete", lambda: mlflow.delete_run(id))
    do("resume deleted", lambda: mlflow.start_run(run_id=id))
    do("resume absent", lambda: mlflow.start_run(run_id="0" * 32))
    do("resume elsewhere", lambda: mlflow.start_run(experiment_id="4711"))
    mlflow.end_run()

    def fails():
        with mlflow.start_run(run_name="fails") as run:
            fails.id = run.info.run_id
            raise ValueError("as planned")

    do("raises inside", fails)
    do("status then", lambda: mlflow.get_run(fails.id).info.status)
    do("parent of absent", lambda: mlflow.get_parent_run("0" * 32))


def steps(session):
    do, client = session.do, MlflowClient()
    experiment = do("experiment", lambda: client.create_experiment("runs"))
    _lived(do, client, experiment)
    run = do("run of values", lambda: client.create_run(experiment, AT + 10, run_name="values"))
    for part in (_params, _metrics, _tags):
        part(do, client, run.info.run_id)
    keyed = do("run of keys", lambda: client.create_run(experiment, AT + 11, run_name="keys"))
    _keys(do, client, keyed.info.run_id)
    _fluent(do)
