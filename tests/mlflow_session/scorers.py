"""Registered scorers and their versions."""

import mlflow
import requests
from mlflow.genai import scorers as registered
from mlflow.genai.scorers import Guidelines, scorer


def _listed(scorers):
    return [(s.name, type(s).__name__) for s in scorers]


def steps(session):
    do = session.do
    experiment = do("experiment", lambda: mlflow.set_experiment("scored").experiment_id)
    polite = Guidelines(name="polite", guidelines="Be polite.", model="openai:/gpt-x")
    do("register", lambda: polite.register(name="polite", experiment_id=experiment).name)
    do("register again", lambda: polite.register(name="polite", experiment_id=experiment).name)
    do(
        "register another",
        lambda: (
            Guidelines(name="short", guidelines="Be short.", model="openai:/gpt-x")
            .register(experiment_id=experiment)
            .name
        ),
    )

    @scorer
    def own(outputs):
        return len(outputs)

    do("register own", lambda: own.register(experiment_id=experiment))
    do("list", lambda: registered.list_scorers(experiment_id=experiment), show=_listed)
    do("get", lambda: registered.get_scorer(name="polite", experiment_id=experiment), show=lambda s: s.name)
    do(
        "get version",
        lambda: registered.get_scorer(name="polite", experiment_id=experiment, version=1).guidelines,
    )
    do("get version 9", lambda: registered.get_scorer(name="polite", experiment_id=experiment, version=9))
    do("get absent", lambda: registered.get_scorer(name="absent", experiment_id=experiment))
    do("delete version", lambda: registered.delete_scorer(name="polite", experiment_id=experiment, version=1))
    do(
        "delete version again",
        lambda: registered.delete_scorer(name="polite", experiment_id=experiment, version=1),
    )
    do("delete all", lambda: registered.delete_scorer(name="polite", experiment_id=experiment, version="all"))
    do(
        "delete absent",
        lambda: registered.delete_scorer(name="absent", experiment_id=experiment, version="all"),
    )
    do("list then", lambda: registered.list_scorers(experiment_id=experiment), show=_listed)
    do("list of absent", lambda: registered.list_scorers(experiment_id="4711"), show=_listed)

    def ask(method, path, **options):
        def call():
            url = f"{session.url}/api/3.0/mlflow/scorers/{path}"
            answer = requests.request(method, url, timeout=60, **options)
            return {"status": answer.status_code, "body": answer.json()}

        return call

    body = {
        "experiment_id": experiment,
        "name": "raw",
        "serialized_scorer": '{"name": "raw", "call_source": "x"}',
    }
    do("raw register", ask("POST", "register", json=body))
    do("raw register again", ask("POST", "register", json=body))
    do(
        "raw without name",
        ask("POST", "register", json={"experiment_id": experiment, "serialized_scorer": "{}"}),
    )
    do("raw bad json", ask("POST", "register", json={**body, "serialized_scorer": "{"}))
    do("raw in absent", ask("POST", "register", json={**body, "experiment_id": "4711"}))
    do("raw list", ask("GET", "list", params={"experiment_id": experiment}))
    do("raw list of nothing", ask("GET", "list"))
    do("raw versions", ask("GET", "versions", params={"experiment_id": experiment, "name": "raw"}))
    do(
        "raw versions of absent",
        ask("GET", "versions", params={"experiment_id": experiment, "name": "absent"}),
    )
    do("raw get", ask("GET", "get", params={"experiment_id": experiment, "name": "raw"}))
    do(
        "raw get version",
        ask("GET", "get", params={"experiment_id": experiment, "name": "raw", "version": 1}),
    )
    do(
        "raw get odd version",
        ask("GET", "get", params={"experiment_id": experiment, "name": "raw", "version": "x"}),
    )
    do(
        "raw delete version",
        ask("DELETE", "delete", json={"experiment_id": experiment, "name": "raw", "version": 1}),
    )
    do("raw delete", ask("DELETE", "delete", json={"experiment_id": experiment, "name": "raw"}))
    do("raw delete again", ask("DELETE", "delete", json={"experiment_id": experiment, "name": "raw"}))
