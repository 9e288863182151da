"""log_batch and its limits."""

import math

from mlflow import MlflowClient
from mlflow.entities import Metric, Param, RunTag

AT = 1_600_000_000_000


def _good(do, client, id):
    do(
        "all three",
        lambda: client.log_batch(id, [Metric("m", 1, AT, 0)], [Param("p", "1")], [RunTag("t", "1")]),
    )
    do("nothing", lambda: client.log_batch(id))
    do("10 metrics", lambda: client.log_batch(id, [Metric("ten", i, AT + i, i) for i in range(10)]))
    do("same metric twice", lambda: client.log_batch(id, [Metric("twice", 1, AT, 0)] * 2))
    do("same metric again", lambda: client.log_batch(id, [Metric("twice", 1, AT, 0)]))
    do(
        "a metric backwards",
        lambda: client.log_batch(id, [Metric("back", i, AT + i, 9 - i) for i in range(10)]),
    )
    do(
        "not numbers",
        lambda: client.log_batch(id, [Metric("nan", math.nan, AT, 0), Metric("inf", -math.inf, AT, 0)]),
    )
    do("1000 metrics", lambda: client.log_batch(id, [Metric(f"k{i % 7}", i, AT + i, i) for i in range(1000)]))
    do("100 params", lambda: client.log_batch(id, params=[Param(f"p{i}", str(i)) for i in range(100)]))
    do("100 tags", lambda: client.log_batch(id, tags=[RunTag(f"t{i}", str(i)) for i in range(100)]))
    do("same tag twice", lambda: client.log_batch(id, tags=[RunTag("tt", "1"), RunTag("tt", "2")]))
    do("same param again", lambda: client.log_batch(id, params=[Param("p", "1")]))
    do("same param twice", lambda: client.log_batch(id, params=[Param("pp", "1"), Param("pp", "1")]))
    do("run's name by tag", lambda: client.log_batch(id, tags=[RunTag("mlflow.runName", "renamed by batch")]))
    do("long param", lambda: client.log_batch(id, params=[Param("long", "x" * 6001)]))
    do("long tag", lambda: client.log_batch(id, tags=[RunTag("long", "x" * 8001)]))
    do("run after", lambda: client.get_run(id))
    do("history", lambda: client.get_metric_history(id, "twice"))


def _bad(do, client, id):
    do("param changed", lambda: client.log_batch(id, [Metric("never", 1, AT, 0)], [Param("p", "2")]))
    do("param twice unlike", lambda: client.log_batch(id, params=[Param("q", "1"), Param("q", "2")]))
    do("1001 metrics", lambda: client.log_batch(id, [Metric("k", i, AT, i) for i in range(1001)]))
    do("101 params", lambda: client.log_batch(id, params=[Param(f"x{i}", str(i)) for i in range(101)]))
    do("101 tags", lambda: client.log_batch(id, tags=[RunTag(f"x{i}", str(i)) for i in range(101)]))
    many = [Metric("k", i, AT, i) for i in range(950)]
    do("too many in all", lambda: client.log_batch(id, many, [Param(f"y{i}", "1") for i in range(60)]))
    do("metric without key", lambda: client.log_batch(id, [Metric(None, 1, AT, 0)]))
    do("metric with empty key", lambda: client.log_batch(id, [Metric("", 1, AT, 0)]))
    do("metric with a bad key", lambda: client.log_batch(id, [Metric("../a", 1, AT, 0)]))
    do("metric without value", lambda: client.log_batch(id, [Metric("a", None, AT, 0)]))
    do("metric of a word", lambda: client.log_batch(id, [Metric("a", "high", AT, 0)]))
    do("metric without time", lambda: client.log_batch(id, [Metric("a", 1, None, 0)]))
    do("metric with a negative time", lambda: client.log_batch(id, [Metric("a", 1, -5, 0)]))
    do("param with a bad key", lambda: client.log_batch(id, params=[Param("a*", "1")]))
    do("param with a long key", lambda: client.log_batch(id, params=[Param("k" * 251, "1")]))
    do("second param bad", lambda: client.log_batch(id, params=[Param("good", "1"), Param("b*d", "1")]))
    do("tag with a bad key", lambda: client.log_batch(id, tags=[RunTag("../a", "1")]))
    do("absent run", lambda: client.log_batch("0" * 32, [Metric("m", 1, AT, 0)]))
    do("no run", lambda: client.log_batch("", [Metric("m", 1, AT, 0)]))
    do("untouched", lambda: client.get_run(id).data)


def steps(session):
    do, client = session.do, MlflowClient()
    experiment = do("experiment", lambda: client.create_experiment("batches"))
    run = do("run", lambda: client.create_run(experiment, AT, run_name="batched"))
    _good(do, client, run.info.run_id)
    _bad(do, client, run.info.run_id)
    do("delete", lambda: client.delete_run(run.info.run_id))
    do("into deleted", lambda: client.log_batch(run.info.run_id, [Metric("m", 1, AT, 0)]))
