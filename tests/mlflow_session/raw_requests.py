"""Raw requests that succeed, or nearly: shapes of answers, both prefixes, GET and POST, fields left out."""

from mlflow import MlflowClient
from raw import Rows

HIDDEN = ("digest",)
AT = 1_600_000_000_000
LEGACY_MODEL = (
    '{"artifact_path": "m", "flavors": {"python_function": {}}, "run_id": "{run}",'
    ' "utc_time_created": "2020-01-01 00:00:00.000000"}'
)

READ = (
    ("GET", "2.0/mlflow/experiments/get", {"experiment_id": "{experiment}"}),
    ("GET", "2.0/mlflow/experiments/get-by-name", {"experiment_name": "raw requests"}),
    ("GET", "2.0/mlflow/experiments/search", {"max_results": 1, "filter": "name = 'raw requests'"}),
    ("POST", "2.0/mlflow/experiments/search", {"max_results": 1, "filter": "name = 'raw requests'"}),
    ("GET", "2.0/mlflow/experiments/search", {"max_results": 2, "order_by": ["name DESC", "experiment_id"]}),
    ("POST", "2.0/mlflow/experiments/search", {"max_results": 2, "view_type": "ALL", "order_by": ["name"]}),
    ("GET", "2.0/mlflow/experiments/search", {"max_results": 3, "view_type": "DELETED_ONLY"}),
    ("POST", "2.0/mlflow/experiments/search", {"max_results": "2", "order_by": []}),
    ("GET", "2.0/mlflow/runs/get", {"run_id": "{run}"}),
    ("GET", "2.0/mlflow/runs/get", {"run_uuid": "{run}"}),
    ("GET", "2.0/mlflow/runs/get", {"run_id": "{run}", "run_uuid": "other", "unknown": 5}),
    ("POST", "2.0/mlflow/runs/search", {"experiment_ids": ["{experiment}"]}),
    ("POST", "2.0/mlflow/runs/search", {"experiment_ids": ["{experiment}"], "max_results": 1}),
    ("POST", "2.0/mlflow/runs/search", {"experiment_ids": ["{experiment}"], "run_view_type": "DELETED_ONLY"}),
    (
        "POST",
        "2.0/mlflow/runs/search",
        {"experiment_ids": ["{experiment}"], "filter": None, "order_by": None},
    ),
    ("POST", "2.0/mlflow/runs/search", {}),
    ("GET", "2.0/mlflow/metrics/get-history", {"run_id": "{run}", "metric_key": "m"}),
    ("GET", "2.0/mlflow/metrics/get-history", {"run_id": "{run}", "metric_key": "nan"}),
    ("GET", "2.0/mlflow/artifacts/list", {"run_id": "{run}"}),
    ("GET", "2.0/mlflow/artifacts/list", {"run_id": "{run}", "path": "d"}),
    ("GET", "2.0/mlflow/artifacts/list", {"run_uuid": "{run}", "path": "absent"}),
    ("GET", "2.0/mlflow/registered-models/get", {"name": "raw model"}),
    ("GET", "2.0/mlflow/registered-models/search", {"filter": "name = 'raw model'"}),
    ("GET", "2.0/mlflow/registered-models/search", {"max_results": 1, "order_by": ["name"]}),
    ("GET", "2.0/mlflow/registered-models/get-latest-versions", {"name": "raw model"}),
    ("POST", "2.0/mlflow/registered-models/get-latest-versions", {"name": "raw model", "stages": ["None"]}),
    (
        "GET",
        "2.0/mlflow/registered-models/get-latest-versions",
        {"name": "raw model", "stages": ["None", "Staging"]},
    ),
    ("GET", "2.0/mlflow/registered-models/alias", {"name": "raw model", "alias": "a"}),
    ("GET", "2.0/mlflow/model-versions/get", {"name": "raw model", "version": "1"}),
    ("GET", "2.0/mlflow/model-versions/search", {"filter": "name = 'raw model'"}),
    ("GET", "2.0/mlflow/model-versions/search", {"filter": "name='raw model'", "max_results": 1}),
    ("GET", "2.0/mlflow/model-versions/get-download-uri", {"name": "raw model", "version": "1"}),
    ("GET", "2.0/mlflow/logged-models/{model}"),
    ("POST", "2.0/mlflow/logged-models/search", {"experiment_ids": ["{experiment}"]}),
    ("GET", "2.0/mlflow/logged-models/{model}/artifacts/directories"),
    ("GET", "2.0/mlflow/webhooks"),
    ("GET", "2.0/mlflow/webhooks", {"max_results": 5}),
    ("GET", "3.0/mlflow/scorers/list", {"experiment_id": "{experiment}"}),
    ("POST", "3.0/mlflow/datasets/search", {"experiment_ids": ["{experiment}"]}),
    ("GET", "3.0/mlflow/datasets/search", {"experiment_ids": "{experiment}"}),
    (
        "POST",
        "3.0/mlflow/traces/search",
        {
            "locations": [
                {"type": "MLFLOW_EXPERIMENT", "mlflow_experiment": {"experiment_id": "{experiment}"}}
            ]
        },
    ),
    ("GET", "2.0/mlflow/traces", {"experiment_ids": "{experiment}"}),
    ("GET", "2.0/mlflow-artifacts/artifacts", {"path": "{experiment}/{run}/artifacts"}),
    ("GET", "2.0/mlflow-artifacts/artifacts/{experiment}/{run}/artifacts/d/a.txt"),
)

WRITTEN = (
    ("POST", "2.0/mlflow/experiments/create", {"name": "raw created", "tags": [{"key": "k", "value": "v"}]}),
    (
        "POST",
        "2.0/mlflow/experiments/create",
        {"name": "raw at a place", "artifact_location": "s3://bucket/dir"},
    ),
    ("POST", "2.0/mlflow/experiments/create", {"name": "raw with unknown", "color": "red"}),
    ("POST", "2.0/mlflow/experiments/update", {"experiment_id": "{experiment}", "new_name": "raw requests"}),
    ("POST", "2.0/mlflow/experiments/update", {"experiment_id": "{experiment}"}),
    (
        "POST",
        "2.0/mlflow/experiments/set-experiment-tag",
        {"experiment_id": "{experiment}", "key": "k", "value": "v"},
    ),
    ("POST", "2.0/mlflow/experiments/set-experiment-tag", {"experiment_id": "{experiment}", "key": "k"}),
    ("POST", "2.0/mlflow/experiments/delete-experiment-tag", {"experiment_id": "{experiment}", "key": "k"}),
    (
        "POST",
        "2.0/mlflow/runs/create",
        {"experiment_id": "{experiment}", "start_time": AT, "run_name": "raw 1"},
    ),
    (
        "POST",
        "2.0/mlflow/runs/create",
        {"experiment_id": "{experiment}", "start_time": str(AT + 1), "run_name": "raw 2", "user_id": "me"},
    ),
    (
        "POST",
        "2.0/mlflow/runs/create",
        {"experiment_id": "{experiment}", "start_time": AT + 2, "run_name": "raw 3", "tags": []},
    ),
    ("POST", "2.0/mlflow/runs/create", {"experiment_id": "{experiment}", "run_name": "without start"}),
    ("POST", "2.0/mlflow/runs/create", {"start_time": AT + 3, "run_name": "in default"}),
    ("POST", "2.0/mlflow/runs/update", {"run_id": "{run}", "status": "FINISHED", "end_time": AT + 9}),
    ("POST", "2.0/mlflow/runs/update", {"run_id": "{run}", "status": 3, "end_time": str(AT + 10)}),
    ("POST", "2.0/mlflow/runs/update", {"run_uuid": "{run}", "run_name": "raw renamed"}),
    ("POST", "2.0/mlflow/runs/update", {"run_id": "{run}"}),
    ("POST", "2.0/mlflow/runs/log-metric", {"run_id": "{run}", "key": "m", "value": 1, "timestamp": AT}),
    (
        "POST",
        "2.0/mlflow/runs/log-metric",
        {"run_id": "{run}", "key": "m", "value": 2.5, "timestamp": AT, "step": 1},
    ),
    (
        "POST",
        "2.0/mlflow/runs/log-metric",
        {"run_uuid": "{run}", "key": "m", "value": 3, "timestamp": AT, "step": "2"},
    ),
    (
        "POST",
        "2.0/mlflow/runs/log-metric",
        {"run_id": "{run}", "key": "nan", "value": "NaN", "timestamp": AT},
    ),
    (
        "POST",
        "2.0/mlflow/runs/log-metric",
        {"run_id": "{run}", "key": "inf", "value": "Infinity", "timestamp": AT},
    ),
    ("POST", "2.0/mlflow/runs/log-metric", '{"run_id": "{run}", "key": "lit", "value": NaN, "timestamp": 5}'),
    (
        "POST",
        "2.0/mlflow/runs/log-metric",
        '{"run_id": "{run}", "key": "lit2", "value": -Infinity, "timestamp": 5}',
    ),
    (
        "POST",
        "2.0/mlflow/runs/log-metric",
        {"run_id": "{run}", "key": "text", "value": "1.5", "timestamp": str(AT)},
    ),
    ("POST", "2.0/mlflow/runs/log-parameter", {"run_id": "{run}", "key": "p", "value": "1"}),
    ("POST", "2.0/mlflow/runs/log-parameter", {"run_id": "{run}", "key": "no value"}),
    ("POST", "2.0/mlflow/runs/set-tag", {"run_id": "{run}", "key": "t", "value": "1"}),
    ("POST", "2.0/mlflow/runs/set-tag", {"run_id": "{run}", "key": "no value"}),
    ("POST", "2.0/mlflow/runs/delete-tag", {"run_id": "{run}", "key": "t"}),
    ("POST", "2.0/mlflow/runs/log-batch", {"run_id": "{run}"}),
    (
        "POST",
        "2.0/mlflow/runs/log-batch",
        {"run_id": "{run}", "metrics": [{"key": "b", "value": 1, "timestamp": AT}]},
    ),
    (
        "POST",
        "2.0/mlflow/runs/log-batch",
        {
            "run_id": "{run}",
            "metrics": [{"key": "b", "value": 1, "timestamp": AT, "step": 2}],
            "params": [{"key": "b", "value": "x"}],
            "tags": [{"key": "b", "value": "y"}],
        },
    ),
    ("POST", "2.0/mlflow/runs/log-batch", {"run_id": "{run}", "params": None, "tags": None}),
    ("POST", "2.0/mlflow/runs/log-inputs", {"run_id": "{run}", "datasets": []}),
    (
        "POST",
        "2.0/mlflow/runs/log-inputs",
        {
            "run_id": "{run}",
            "datasets": [{"dataset": {"name": "n", "digest": "d", "source_type": "s", "source": "x"}}],
        },
    ),
    (
        "POST",
        "2.0/mlflow/runs/log-model",
        {
            "run_id": "{run}",
            "model_json": LEGACY_MODEL,
        },
    ),
    ("POST", "2.0/mlflow/runs/delete", {"run_id": "{run}"}),
    ("POST", "2.0/mlflow/runs/restore", {"run_id": "{run}"}),
    ("GET", "2.0/mlflow/runs/get", {"run_id": "{run}"}),
    ("POST", "2.0/mlflow/registered-models/create", {"name": "raw new"}),
    ("PATCH", "2.0/mlflow/registered-models/update", {"name": "raw new", "description": "words"}),
    ("PATCH", "2.0/mlflow/registered-models/update", {"name": "raw new"}),
    ("POST", "2.0/mlflow/registered-models/set-tag", {"name": "raw new", "key": "k", "value": "v"}),
    ("POST", "2.0/mlflow/registered-models/set-tag", {"name": "raw new", "key": "no value"}),
    ("DELETE", "2.0/mlflow/registered-models/delete-tag", {"name": "raw new", "key": "k"}),
    ("POST", "2.0/mlflow/model-versions/create", {"name": "raw new", "source": "s3://b/p"}),
    (
        "PATCH",
        "2.0/mlflow/model-versions/update",
        {"name": "raw new", "version": "1", "description": "words"},
    ),
    ("PATCH", "2.0/mlflow/model-versions/update", {"name": "raw new", "version": 1}),
    (
        "POST",
        "2.0/mlflow/model-versions/set-tag",
        {"name": "raw new", "version": "1", "key": "k", "value": "v"},
    ),
    ("DELETE", "2.0/mlflow/model-versions/delete-tag", {"name": "raw new", "version": "1", "key": "k"}),
    (
        "POST",
        "2.0/mlflow/model-versions/transition-stage",
        {"name": "raw new", "version": "1", "stage": "staging", "archive_existing_versions": False},
    ),
    (
        "POST",
        "2.0/mlflow/model-versions/transition-stage",
        {"name": "raw new", "version": "1", "stage": "Production", "archive_existing_versions": "true"},
    ),
    ("POST", "2.0/mlflow/registered-models/alias", {"name": "raw new", "alias": "a", "version": "1"}),
    ("DELETE", "2.0/mlflow/registered-models/alias", {"name": "raw new", "alias": "a"}),
    ("POST", "2.0/mlflow/registered-models/rename", {"name": "raw new", "new_name": "raw newer"}),
    ("DELETE", "2.0/mlflow/model-versions/delete", {"name": "raw newer", "version": "1"}),
    ("DELETE", "2.0/mlflow/registered-models/delete", {"name": "raw newer"}),
    ("PATCH", "2.0/mlflow/logged-models/{model}/tags", {"tags": [{"key": "k", "value": "v"}]}),
    ("POST", "2.0/mlflow/logged-models/{model}/params", {"params": [{"key": "pk", "value": "v"}]}),
    ("PATCH", "2.0/mlflow/logged-models/{model}", {"model_id": "{model}", "status": "LOGGED_MODEL_READY"}),
    ("DELETE", "2.0/mlflow/logged-models/{model}/tags/k"),
    ("POST", "2.0/mlflow/logged-models", {"experiment_id": "{experiment}", "name": "raw logged"}),
)

PLACES = (
    ("GET", "/health"),
    ("GET", "/version"),
    ("GET", "3.0/mlflow/server-info"),
    ("GET", "2.0/mlflow/nowhere"),
    ("POST", "2.0/mlflow/nowhere", {}),
    ("GET", "9.0/mlflow/experiments/get", {"experiment_id": "0"}),
    ("GET", "2.0/mlflow/experiments/get/", {"experiment_id": "0"}),
    ("GET", "2.0/mlflow/traces/tr-00000000000000000000000000000000"),
    ("GET", "3.0/mlflow/experiments/get", {"experiment_id": "0"}),
    ("GET", "2.0/mlflow/runs/create"),
    ("PUT", "2.0/mlflow/runs/create", {}),
    ("DELETE", "2.0/mlflow/runs/get"),
    ("GET", "2.0/preview/mlflow/experiments/get", {"experiment_id": "0"}),
    ("GET", "2.0/mlflow/unified-traces"),
    ("GET", "2.0/mlflow/get-online-trace-details"),
)


def made(session, name, do):
    """The things that rows speak of."""
    client = MlflowClient()
    experiment = do("experiment", lambda: client.create_experiment(name))
    run = do("run", lambda: client.create_run(experiment, AT - 1, run_name="raw"))
    do("metric", lambda: client.log_metric(run.info.run_id, "m", 0.5, AT, 0))
    do("file", lambda: client.log_text(run.info.run_id, "text", "d/a.txt"))
    model_name = name.replace("raw requests", "raw model").replace("raw errors", "wrong model")
    do("model", lambda: client.create_registered_model(model_name, {"k": "v"}))
    do("version", lambda: client.create_model_version(model_name, "s3://b/p"))
    do("alias", lambda: client.set_registered_model_alias(model_name, "a", "1"))
    places = {"experiment": experiment, "run": run.info.run_id}
    if session.major >= 3:
        logged = do("logged model", lambda: client.create_logged_model(experiment, name="raw"))
        places["model"] = logged.model_id
    return Rows(session, places)


def steps(session):
    rows = made(session, "raw requests", session.do)
    for prefix in ("api", "ajax-api"):
        rows.run(prefix, READ)
        rows.run(prefix, PLACES)
    rows.run("api", WRITTEN)
    rows.run("ajax-api", READ[:24])
