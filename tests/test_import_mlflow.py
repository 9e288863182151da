"""`penstock import mlflow`: stores that MLflow itself has written, read back through its own client."""

import json
import subprocess
import textwrap

import pytest
from harness.programs import binary

WRITE = textwrap.dedent(
    """
    import sys, mlflow
    from mlflow import MlflowClient
    from mlflow.entities import Metric

    client = MlflowClient()
    experiment = mlflow.set_experiment("imported")
    mlflow.set_experiment_tag("owner", "ada")
    with mlflow.start_run(run_name="one") as run:
        mlflow.log_params({f"p{i}": str(i) for i in range(150)})
        points = [Metric("loss", 1 / (i + 1), 1000 + i, i) for i in range(1500)]
        client.log_batch(run.info.run_id, metrics=points[:1000])
        client.log_batch(run.info.run_id, metrics=points[1000:])
        mlflow.log_metric("odd", float("nan"), step=1)
        mlflow.log_text("hello", "notes/a.txt")
        mlflow.log_text("x" * 50_000, "big.txt")
        mlflow.log_input(mlflow.data.from_dict({"a": [1]}) if hasattr(mlflow.data, "from_dict") else
                         mlflow.data.from_numpy(__import__("numpy").arange(3), name="numbers"),
                         context="train")
    with mlflow.start_run(run_name="two"):
        mlflow.set_tag("k", "v")
    deleted = client.create_run(experiment.experiment_id)
    client.delete_run(deleted.info.run_id)
    gone = client.create_experiment("gone")
    client.create_run(gone)
    client.delete_experiment(gone)
    client.create_registered_model("support", tags={"team": "a"}, description="answers")
    source = run.info.artifact_uri + "/notes"
    for i in range(3):
        client.create_model_version("support", source, run.info.run_id, tags={"i": str(i)})
    client.delete_model_version("support", "2")
    client.set_registered_model_alias("support", "champion", "3")
    print(run.info.run_id)
    """
)

READ = textwrap.dedent(
    """
    import json, math, sys, mlflow
    from mlflow import MlflowClient

    client = MlflowClient()
    run_id = sys.argv[1]
    experiment = client.get_experiment_by_name("imported")
    run = client.get_run(run_id)
    assert run.info.experiment_id == experiment.experiment_id
    assert experiment.tags["owner"] == "ada"
    assert (run.info.run_name, run.info.status) == ("one", "FINISHED")
    assert run.data.params == {f"p{i}": str(i) for i in range(150)}
    history = client.get_metric_history(run_id, "loss")
    expected = [(i, 1000 + i, 1 / (i + 1)) for i in range(1500)]
    assert [(m.step, m.timestamp, m.value) for m in history] == expected
    assert math.isnan(client.get_metric_history(run_id, "odd")[0].value)
    assert len(run.inputs.dataset_inputs) == 1
    assert mlflow.artifacts.load_text(f"runs:/{run_id}/notes/a.txt") == "hello"
    assert mlflow.artifacts.load_text(f"runs:/{run_id}/big.txt") == "x" * 50_000
    assert len(client.search_runs([experiment.experiment_id])) == 2
    assert client.get_experiment_by_name("gone").lifecycle_stage == "deleted"
    model = client.get_registered_model("support")
    assert (model.description, model.tags) == ("answers", {"team": "a"})
    assert {str(v.version) for v in client.search_model_versions("name = 'support'")} == {"1", "3"}
    champion = client.get_model_version_by_alias("support", "champion")
    assert (str(champion.version), champion.run_id, champion.tags) == ("3", run_id, {"i": "2"})
    assert champion.source == run.info.artifact_uri + "/notes"
    assert client.create_model_version("support", champion.source, run_id).version in (4, "4")
    """
)


def python(clients, script, *arguments, folder, uri, client="python_mlflow"):
    env = {
        "PATH": "/usr/bin:/bin",
        "HOME": str(folder),
        "MLFLOW_TRACKING_URI": uri,
        "GIT_PYTHON_REFRESH": "quiet",
    }
    env |= {"MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0", "MLFLOW_ALLOW_FILE_STORE": "true"}
    done = subprocess.run(
        [clients[client], "-c", script, *arguments],
        cwd=folder,
        env=env,
        capture_output=True,
        text=True,
        timeout=110,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout.strip().splitlines()[-1] if done.stdout.strip() else ""


def take_over(server, path):
    done = subprocess.run(
        [binary(), "import", "mlflow", path, "--data", server.data, "--json"],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("store", ["mlflow.db", "mlruns"])
def test_a_store_is_taken_over(store, clients, start_server, tmp_path):
    folder = tmp_path / "old"
    folder.mkdir()
    uri = f"sqlite:///{folder}/mlflow.db" if store == "mlflow.db" else f"file://{folder}/mlruns"
    client = "python_mlflow" if store == "mlflow.db" else "python_mlflow_2"
    run_id = python(clients, WRITE, folder=folder, uri=uri, client=client)
    server = start_server("version: 1\n{engines}\n")
    first = take_over(server, folder / store)
    assert (first["experiments"], first["runs"], first["metric_points"]) == (3, 4, 1501)
    assert (first["registered_models"], first["model_versions"], first["files"]) == (1, 2, 2)
    again = take_over(server, folder / store)
    assert (again["runs"], again["runs_there_already"]) == (0, 4)
    python(clients, READ, run_id, folder=tmp_path, uri=server.url)


def test_what_is_no_store_is_refused(start_server, tmp_path):
    server = start_server("version: 1\n{engines}\n")
    (tmp_path / "x.db").write_bytes(b"no database")
    for path, text in (
        (tmp_path / "x.db", "database"),
        (tmp_path, "not an mlruns folder"),
        ("none.db", "no file"),
    ):
        done = subprocess.run(
            [binary(), "import", "mlflow", path, "--data", server.data],
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode != 0 and text in done.stderr, done.stderr
