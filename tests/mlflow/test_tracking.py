"""Experiments, runs, metrics, with MLflow's client at MLFLOW_TRACKING_URI. For test_mlflow_tracking.py."""

import math
import uuid

import mlflow
import pytest
from mlflow import MlflowClient
from mlflow.entities import Metric, Param, RunTag, ViewType
from mlflow.exceptions import MlflowException


@pytest.fixture
def client():
    return MlflowClient()


@pytest.fixture
def experiment():
    """The id of a new experiment, which is the active one."""
    return mlflow.set_experiment(f"tracking-{uuid.uuid4().hex}").experiment_id


def refused(code, call, *arguments, **options):
    with pytest.raises(MlflowException) as refusal:
        call(*arguments, **options)
    assert refusal.value.error_code == code, refusal.value
    return str(refusal.value)


def test_the_default_experiment_is_there(client):
    default = client.get_experiment("0")
    assert (default.name, default.lifecycle_stage) == ("Default", "active")
    assert default.artifact_location == "mlflow-artifacts:/0"


def test_set_experiment_makes_it_once(client):
    name = f"once-{uuid.uuid4().hex}"
    first = mlflow.set_experiment(name)
    assert mlflow.set_experiment(name).experiment_id == first.experiment_id
    message = refused("RESOURCE_ALREADY_EXISTS", client.create_experiment, name)
    assert f"Experiment(name={name}) already exists." in message


def test_what_the_article_logs_is_there(client, experiment):
    """The article's steps of tracking: parameters, metrics by step, tags, one run inside another."""
    with mlflow.start_run(run_name="support-bot-v1") as run:
        mlflow.log_params({"model": "smollm2", "temperature": 0.2, "prompt_version": 3})
        mlflow.log_metric("accuracy", 0.5)
        for step in range(5):
            mlflow.log_metrics({"loss": 1 / (step + 1), "latency_ms": 100 + step}, step=step)
        mlflow.set_tags({"stage": "dev", "owner": "ada"})
        with mlflow.start_run(run_name="child", nested=True) as child:
            mlflow.log_param("fold", 1)
    found = client.get_run(run.info.run_id)
    assert found.info.status == "FINISHED"
    assert found.info.run_name == "support-bot-v1"
    assert found.data.params == {"model": "smollm2", "temperature": "0.2", "prompt_version": "3"}
    assert found.data.metrics == {"accuracy": 0.5, "loss": 0.2, "latency_ms": 104.0}
    assert found.data.tags["stage"] == "dev"
    assert found.info.end_time >= found.info.start_time > 0
    inner = client.get_run(child.info.run_id)
    assert inner.data.tags["mlflow.parentRunId"] == run.info.run_id
    parents = f"tags.mlflow.parentRunId = '{run.info.run_id}'"
    assert [r.info.run_id for r in client.search_runs([experiment], parents)] == [child.info.run_id]


def test_histories_are_whole(client, experiment):
    run = client.create_run(experiment).info.run_id
    metrics = [Metric("loss", i / 7, 1000 + i, i) for i in range(1000)]
    client.log_batch(run, metrics=metrics)
    client.log_batch(run, metrics=metrics[:10])  # again, which adds nothing
    client.log_metric(run, "odd", float("nan"), 1, 0)
    client.log_metric(run, "odd", float("inf"), 2, 1)
    history = client.get_metric_history(run, "loss")
    logged = [(m.value, m.timestamp, m.step) for m in metrics]
    assert [(m.value, m.timestamp, m.step) for m in history] == logged
    odd = client.get_metric_history(run, "odd")
    assert math.isnan(odd[0].value) and odd[1].value == 1.7976931348623157e308
    assert client.get_metric_history(run, "none") == []


def test_runs_are_searched_ordered_and_paged(client, experiment):
    for i in range(12):
        tags = {"half": str(i % 2)}
        run = client.create_run(experiment, start_time=i, tags=tags, run_name=f"r{i}").info.run_id
        client.log_batch(run, metrics=[Metric("acc", i % 5, 0, 0)], params=[Param("lr", str(i % 3))])

    def names(page):
        return [run.info.run_name for run in page]

    assert names(client.search_runs([experiment], "metrics.acc > 3")) == ["r9", "r4"]
    both = "params.lr = '0' and tags.half = '1'"
    assert names(client.search_runs([experiment], both)) == ["r9", "r3"]
    order = ["metrics.acc DESC", "attributes.start_time ASC"]
    expected = names(client.search_runs([experiment], order_by=order))
    assert expected[:3] == ["r4", "r9", "r3"]
    found, token = [], None
    while True:
        page = client.search_runs([experiment], order_by=order, max_results=5, page_token=token)
        found += names(page)
        token = page.token
        if not token:
            break
    assert found == expected
    frame = mlflow.search_runs([experiment], filter_string="attributes.run_name LIKE 'r1%'")
    assert sorted(frame["tags.mlflow.runName"]) == ["r1", "r10", "r11"]
    assert set(frame["params.lr"]) == {"1", "2"}


def test_deleted_runs_are_out_of_the_way(client, experiment):
    run = client.create_run(experiment).info.run_id
    client.delete_run(run)
    assert client.search_runs([experiment]) == []
    deleted = client.search_runs([experiment], run_view_type=ViewType.DELETED_ONLY)
    assert [r.info.run_id for r in deleted] == [run]
    message = refused("INVALID_PARAMETER_VALUE", client.log_metric, run, "a", 1)
    assert "must be in the 'active' state" in message
    client.restore_run(run)
    client.log_metric(run, "a", 1)


def test_experiments_are_searched_renamed_and_deleted(client):
    prefix = uuid.uuid4().hex
    ids = [client.create_experiment(f"{prefix}-{i}", tags={"set": prefix}) for i in range(3)]
    found = client.search_experiments(filter_string=f"tags.set = '{prefix}'", order_by=["name ASC"])
    assert [e.experiment_id for e in found] == ids
    client.rename_experiment(ids[0], f"{prefix}-new")
    client.set_experiment_tag(ids[0], "k", "v")
    assert client.get_experiment(ids[0]).tags == {"set": prefix, "k": "v"}
    client.delete_experiment(ids[1])
    by_name = f"name LIKE '{prefix}%'"
    assert len(client.search_experiments(filter_string=by_name)) == 2
    assert len(client.search_experiments(filter_string=by_name, view_type=ViewType.ALL)) == 3
    client.restore_experiment(ids[1])


def test_refusals_are_those_of_mlflow(client, experiment):
    run = client.create_run(experiment).info.run_id
    client.log_param(run, "lr", "1")
    message = refused("INVALID_PARAMETER_VALUE", client.log_param, run, "lr", "2")
    assert "Changing param values is not allowed. Param with key='lr' was already logged" in message
    assert "Run with id=nothing not found" in refused("RESOURCE_DOES_NOT_EXIST", client.get_run, "nothing")
    missing = refused("RESOURCE_DOES_NOT_EXIST", client.get_experiment, "123456")
    assert "No Experiment with id=123456 exists" in missing
    refused("INVALID_PARAMETER_VALUE", client.search_runs, [experiment], "metrics.a > 'x'")
    either = "metrics.a > 1 OR metrics.b > 1"
    message = refused("INVALID_PARAMETER_VALUE", client.search_runs, [experiment], either)
    assert "Invalid clause(s) in filter string: 'OR'" in message
    tags = [RunTag("k", "v" * 9000)]
    client.log_batch(run, tags=tags)
    assert len(client.get_run(run).data.tags["k"]) in (5000, 8000)  # 2.x cuts by itself
