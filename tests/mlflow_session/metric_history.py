"""Histories of metrics: whole, sampled, of several runs."""

import requests
from mlflow import MlflowClient
from mlflow.entities import Metric

AT = 1_600_000_000_000
BULK = "/ajax-api/2.0/mlflow/metrics/get-history-bulk"
INTERVAL = BULK + "-interval"


def _points(count, offset=0):
    return [Metric("loss", 1 / (i + 1), AT + i, i * 3 + offset) for i in range(count)]


def steps(session):
    do, client = session.do, MlflowClient()
    experiment = do("experiment", lambda: client.create_experiment("histories"))
    runs = [do(f"run {i}", lambda: client.create_run(experiment, AT + i, run_name=f"h{i}")) for i in range(3)]
    ids = [run.info.run_id for run in runs]
    for i, id in enumerate(ids):
        do(f"points of {i}", lambda: client.log_batch(id, _points(200 * (i + 1), i)))
    do("history", lambda: client.get_metric_history(ids[0], "loss"))
    do("absent metric", lambda: client.get_metric_history(ids[0], "absent"))
    do("absent run", lambda: client.get_metric_history("0" * 32, "loss"))
    do("no key", lambda: client.get_metric_history(ids[0], ""))
    do("nan", lambda: client.log_metric(ids[0], "odd", float("nan"), AT, 0))
    do("inf", lambda: client.log_metric(ids[0], "odd", float("inf"), AT, 1))
    do("odd history", lambda: client.get_metric_history(ids[0], "odd"))
    do("same step thrice", lambda: [client.log_metric(ids[1], "same", v, AT + v, 7) for v in (1, 2, 3)])
    do("same history", lambda: client.get_metric_history(ids[1], "same"))

    def get(path, **query):
        def call():
            answer = requests.get(session.url + path, params=query, timeout=60)
            body = answer.json()
            if path == BULK and "metrics" in body:  # runs come in the order of their random ids
                body["metrics"].sort(key=lambda point: (point["step"], point["timestamp"]))
            return {"status": answer.status_code, "body": body}

        return call

    history = "/api/2.0/mlflow/metrics/get-history"
    do(
        "history page",
        get(history, run_id=ids[0], metric_key="loss", max_results=5),
        hidden=("next_page_token",),
    )
    do("history by uuid", get(history, run_uuid=ids[0], metric_key="odd"))
    do("history of all", get(history, run_id=ids[0], metric_key="loss", max_results=500))
    for count in (0, -1, 25_000, 25_001):
        do(f"history {count}", get(history, run_id=ids[0], metric_key="odd", max_results=count))
    do(
        "history at a bad page",
        get(history, run_id=ids[0], metric_key="loss", max_results=5, page_token="x!"),
    )
    do("bulk", get(BULK, run_id=ids, metric_key="loss", max_results=50))
    do("bulk with an absent run", get(BULK, run_id=[ids[0], "0" * 32], metric_key="odd"))
    do("bulk without runs", get(BULK, metric_key="loss"))
    do("bulk without key", get(BULK, run_id=ids))
    do("bulk of 101", get(BULK, run_id=["0" * 32] * 101, metric_key="loss"))
    do("bulk of too many", get(BULK, run_id=ids, metric_key="loss", max_results=25_001))
    for count in (1, 2, 10, 199, 200, 320, 2500):
        do(f"interval {count}", get(INTERVAL, run_ids=ids, metric_key="loss", max_results=count))
    do("interval of one", get(INTERVAL, run_ids=ids[2], metric_key="loss", max_results=7))
    do(
        "interval of steps",
        get(INTERVAL, run_ids=ids, metric_key="loss", start_step=30, end_step=90, max_results=6),
    )
    do(
        "interval of a step",
        get(INTERVAL, run_ids=ids, metric_key="loss", start_step=30, end_step=30, max_results=6),
    )
    do(
        "interval of no steps",
        get(INTERVAL, run_ids=ids, metric_key="loss", start_step=3000, end_step=9000, max_results=6),
    )
    do(
        "interval backwards",
        get(INTERVAL, run_ids=ids, metric_key="loss", start_step=9, end_step=3, max_results=6),
    )
    do("interval half open", get(INTERVAL, run_ids=ids, metric_key="loss", start_step=9, max_results=6))
    do(
        "interval negative",
        get(INTERVAL, run_ids=ids, metric_key="loss", start_step=-9, end_step=9, max_results=6),
    )
    for count in (0, -1, 2501):
        do(f"interval {count} refused", get(INTERVAL, run_ids=ids, metric_key="loss", max_results=count))
    do("interval without runs", get(INTERVAL, metric_key="loss", max_results=5))
    do("interval without key", get(INTERVAL, run_ids=ids, max_results=5))
    do("interval of 101", get(INTERVAL, run_ids=["0" * 32] * 101, metric_key="loss", max_results=5))
    do("interval of absent", get(INTERVAL, run_ids=ids, metric_key="absent", max_results=5))
    do("interval of same", get(INTERVAL, run_ids=ids, metric_key="same", max_results=5))
