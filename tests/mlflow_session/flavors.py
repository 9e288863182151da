"""mlflow.sklearn and mlflow.pyfunc: logged, registered, loaded by alias, predicting, as the article does."""

import mlflow
import mlflow.pyfunc
import mlflow.sklearn
import numpy
import pandas
from mlflow import MlflowClient
from sklearn.linear_model import LinearRegression

REQUIREMENTS = ["scikit-learn"]  # named, so that nothing is inferred in another process


class Doubles(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input, params=None):
        return model_input * 2


def _model():
    x = numpy.array([[0.0], [1.0], [2.0]])
    return LinearRegression().fit(x, [1.0, 3.0, 5.0])


def _paths(files):
    return sorted((file.path, file.is_dir) for file in files)


def _log(do, major, name):
    named = {"name": name} if major >= 3 else {"artifact_path": name}
    hidden = ("model_size_bytes", "mlflow_version", "model_uuid", "utc_time_created")

    def uri(info):
        return {"flavors": sorted(info.flavors), "signature": info.signature and info.signature.to_dict()}

    frame = pandas.DataFrame({"x": [0.0, 1.0]})
    signature = mlflow.models.infer_signature(frame, numpy.array([1.0, 3.0]))
    logged = do(
        "log sklearn",
        lambda: mlflow.sklearn.log_model(
            _model(),
            **named,
            signature=signature,
            pip_requirements=REQUIREMENTS,
            registered_model_name="line",
        ),
        hidden,
        show=uri,
    )
    named = {key: "doubles" for key in named}
    doubles = do(
        "log pyfunc",
        lambda: mlflow.pyfunc.log_model(
            python_model=Doubles(), **named, pip_requirements=["mlflow"], registered_model_name="doubles"
        ),
        show=uri,
    )
    return logged, doubles


def _used(do, client, logged, doubles):
    frame = pandas.DataFrame({"x": [10.0, 20.0]})
    do("alias", lambda: client.set_registered_model_alias("line", "champion", "1"))
    do("by uri", lambda: mlflow.sklearn.load_model(logged.model_uri).predict(frame.values))
    do("by version", lambda: mlflow.pyfunc.load_model("models:/line/1").predict(frame))
    do("by alias", lambda: mlflow.pyfunc.load_model("models:/line@champion").predict(frame))
    do("by latest", lambda: mlflow.pyfunc.load_model("models:/line/latest").predict(frame))
    do("by absent alias", lambda: mlflow.pyfunc.load_model("models:/line@nobody"))
    do("by absent version", lambda: mlflow.pyfunc.load_model("models:/line/99"))
    do("by absent name", lambda: mlflow.pyfunc.load_model("models:/nobody/1"))
    do("pyfunc", lambda: mlflow.pyfunc.load_model(doubles.model_uri).predict(numpy.array([1, 2])))
    do("stage", lambda: client.transition_model_version_stage("line", "1", "Production"))
    do("by stage", lambda: mlflow.pyfunc.load_model("models:/line/Production").predict(frame))
    do("registered", lambda: client.get_registered_model("line"), hidden=("source",))
    do("version", lambda: client.get_model_version("line", "1"), hidden=("source",))
    do("download uri", lambda: client.get_model_version_download_uri("line", "1").split("/")[0])
    do("model info", lambda: sorted(mlflow.models.get_model_info("models:/line/1").flavors))
    do(
        "register again",
        lambda: mlflow.register_model(logged.model_uri, "line", tags={"again": "yes"}).version,
    )
    do("register elsewhere", lambda: mlflow.register_model(logged.model_uri, "line two").version)
    do("copy", lambda: client.copy_model_version("models:/line/1", "line copy").version)
    do("copy's files", lambda: mlflow.pyfunc.load_model("models:/line copy/1").predict(frame))


def steps(session):
    do, client = session.do, MlflowClient()
    mlflow.set_experiment("flavors")
    with mlflow.start_run(run_name="trains") as run:
        do("params", lambda: mlflow.log_params({"alpha": 0.1, "depth": 3}))
        do("metric", lambda: mlflow.log_metric("rmse", 0.25))
        logged, doubles = _log(do, session.major, "line")
    id = run.info.run_id
    do("run", lambda: len(client.get_run(id).outputs.model_outputs) if session.major >= 3 else 0)
    do("files", lambda: _paths(client.list_artifacts(id)))
    if session.major >= 3:
        do("model's files", lambda: _paths(client.list_logged_model_artifacts(logged.model_id)))
        model = do("logged model", lambda: mlflow.get_logged_model(logged.model_id), hidden=("tags",))
        do("its tags", lambda: sorted(model.tags))
        do("last", lambda: mlflow.last_logged_model().name)
    _used(do, client, logged, doubles)
    do(
        "runs uri",
        lambda: mlflow.pyfunc.load_model(f"runs:/{id}/line").predict(pandas.DataFrame({"x": [1.0]})),
    )
