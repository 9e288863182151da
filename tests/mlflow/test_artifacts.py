"""Files of runs through MLflow's client and by hand at the proxy. Run by tests/test_mlflow_tracking.py."""

import hashlib
import os
import uuid

import mlflow
import pytest
import requests
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException

URL = os.environ["PENSTOCK_URL"]
PROXY = f"{URL}/api/2.0/mlflow-artifacts/artifacts"


@pytest.fixture
def run():
    mlflow.set_experiment(f"artifacts-{uuid.uuid4().hex}")
    with mlflow.start_run() as run:
        yield run.info.run_id


@pytest.fixture
def client():
    return MlflowClient()


def test_what_is_logged_is_listed_and_downloaded(run, client, tmp_path):
    (tmp_path / "tree/deep/er").mkdir(parents=True)
    (tmp_path / "tree/a.txt").write_text("a")
    (tmp_path / "tree/deep/er/b.bin").write_bytes(bytes(range(256)) * 500)
    (tmp_path / "empty").write_bytes(b"")
    mlflow.log_artifacts(tmp_path / "tree", "tree")
    mlflow.log_artifact(tmp_path / "empty")
    mlflow.log_text("hällo", "notes/ü.md")
    mlflow.log_dict({"a": [1, 2]}, "config.json")
    assert [(f.path, f.is_dir) for f in client.list_artifacts(run)] == [
        ("config.json", False),
        ("empty", False),
        ("notes", True),
        ("tree", True),
    ]
    below = [(f.path, f.file_size) for f in client.list_artifacts(run, "tree")]
    assert below == [("tree/a.txt", 1), ("tree/deep", None)]
    assert client.list_artifacts(run, "tree/a.txt") == []
    assert client.list_artifacts(run, "none") == []
    local = mlflow.artifacts.download_artifacts(run_id=run, dst_path=str(tmp_path / "back"))
    assert open(os.path.join(local, "tree/deep/er/b.bin"), "rb").read() == bytes(range(256)) * 500
    assert open(os.path.join(local, "empty"), "rb").read() == b""
    assert mlflow.artifacts.load_text(f"runs:/{run}/notes/ü.md") == "hällo"
    assert mlflow.artifacts.load_dict(f"runs:/{run}/config.json") == {"a": [1, 2]}


def test_tables_grow(run):
    mlflow.log_table({"question": ["a"], "answer": ["b"]}, "table.json")
    mlflow.log_table({"question": ["c"], "answer": ["d"]}, "table.json")
    table = mlflow.load_table("table.json", run_ids=[run])
    assert list(table["question"]) == ["a", "c"]


def test_large_files_come_back_whole_and_in_parts(run):
    content = os.urandom(1 << 20) * 24 + b"end"
    root = f"{PROXY}/0/{run}/artifacts/large.bin"

    def pieces():
        for at in range(0, len(content), 100_000):
            yield content[at : at + 100_000]

    assert requests.put(root, data=pieces()).status_code == 200  # chunked
    assert requests.put(root, data=content).status_code == 200
    whole = requests.get(root)
    assert hashlib.sha256(whole.content).digest() == hashlib.sha256(content).digest()
    assert whole.headers["content-length"] == str(len(content))
    assert whole.headers["x-content-type-options"] == "nosniff"
    assert whole.headers["content-disposition"] == "attachment; filename=large.bin"
    part = requests.get(root, headers={"Range": "bytes=1048570-1048585"})
    assert (part.status_code, part.content) == (206, content[1048570:1048586])
    head = requests.head(root)
    assert (head.status_code, head.headers["content-length"]) == (200, str(len(content)))
    assert requests.get(root, headers={"Range": f"bytes={len(content)}-"}).status_code == 416


def test_a_file_is_replaced_and_deleted(run, client):
    mlflow.log_text("one", "f.txt")
    mlflow.log_text("two", "f.txt")
    assert mlflow.artifacts.load_text(f"runs:/{run}/f.txt") == "two"
    mlflow.log_text("x", "d/e/f.txt")
    root = client.get_run(run).info.artifact_uri.removeprefix("mlflow-artifacts:/")
    assert requests.delete(f"{PROXY}/{root}/d").json() == {}
    assert [f.path for f in client.list_artifacts(run)] == ["f.txt"]


def test_absent_files_are_not_found(run):
    answer = requests.get(f"{PROXY}/0/{run}/artifacts/none")
    assert answer.status_code == 404
    assert answer.json()["error_code"] == "RESOURCE_DOES_NOT_EXIST"
    with pytest.raises(MlflowException):
        mlflow.artifacts.load_text(f"runs:/{run}/none.txt")


def test_the_uis_ways_to_a_file(run):
    mlflow.log_text("hello", "a/b.txt")
    got = requests.get(f"{URL}/get-artifact", params={"run_id": run, "path": "a/b.txt"})
    assert (got.text, got.headers["content-type"]) == ("hello", "text/plain")
    sent = requests.post(
        f"{URL}/ajax-api/2.0/mlflow/upload-artifact",
        params={"run_uuid": run, "path": "ui/x.txt"},
        data=b"data",
    )
    assert sent.status_code == 200, sent.text
    assert mlflow.artifacts.load_text(f"runs:/{run}/ui/x.txt") == "data"
    multipart = requests.post(
        f"{URL}/api/2.0/mlflow-artifacts/mpu/create/x", json={"path": "f", "num_parts": 2}
    )
    assert multipart.status_code == 501
    reason = "Multipart upload is not supported for the current artifact repository"
    assert multipart.json()["message"].startswith(reason)


@pytest.mark.parametrize(
    "path",
    [
        "../secret",
        "../../0/secret",
        "%2e%2e/secret",
        "%252e%252e%252fsecret",
        "/etc/passwd",
        "//etc/passwd",
        "..\\secret",
        "..%5csecret",
        "file:///etc/passwd",
        "C:/windows/win.ini",
        "a#/../../secret",
    ],
)
def test_no_path_leads_out_of_a_run(run, path):
    for answer in (
        requests.get(f"{URL}/get-artifact", params={"run_id": run, "path": path}),
        requests.get(f"{URL}/api/2.0/mlflow/artifacts/list", params={"run_id": run, "path": path}),
        requests.get(PROXY, params={"path": path}),
        requests.post(
            f"{URL}/ajax-api/2.0/mlflow/upload-artifact", params={"run_uuid": run, "path": path}, data=b"x"
        ),
    ):
        assert answer.status_code == 400, (answer.url, answer.text)


@pytest.mark.parametrize(
    "path", ["..%2f..%2fsecret", "%2e%2e/secret", "a/..%2f..%2f..%2fsecret", "a%00b", "..%5cx"]
)
def test_no_path_of_the_proxy_leads_out(path):
    for method in ("GET", "PUT", "DELETE"):
        request = requests.Request(method, PROXY, data=b"x" if method == "PUT" else None).prepare()
        request.url = f"{PROXY}/{path}"
        assert requests.Session().send(request).status_code in (400, 404)
