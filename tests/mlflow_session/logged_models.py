"""Logged models: their life, params, tags, search with datasets and orders."""

import mlflow
from mlflow import MlflowClient
from mlflow.entities import LoggedModelStatus, Metric

AT = 1_600_000_000_000

FILTERS = (
    None,
    "name = 'model 1'",
    "name != 'model 1'",
    "name LIKE 'model%'",
    "name ILIKE 'MODEL%'",
    "name IN ('model 1', 'model 2')",
    "name NOT IN ('model 1')",
    "model_type = 'agent'",
    "model_type != 'agent'",
    "status = 'READY'",
    "status != 'READY'",
    "attributes.name = 'model 1'",
    "metrics.acc > 0.1",
    "metrics.acc >= 0.2",
    "metrics.acc != 0.1",
    "metrics.absent > 0",
    "params.lr = '0.1'",
    "params.lr LIKE '0%'",
    "params.lr != '0.1'",
    "tags.team = 'a'",
    "tags.team != 'a'",
    "tags.absent = 'a'",
    "creation_timestamp > 0",
    "creation_time > 0",
    "last_updated_timestamp > 0",
    "metrics.acc > 0.05 AND params.lr = '0.1'",
    "metrics.acc > 0.05 AND tags.team = 'a' AND name = 'model 1'",
)
BAD_FILTERS = (
    "name",
    "name > 'a'",
    "name = 5",
    "color = 'x'",
    "metrics.acc > 'x'",
    "metrics.acc LIKE 'x'",
    "params.lr > 0.1",
    "creation_timestamp = 'x'",
    "name = 'a' OR name = 'b'",
    "things.a = 'b'",
    "name RLIKE 'a'",
)
ORDERS = (
    [{"field_name": "name"}],
    [{"field_name": "name", "ascending": False}],
    [{"field_name": "creation_timestamp", "ascending": False}],
    [{"field_name": "creation_time"}],
    [{"field_name": "last_updated_timestamp"}],
    [{"field_name": "metrics.acc"}],
    [{"field_name": "metrics.acc", "ascending": False}],
    [{"field_name": "metrics.acc", "dataset_name": "d", "dataset_digest": "1"}],
    [{"field_name": "model_type"}, {"field_name": "name"}],
    [{"field_name": "color"}],
    [{"field_name": "params.lr"}],
    [{"field_name": "tags.team"}],
    [{"ascending": True}],
    [{"field_name": "metrics.acc", "dataset_name": "d"}],
    [{"field_name": "name", "dataset_name": "d", "dataset_digest": "1"}],
)


def _lived(do, client, experiment):
    run = do("run", lambda: client.create_run(experiment, AT, run_name="source"))
    id = run.info.run_id
    model = do(
        "create",
        lambda: client.create_logged_model(experiment, "first", id, {"a": "1"}, {"p": "1"}, "agent"),
    ).model_id
    do("create without name", lambda: client.create_logged_model(experiment), hidden=("name",))
    do("create in absent", lambda: client.create_logged_model("4711", "x"))
    do(
        "create of absent run",
        lambda: client.create_logged_model(experiment, "x", "0" * 32),
        show=lambda m: m.name,
    )
    for name in ("a/b", "a:b", "a.b", "a%b", 'a"b', "a'b", "", "n" * 500, "n" * 501):
        do(
            f"create {name!r}"[:40],
            lambda: client.create_logged_model(experiment, name),
            show=lambda m: m.status,
        )
    do("get", lambda: client.get_logged_model(model))
    do("get absent", lambda: client.get_logged_model("m-" + "0" * 32))
    do("get odd", lambda: client.get_logged_model("odd"))
    do("params", lambda: client.log_model_params(model, {"q": "2", "r": "3"}))
    do("param again", lambda: client.log_model_params(model, {"q": "2"}))
    do("param changed", lambda: client.log_model_params(model, {"q": "other"}))
    do("param of absent", lambda: client.log_model_params("m-" + "0" * 32, {"q": "2"}))
    do("long param", lambda: client.create_logged_model(experiment, "long", params={"p": "x" * 6001}))
    do("tags", lambda: client.set_logged_model_tags(model, {"b": "2", "c": 3}))
    do("tag again", lambda: client.set_logged_model_tags(model, {"b": "other"}))
    do("tags of absent", lambda: client.set_logged_model_tags("m-" + "0" * 32, {"b": "2"}))
    do("long tag", lambda: client.set_logged_model_tags(model, {"long": "x" * 8001}))
    do("delete tag", lambda: client.delete_logged_model_tag(model, "b"))
    do("delete tag again", lambda: client.delete_logged_model_tag(model, "b"))
    do("delete tag of absent", lambda: client.delete_logged_model_tag("m-" + "0" * 32, "b"))
    do("finalize", lambda: client.finalize_logged_model(model, LoggedModelStatus.READY))
    do("finalize again", lambda: client.finalize_logged_model(model, "FAILED"))
    do("finalize oddly", lambda: client.finalize_logged_model(model, "DONE"))
    do("finalize absent", lambda: client.finalize_logged_model("m-" + "0" * 32, "READY"))
    do("metric of it", lambda: client.log_metric(id, "m", 0.5, AT, 1, model_id=model))
    do("metric of absent", lambda: client.log_metric(id, "m", 0.5, AT, 1, model_id="m-" + "0" * 32))
    do("then", lambda: client.get_logged_model(model))
    do("delete", lambda: client.delete_logged_model(model))
    do("deleted", lambda: client.get_logged_model(model))
    do("delete again", lambda: client.delete_logged_model(model))
    do("delete absent", lambda: client.delete_logged_model("m-" + "0" * 32))


def _made(do, client, experiment):
    run = do("run of metrics", lambda: client.create_run(experiment, AT + 1, run_name="metrics"))
    id = run.info.run_id
    kinds = ("agent", None, "agent", "tree", None)
    for i in range(5):
        params = {"lr": ("0.1", "0.01")[i % 2]}
        tags = {"team": "ab"[i % 2]} if i else {}
        model = do(
            f"model {i}",
            lambda: client.create_logged_model(experiment, f"model {i}", id, tags, params, kinds[i]),
        ).model_id
        if i < 4:
            batch = [
                Metric("acc", i / 10, AT, 0, model_id=model),
                Metric("acc", 1 - i / 10, AT, 1, model_id=model, dataset_name="d", dataset_digest="1"),
            ]
            do(f"metrics of {i}", lambda: client.log_batch(id, batch))
        if i < 3:
            do(f"finalize {i}", lambda: client.finalize_logged_model(model, ("READY", "FAILED", "READY")[i]))


def _names(models):
    return [model.name for model in models] + ["more" if models.token else "end"]


def _searched(do, client, experiment):
    def search(filter_string=None, experiments=(experiment,), **options):
        return lambda: client.search_logged_models(list(experiments), filter_string, **options)

    for text in (*FILTERS, *BAD_FILTERS):
        do(f"search {text}", search(text), show=_names)
    for order in ORDERS:
        do(f"order {order}", search(order_by=order), show=_names)
    do(
        "on a dataset",
        search("metrics.acc > 0.75", datasets=[{"dataset_name": "d", "dataset_digest": "1"}]),
        show=_names,
    )
    do("on a dataset's name", search("metrics.acc > 0.75", datasets=[{"dataset_name": "d"}]), show=_names)
    do("on another dataset", search("metrics.acc > 0", datasets=[{"dataset_name": "e"}]), show=_names)
    page = do("first page", search(max_results=2), show=_names)
    do("second page", search(max_results=2, page_token=page.token), show=_names)
    do("page of another search", search("name = 'x'", max_results=2, page_token=page.token), show=_names)
    do("a bad page", search(page_token="x!"), show=_names)
    for count in (0, -1, 51, 1001):
        do(f"{count} results", search(max_results=count), show=_names)
    do("no experiments", search(experiments=()), show=_names)
    do("absent experiment", search(experiments=("4711",)), show=_names)
    do("whole objects", search("name = 'model 2'"))
    do(
        "list",
        lambda: mlflow.search_logged_models([experiment], output_format="list", max_results=3),
        show=len,
    )


def _files(do, client, experiment, folder):
    (folder / "model files").mkdir(exist_ok=True)
    (folder / "model files/w.txt").write_text("weights")
    model = do("model of files", lambda: client.create_logged_model(experiment, "of files")).model_id
    do("log file", lambda: client.log_model_artifact(model, str(folder / "model files/w.txt")))
    do("log files", lambda: client.log_model_artifacts(model, str(folder / "model files")))
    do("list", lambda: client.list_logged_model_artifacts(model))
    do("list in", lambda: client.list_logged_model_artifacts(model, "absent"))
    do("list of absent", lambda: client.list_logged_model_artifacts("m-" + "0" * 32))


def _fluent(do):
    do("initialize", lambda: mlflow.initialize_logged_model(name="fluent", tags={"a": "b"}))
    do("external", lambda: mlflow.create_external_model(name="external", params={"x": "y"}))
    do("set active", lambda: mlflow.set_active_model(name="active"), show=lambda m: m.name)
    do("active id", lambda: mlflow.get_active_model_id())
    with mlflow.start_run(run_name="active"):
        do("metric of the active", lambda: mlflow.log_metric("of active", 1))
    do("its metrics", lambda: mlflow.get_logged_model(mlflow.get_active_model_id()).metrics)
    do("clear", lambda: mlflow.clear_active_model())


def steps(session):
    do, client = session.do, MlflowClient()
    experiment = do("experiment", lambda: client.create_experiment("logged models"))
    mlflow.set_experiment(experiment_id=experiment)
    _lived(do, client, experiment)
    searched = do("searched experiment", lambda: client.create_experiment("searched models"))
    _made(do, client, searched)
    _searched(do, client, searched)
    _files(do, client, experiment, session.folder)
    _fluent(do)
