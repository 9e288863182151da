"""Evaluation datasets: made, filled, searched, tied to experiments; and mlflow.genai.evaluate over one."""

import mlflow
from mlflow import MlflowClient
from mlflow.genai import datasets

# Records come in the order of their random ids, experiments in any.
HIDDEN = ("digest", "records", "experiment_ids")

RECORDS = [
    {"inputs": {"q": "one"}, "expectations": {"a": "1"}, "tags": {"t": "x"}},
    {"inputs": {"q": "two"}, "expectations": {"a": "2"}},
    {"inputs": {"q": "three", "n": [1, {"b": None}]}},
]
FILTERS = (
    None,
    "name = 'data one'",
    "name LIKE 'data%'",
    "name ILIKE 'DATA%'",
    "name != 'data one'",
    "tags.team = 'a'",
    "tags.team != 'a'",
    "created_time > 0",
    "last_update_time > 0",
    "created_by = 'nobody'",
    "name = 'data one' AND tags.team = 'a'",
    "color = 'x'",
    "name > 'x'",
    "created_time = 'x'",
    "name = 'a' OR name = 'b'",
    "name",
)
ORDERS = (
    ["name"],
    ["name DESC"],
    ["created_time"],
    ["created_time DESC"],
    ["last_update_time DESC"],
    ["color"],
    ["name UP"],
)


def _made(do, client, experiment):
    one = do("create", lambda: datasets.create_dataset("data one", experiment, {"team": "a"}).to_dict())
    do("create again", lambda: datasets.create_dataset("data one", experiment).to_dict())
    do("create in two", lambda: datasets.create_dataset("data two", [experiment, "0"]).to_dict())
    do("create in absent", lambda: datasets.create_dataset("data three", "4711").to_dict())
    do("create in none", lambda: datasets.create_dataset("data four", []).to_dict())
    do("create without name", lambda: datasets.create_dataset("", experiment).to_dict())
    do("create with null", lambda: datasets.create_dataset(None, experiment))
    id = one["dataset_id"]
    do("get", lambda: datasets.get_dataset(dataset_id=id).to_dict())
    do("get by name", lambda: datasets.get_dataset(name="data two").to_dict())
    do("get by absent name", lambda: datasets.get_dataset(name="absent"))
    do("get absent", lambda: datasets.get_dataset(dataset_id="d-" + "0" * 32))
    do("get nothing", lambda: datasets.get_dataset())
    return id


def _filled(do, id):
    data = datasets.get_dataset(dataset_id=id)

    def rows():
        frame = datasets.get_dataset(dataset_id=id).to_df()
        return sorted(
            frame.drop(columns=["source"], errors="ignore").to_dict("records"), key=lambda r: str(r["inputs"])
        )

    do("records of none", lambda: data.to_df().shape[0])
    do("merge", lambda: data.merge_records(RECORDS).to_dict())
    do("rows", rows)
    do("merge again", lambda: data.merge_records(RECORDS).to_dict())
    changed = [{"inputs": {"q": "one"}, "expectations": {"a": "I", "b": "new"}, "tags": {"u": "y"}}]
    do("merge changed", lambda: data.merge_records(changed).to_dict())
    do("rows then", rows)
    do("merge nothing", lambda: data.merge_records([]))
    do("merge without inputs", lambda: data.merge_records([{"expectations": {"a": 1}}]))
    do("merge odd", lambda: data.merge_records([{"inputs": "text"}]))
    do("merge another shape", lambda: data.merge_records([{"inputs": {"goal": "x"}}]))
    do(
        "schema and profile",
        lambda: [datasets.get_dataset(dataset_id=id).schema, datasets.get_dataset(dataset_id=id).profile],
    )
    do("experiments", lambda: datasets.get_dataset(dataset_id=id).experiment_ids)
    records = datasets.get_dataset(dataset_id=id).to_df()["dataset_record_id"].tolist()
    do("delete a record", lambda: datasets.get_dataset(dataset_id=id).delete_records(records[:1]))
    do("delete it again", lambda: datasets.get_dataset(dataset_id=id).delete_records(records[:1]))
    do("left", lambda: len(datasets.get_dataset(dataset_id=id).to_df()))


def _changed(do, client, id, experiment):
    do("tags", lambda: client.set_dataset_tags(id, {"k": "v", "n": 5}))
    do("tag again", lambda: client.set_dataset_tags(id, {"k": "v2"}))
    do("tags of absent", lambda: client.set_dataset_tags("d-" + "0" * 32, {"k": "v"}))
    do("delete tag", lambda: client.delete_dataset_tag(id, "n"))
    do("delete tag again", lambda: client.delete_dataset_tag(id, "n"))
    do("tags now", lambda: client.get_dataset(id).tags)
    do("add experiments", lambda: client.add_dataset_to_experiments(id, ["0"]).to_dict())
    do("experiments now", lambda: sorted(client.get_dataset(id).experiment_ids))
    do("add absent", lambda: client.add_dataset_to_experiments(id, ["4711"]).to_dict())
    do("remove experiment", lambda: client.remove_dataset_from_experiments(id, ["0"]).to_dict())
    do("remove again", lambda: client.remove_dataset_from_experiments(id, ["0"]).to_dict())
    do("add to absent", lambda: client.add_dataset_to_experiments("d-" + "0" * 32, ["0"]))


def _searched(do, client, experiment):
    def names(found):
        return [data.name for data in found] + ["more" if getattr(found, "token", None) else "end"]

    for text in FILTERS:
        do(f"search {text}", lambda: client.search_datasets(filter_string=text), show=names)
    for order in ORDERS:
        do(f"order {order}", lambda: client.search_datasets(order_by=order), show=names)
    do("in experiment", lambda: client.search_datasets(experiment_ids=[experiment]), show=names)
    do("in absent", lambda: client.search_datasets(experiment_ids=["4711"]), show=names)
    page = do("page", lambda: client.search_datasets(max_results=1), show=names)
    do("next page", lambda: client.search_datasets(max_results=1, page_token=page.token), show=names)
    do("top level", lambda: datasets.search_datasets(experiment_ids=experiment), show=len)


def _evaluated(do, client):
    from mlflow.genai.scorers import scorer

    @scorer
    def exact(outputs, expectations):
        return outputs == expectations["a"]

    @scorer
    def length(outputs):
        return len(outputs)

    def answer(q):
        return {"one": "1", "two": "2"}.get(q, "?")

    rows = [{"inputs": {"q": q}, "expectations": {"a": a}} for q, a in (("one", "1"), ("two", "3"))]
    result = do(
        "evaluate",
        lambda: mlflow.genai.evaluate(data=rows, predict_fn=answer, scorers=[exact, length]),
        show=lambda found: found.metrics,
    )
    do("its run", lambda: client.get_run(result.run_id).data.metrics)
    traces = do(
        "its traces",
        lambda: client.search_traces(
            None, run_id=result.run_id, locations=[client.get_run(result.run_id).info.experiment_id]
        ),
        show=len,
    )
    do("their assessments", lambda: sorted(a.name for t in traces for a in t.info.assessments))


def steps(session):
    do, client = session.do, MlflowClient()
    experiment = do("experiment", lambda: mlflow.set_experiment("evaluated").experiment_id)
    id = _made(do, client, experiment)
    _filled(do, id)
    _changed(do, client, id, experiment)
    _searched(do, client, experiment)
    _evaluated(do, client)
    do("delete", lambda: datasets.delete_dataset(dataset_id=id))
    do("deleted", lambda: datasets.get_dataset(dataset_id=id))
    do("delete again", lambda: datasets.delete_dataset(dataset_id=id))
