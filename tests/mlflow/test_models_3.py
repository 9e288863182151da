"""Models that MLflow 3's client logs, registers, loads by alias and asks: test_mlflow_tracking.py."""

import uuid

import mlflow
import numpy
import pandas
import pytest
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException
from mlflow.models import infer_signature
from sklearn.linear_model import LogisticRegression


class Doubler(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input: list[str], params=None) -> list[str]:
        return [text * 2 for text in model_input]


@pytest.fixture
def client():
    return MlflowClient()


@pytest.fixture
def name():
    mlflow.set_experiment(f"models-{uuid.uuid4().hex}")
    return f"support-{uuid.uuid4().hex}"


def test_sklearn_is_logged_registered_loaded_by_alias_and_predicts(client, name):
    x = pandas.DataFrame({"a": [0.0, 1.0, 2.0, 3.0], "b": [1.0, 0.0, 1.0, 0.0]})
    y = numpy.array([0, 0, 1, 1])
    model = LogisticRegression().fit(x, y)
    with mlflow.start_run() as run:
        signature = infer_signature(x, model.predict(x))
        info = mlflow.sklearn.log_model(
            model, name="classifier", signature=signature, input_example=x.head(1), registered_model_name=name
        )
        mlflow.log_metric("accuracy", 0.75, model_id=info.model_id)
    client.set_registered_model_alias(name, "champion", 1)
    loaded = mlflow.pyfunc.load_model(f"models:/{name}@champion")
    assert list(loaded.predict(x)) == list(model.predict(x))
    assert loaded.metadata.signature == signature
    assert loaded.metadata.run_id == run.info.run_id
    by_number = mlflow.sklearn.load_model(f"models:/{name}/1")
    assert (by_number.coef_ == model.coef_).all()
    by_id = mlflow.pyfunc.load_model(f"models:/{info.model_id}")
    assert list(by_id.predict(x)) == list(model.predict(x))
    logged = client.get_logged_model(info.model_id)
    assert logged.status == "READY"
    assert logged.source_run_id == run.info.run_id
    assert [(m.key, m.value) for m in logged.metrics] == [("accuracy", 0.75)]
    assert [o.model_id for o in client.get_run(run.info.run_id).outputs.model_outputs] == [info.model_id]
    assert client.get_model_version(name, "1").source == f"models:/{info.model_id}"


def test_pyfunc_is_logged_and_asked(client, name):
    with mlflow.start_run():
        mlflow.pyfunc.log_model(name="doubler", python_model=Doubler(), registered_model_name=name)
        mlflow.pyfunc.log_model(name="doubler", python_model=Doubler(), registered_model_name=name)
    assert mlflow.pyfunc.load_model(f"models:/{name}/2").predict(["ab"]) == ["abab"]
    assert {str(v.version) for v in client.search_model_versions(f"name = '{name}'")} == {"1", "2"}


def test_logged_models_are_searched(client, name):
    experiment = mlflow.set_experiment(f"search-{uuid.uuid4().hex}").experiment_id
    made = []
    for i in range(3):
        model = mlflow.initialize_logged_model(
            name=f"m{i}", params={"depth": str(i)}, tags={"even": str(i % 2 == 0)}
        )
        made.append(model.model_id)
        mlflow.finalize_logged_model(model.model_id, "READY")
    found = mlflow.search_logged_models([experiment], output_format="list")
    assert [m.model_id for m in found] == made[::-1]
    even = mlflow.search_logged_models([experiment], filter_string="tags.even = 'True'", output_format="list")
    assert {m.name for m in even} == {"m0", "m2"}
    by_name = [{"field_name": "name", "ascending": True}]
    page = client.search_logged_models([experiment], order_by=by_name, max_results=2)
    assert [m.name for m in page] == ["m0", "m1"]
    rest = client.search_logged_models([experiment], order_by=by_name, max_results=2, page_token=page.token)
    assert [m.name for m in rest] == ["m2"]
    client.set_logged_model_tags(made[0], {"checked": "yes"})
    client.delete_logged_model_tag(made[0], "even")
    tags = client.get_logged_model(made[0]).tags
    assert tags["checked"] == "yes" and "even" not in tags
    client.delete_logged_model(made[0])
    with pytest.raises(MlflowException, match="not found"):
        client.get_logged_model(made[0])
    with pytest.raises(MlflowException, match="Invalid model name"):
        mlflow.initialize_logged_model(name="a/b")
