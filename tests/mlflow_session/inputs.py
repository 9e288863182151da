"""Dataset inputs of runs and model outputs."""

import mlflow
import numpy
import pandas
import requests
from mlflow import MlflowClient
from mlflow.entities import Dataset, DatasetInput, InputTag

AT = 1_600_000_000_000


def _input(name="d", digest="1", kind="local", source="s", tags=(), **more):
    return DatasetInput(Dataset(name, digest, kind, source, **more), [InputTag(*tag) for tag in tags])


def _logged(do, client, id):
    context = ("mlflow.data.context", "train")
    do("input", lambda: client.log_inputs(id, [_input(tags=[context], schema="{}", profile='{"n": 1}')]))
    do("input again", lambda: client.log_inputs(id, [_input(tags=[context])]))
    do("input again, other tag", lambda: client.log_inputs(id, [_input(tags=[("k", "v")])]))
    do("two inputs", lambda: client.log_inputs(id, [_input("e"), _input("f", "2")]))
    do("no inputs", lambda: client.log_inputs(id, []))
    do("inputs of nothing", lambda: client.log_inputs(id))
    do("same name and digest, other source", lambda: client.log_inputs(id, [_input(source="other")]))
    do("absent run", lambda: client.log_inputs("0" * 32, [_input()]))
    do("name of 500", lambda: client.log_inputs(id, [_input("n" * 500)]))
    do("name of 501", lambda: client.log_inputs(id, [_input("n" * 501)]))
    do("digest of 36", lambda: client.log_inputs(id, [_input("g", "d" * 36)]))
    do("digest of 37", lambda: client.log_inputs(id, [_input("g", "d" * 37)]))
    do("no name", lambda: client.log_inputs(id, [_input("")]))
    do("no digest", lambda: client.log_inputs(id, [_input("h", "")]))
    do("no source", lambda: client.log_inputs(id, [_input("h", source="")]))
    do("no kind", lambda: client.log_inputs(id, [_input("h", kind="")]))
    do("null name", lambda: client.log_inputs(id, [_input(None)]))
    do("source too long", lambda: client.log_inputs(id, [_input("h", source="s" * 65536)]))
    do("tag value of 501", lambda: client.log_inputs(id, [_input("h", tags=[("k", "v" * 501)])]))
    do("tag key of 256", lambda: client.log_inputs(id, [_input("h", tags=[("k" * 256, "v")])]))
    do("inputs", lambda: client.get_run(id).inputs)


def _data(do):
    mlflow.set_experiment("inputs")
    frame = pandas.DataFrame({"a": [1, 2, 3], "b": ["x", "y", "z"]})
    with mlflow.start_run(run_name="data") as run:
        data = mlflow.data.from_pandas(frame, source="s3://bucket/a.csv", name="frame", targets="a")
        do("frame", lambda: mlflow.log_input(data, context="training"))
        array = mlflow.data.from_numpy(numpy.arange(6).reshape(2, 3), source="local.npy", name="array")
        do("array", lambda: mlflow.log_input(array, context="testing", tags={"k": "v"}))
        do("frame again", lambda: mlflow.log_input(data, context="validation"))
        do("metric of it", lambda: mlflow.log_metric("acc", 1, dataset=data))
    do("data", lambda: MlflowClient().get_run(run.info.run_id).inputs, hidden=("source",))
    do("search by name", lambda: _names(mlflow.search_runs(filter_string="dataset.name = 'frame'")))
    do("search by context", lambda: _names(mlflow.search_runs(filter_string="dataset.context = 'testing'")))


def _names(frame):
    return list(frame["tags.mlflow.runName"]) if len(frame) else []


def _outputs(do, client, experiment, id):
    from mlflow.entities import LoggedModelOutput

    model = do("model", lambda: client.create_logged_model(experiment, name="out", source_run_id=id))
    do("output", lambda: client.log_outputs(id, [LoggedModelOutput(model.model_id, 3)]))
    do("output again", lambda: client.log_outputs(id, [LoggedModelOutput(model.model_id, 3)]))
    do("output at another step", lambda: client.log_outputs(id, [LoggedModelOutput(model.model_id, 4)]))
    do("output absent", lambda: client.log_outputs(id, [LoggedModelOutput("m-" + "0" * 32, 1)]))
    do("output of absent run", lambda: client.log_outputs("0" * 32, [LoggedModelOutput(model.model_id, 1)]))
    do("no outputs", lambda: client.log_outputs(id, []))
    do("outputs", lambda: client.get_run(id).outputs)


def _model_inputs(do, client, experiment, id):
    from mlflow.entities import LoggedModelInput

    model = do("input model", lambda: client.create_logged_model(experiment, name="in"))
    do("model as input", lambda: client.log_inputs(id, models=[LoggedModelInput(model.model_id)]))
    do("model as input again", lambda: client.log_inputs(id, models=[LoggedModelInput(model.model_id)]))
    do("absent model as input", lambda: client.log_inputs(id, models=[LoggedModelInput("m-" + "0" * 32)]))
    do("model inputs", lambda: client.get_run(id).inputs.model_inputs)


def steps(session):
    do, client = session.do, MlflowClient()
    experiment = do("experiment", lambda: client.create_experiment("inputs"))
    run = do("run", lambda: client.create_run(experiment, AT, run_name="inputs"))
    _logged(do, client, run.info.run_id)
    _data(do)
    if session.major >= 3:
        _outputs(do, client, experiment, run.info.run_id)
        _model_inputs(do, client, experiment, run.info.run_id)

    def summaries(*experiments):
        to = session.url + "/ajax-api/2.0/mlflow/experiments/search-datasets"
        answer = requests.post(to, json={"experiment_ids": list(experiments)}, timeout=60)
        body = answer.json()
        found = body.get("dataset_summaries")
        if found:
            body["dataset_summaries"] = sorted(
                found, key=lambda s: (s["name"][:9], s["digest"], s.get("context", ""))
            )
        return {"status": answer.status_code, "body": body}

    do("summaries", lambda: summaries(experiment))
    do("summaries of nothing", lambda: summaries())
    do("summaries of absent", lambda: summaries("4711"))
    do("summaries of 21", lambda: summaries(*map(str, range(21))))
