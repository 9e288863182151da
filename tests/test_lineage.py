"""Lineage: OpenLineage events in and out, closures, what a data set touched, CycloneDX and PROV."""

import uuid

import pytest

RUN = "0193a5c2-5d1e-7c3f-9b1a-2f6d8e4c7a90"


def event(run_id, inputs=(), outputs=(), **fields):
    return {
        "eventTime": "2026-11-25T01:02:03Z",
        "eventType": "COMPLETE",
        "producer": "https://example.com/airflow",
        "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
        "run": {"runId": run_id, "facets": {}},
        "job": {"namespace": "airflow", "name": "train", "facets": {}},
        "inputs": list(inputs),
        "outputs": list(outputs),
        **fields,
    }


@pytest.fixture
def trained(server):
    """A model whose only version came of a run that read a data set; the names of both."""
    name = f"model-{uuid.uuid4().hex}"
    run = str(uuid.uuid4())
    data = {"namespace": "s3://lake", "name": f"{name}.parquet"}
    assert server.post("/api/v1/lineage", event(run, inputs=[data])).status_code == 201
    server.post("/api/v1/registry/model", {"name": name})
    body = {"source": "s3://bucket/x", "run_id": run.replace("-", ""), "tags": {"task": "chat"}}
    made = server.post(f"/api/v1/registry/model/{name}/versions", body)
    assert made.status_code == 201, made.text
    return name, f"dataset:s3://lake/{name}.parquet"


def names(answer):
    assert answer.status_code == 200, answer.text
    return {node["id"].split(":")[0]: node["depth"] for node in answer.json()["nodes"]}


def test_a_version_leads_back_to_its_data(server, trained):
    name, data = trained
    node = f"version:model/{name}/1"
    up = server.get("/api/v1/lineage", params={"node": node, "direction": "up"})
    assert names(up) == {"version": 0, "run": -1, "dataset": -2, "job": -2}
    down = server.get("/api/v1/lineage", params={"node": data, "direction": "down"})
    assert names(down) == {"dataset": 0, "run": 1, "version": 2}
    near = server.get("/api/v1/lineage", params={"node": data, "depth": 1}).json()
    assert (len(near["nodes"]), near["truncated"]) == (2, True)
    assert server.get("/api/v1/lineage", params={"node": "run:none"}).status_code == 404
    found = server.get("/api/v1/lineage/nodes", params={"query": name}).json()["nodes"]
    assert node in [n["id"] for n in found]


def test_events_go_out_as_they_came_in(server, trained):
    name, data = trained
    events = server.get("/api/v1/lineage/events", params={"node": f"version:model/{name}/1"}).json()["events"]
    assert [e["job"] for e in events] == [{"namespace": "airflow", "name": "train"}]
    assert events[0]["inputs"][0]["name"] == f"{name}.parquet"
    assert events[0]["outputs"][0]["namespace"] == "penstock://default"
    again = server.post("/api/v1/lineage", events[0])
    assert again.status_code == 201, again.text


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"eventTime": "now"}, "eventTime"),
        ({"eventType": "DONE"}, "eventType"),
        ({"run": {"runId": "7"}}, "run.runId"),
        ({"job": None}, "job"),
        ({"inputs": [{"name": "x"}]}, "inputs[0].namespace"),
        ({"outputs": [{}] * 1001}, "outputs"),
    ],
)
def test_wrong_events_are_refused_by_member(server, change, field):
    refused = server.post("/api/v1/lineage", {**event(RUN), **change})
    assert (refused.status_code, refused.json()["error"]["field"]) == (400, field)


def test_the_bill_of_materials_and_prov(server, trained):
    name, data = trained
    bom = server.get(f"/api/v1/registry/model/{name}/versions/1/bom").json()
    assert (bom["bomFormat"], bom["specVersion"]) == ("CycloneDX", "1.6")
    component = bom["metadata"]["component"]
    assert component["type"] == "machine-learning-model"
    assert component["modelCard"]["modelParameters"] == {"task": "chat", "datasets": [{"ref": data}]}
    references = {component["bom-ref"], *(c["bom-ref"] for c in bom["components"])}
    for dependency in bom["dependencies"]:
        assert {dependency["ref"], *dependency["dependsOn"]} <= references
    prov = server.get(f"/api/v1/registry/model/{name}/versions/1/prov").json()
    assert len(prov["wasGeneratedBy"]) == len(prov["used"]) == 1


def test_answers_touched_by_a_data_set(server, trained):
    answer = server.get("/api/v1/lineage/requests", params={"node": trained[1]}).json()
    assert answer["versions"] == [f"{trained[0]}/1"]
    assert answer["requests"] == []
