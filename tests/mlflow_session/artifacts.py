"""Artifacts of runs: logged in every form, listed, read back, and paths that are refused."""

import io
from pathlib import Path

import mlflow
import requests
from mlflow import MlflowClient

AT = 1_600_000_000_000
PROXY = "/api/2.0/mlflow-artifacts/artifacts"


def _tree(folder):
    """A local folder as names and contents."""
    root = Path(folder)
    return {str(p.relative_to(root)): p.read_bytes()[:200] for p in sorted(root.rglob("*")) if p.is_file()}


def _write(folder):
    (folder / "tree/deep/er").mkdir(parents=True, exist_ok=True)
    (folder / "tree/empty").mkdir(exist_ok=True)
    (folder / "tree/a.txt").write_text("a")
    (folder / "tree/deep/b.json").write_text('{"b": 1}')
    (folder / "tree/deep/er/c.bin").write_bytes(bytes(range(256)))
    (folder / "tree/name with space.txt").write_text("space")
    (folder / "tree/ünï.txt").write_text("unicode")
    (folder / "tree/per%20cent#.txt").write_text("signs")
    (folder / "tree/zero").write_text("")
    (folder / "single.txt").write_text("single")
    (folder / "big.bin").write_bytes(b"0123456789abcdef" * 200_000)


def _logged(do, client, id, folder):
    do("file", lambda: client.log_artifact(id, str(folder / "single.txt")))
    do("file in a folder", lambda: client.log_artifact(id, str(folder / "single.txt"), "sub/folder"))
    do("file again", lambda: client.log_artifact(id, str(folder / "single.txt")))
    do("folder", lambda: client.log_artifacts(id, str(folder / "tree")))
    do("folder in a folder", lambda: client.log_artifacts(id, str(folder / "tree"), "copy"))
    do("big file", lambda: client.log_artifact(id, str(folder / "big.bin")))
    do("absent file", lambda: client.log_artifact(id, str(folder / "absent")))
    do("text", lambda: client.log_text(id, "some text\n", "texts/t.txt"))
    do("dict as json", lambda: client.log_dict(id, {"a": [1, 2, {"b": None}]}, "dict.json"))
    do("dict as yaml", lambda: client.log_dict(id, {"a": [1, 2]}, "dict.yaml"))
    do("dict of another kind", lambda: client.log_dict(id, {"a": 1}, "dict.txt"))
    do("table", lambda: client.log_table(id, {"q": ["a", "b"], "n": [1, 2]}, "table.json"))
    do("table again", lambda: client.log_table(id, {"q": ["c"], "n": [3]}, "table.json"))
    do("climbing text", lambda: client.log_text(id, "x", "../up.txt"))
    do("rooted text", lambda: client.log_text(id, "x", "/rooted.txt"))
    do("file of absent run", lambda: client.log_text("0" * 32, "x", "a.txt"))
    do("file in a climbing folder", lambda: client.log_artifact(id, str(folder / "single.txt"), "../up"))


def _pictured(do, client, id):
    import matplotlib
    import numpy
    from PIL import Image

    matplotlib.use("Agg")
    figure = matplotlib.pyplot.figure(figsize=(1, 1)) if hasattr(matplotlib, "pyplot") else _figure()
    do("figure", lambda: client.log_figure(id, figure, "figures/f.png"))
    do("image", lambda: client.log_image(id, Image.new("RGB", (4, 4)), "image.png"))
    do("array", lambda: client.log_image(id, numpy.zeros((4, 4, 3), dtype=numpy.uint8), "array.png"))


def _figure():
    from matplotlib.figure import Figure

    return Figure(figsize=(1, 1))


def _read(do, client, id, folder):
    for path in (None, "", "sub", "copy", "copy/deep", "single.txt", "absent", "copy/"):
        do(f"list {path}", lambda: client.list_artifacts(id, path))
    for path in ("..", "/", "a/../../b", "%2e%2e", "."):
        do(f"list {path} refused", lambda: client.list_artifacts(id, path))
    do("list absent", lambda: client.list_artifacts("0" * 32))
    for path in ("single.txt", "copy", "copy/deep", "tree", "absent", "name with space.txt", "ünï.txt", ""):
        target = folder / f"got-{abs(hash(path))}"
        target.mkdir(exist_ok=True)
        do(
            f"download {path}",
            lambda: client.download_artifacts(id, path, str(target)),
            show=lambda _: _tree(target),
        )
    do("download climbing", lambda: client.download_artifacts(id, "../x", str(folder)))
    do("load text", lambda: mlflow.artifacts.load_text(f"runs:/{id}/texts/t.txt"))
    do("load dict", lambda: mlflow.artifacts.load_dict(f"runs:/{id}/dict.json"))
    do("load image", lambda: mlflow.artifacts.load_image(f"runs:/{id}/image.png").size)
    do("load absent", lambda: mlflow.artifacts.load_text(f"runs:/{id}/absent"))
    do("load table", lambda: mlflow.load_table("table.json", run_ids=[id]))
    do(
        "load table of experiment",
        lambda: client.load_table(client.get_run(id).info.experiment_id, "table.json"),
    )
    do("list by uri", lambda: mlflow.artifacts.list_artifacts(run_id=id, artifact_path="copy"))
    do("big file back", lambda: len(Path(client.download_artifacts(id, "big.bin")).read_bytes()))


def _fluent(do, experiment, folder):
    mlflow.set_experiment(experiment_id=experiment)
    with mlflow.start_run(run_name="fluent files") as run:
        do("fluent file", lambda: mlflow.log_artifact(str(folder / "single.txt")))
        do("fluent folder", lambda: mlflow.log_artifacts(str(folder / "tree"), "t"))
        do("fluent text", lambda: mlflow.log_text("x", "x.txt"))
        do("fluent dict", lambda: mlflow.log_dict({"x": 1}, "x.json"))
        do("fluent table", lambda: mlflow.log_table({"x": [1]}, "x_table.json"))
        do("uri", lambda: mlflow.get_artifact_uri("x.txt"))
        if hasattr(MlflowClient(), "log_stream"):
            do("stream", lambda: mlflow.log_stream(io.BytesIO(b"streamed"), "s.bin"))
    do("fluent files", lambda: MlflowClient().list_artifacts(run.info.run_id))
    do("deleted run's files", lambda: MlflowClient().delete_run(run.info.run_id))
    do("still listed", lambda: MlflowClient().list_artifacts(run.info.run_id))
    do("log into deleted", lambda: MlflowClient().log_text(run.info.run_id, "x", "late.txt"))


def _headers(answer):
    wanted = ["content-type", "content-disposition"]
    if answer.headers.get("content-disposition"):
        wanted.append("x-content-type-options")  # of files; other answers are JSON
    return {name: answer.headers.get(name) for name in wanted}


def _shown(answer):
    is_json = answer.headers.get("content-type", "").startswith("application/json") and answer.text
    body = answer.json() if is_json else answer.text
    return {
        "status": answer.status_code,
        "body": body if isinstance(body, dict) else body[:300],
        **_headers(answer),
    }


def _proxied(do, url, experiment, id):
    base = f"{url}{PROXY}"
    own = f"{base}/{experiment}/{id}/artifacts"

    def ask(method, to, **options):
        return lambda: _shown(requests.request(method, to, timeout=60, **options))

    do("put", ask("PUT", f"{own}/raw/p.txt", data=b"put", headers={"Content-Type": "text/plain"}))
    do("put html", ask("PUT", f"{own}/raw/p.html", data=b"<b>put</b>"))
    do("put nothing", ask("PUT", f"{own}/raw/empty", data=b""))
    do("get", ask("GET", f"{own}/raw/p.txt"))
    do("get html", ask("GET", f"{own}/raw/p.html"))
    do("get a folder", ask("GET", f"{own}/raw"))
    do("get absent", ask("GET", f"{own}/raw/absent"))
    for path in ("../../x", "%2e%2e/%2e%2e/x", "..%2f..%2fx", "/etc/passwd", "%252e%252e/x", "a//b", "C:/x"):
        do(f"get {path}", ask("GET", f"{base}/{path}"))
        do(f"put {path}", ask("PUT", f"{base}/{path}", data=b"x"))
        do(f"delete {path}", ask("DELETE", f"{base}/{path}"))
    do("list raw", ask("GET", base, params={"path": f"{experiment}/{id}/artifacts/raw"}))
    for path in ("absent", "..", "/etc", "a/../../b", "%2e%2e"):
        do(f"list raw {path}", ask("GET", base, params={"path": path}))
    do("delete", ask("DELETE", f"{own}/raw/p.txt"))
    do("delete again", ask("DELETE", f"{own}/raw/p.txt"))
    do("get deleted", ask("GET", f"{own}/raw/p.txt"))
    for path in ("single.txt", "dict.json", "image.png", "absent", "../x", "copy"):
        do(f"get-artifact {path}", ask("GET", f"{url}/get-artifact", params={"run_id": id, "path": path}))
    do(
        "get-artifact by uuid",
        ask("GET", f"{url}/get-artifact", params={"run_uuid": id, "path": "single.txt"}),
    )
    do("get-artifact of absent", ask("GET", f"{url}/get-artifact", params={"run_id": "0" * 32, "path": "a"}))
    do("get-artifact without path", ask("GET", f"{url}/get-artifact", params={"run_id": id}))
    upload = f"{url}/ajax-api/2.0/mlflow/upload-artifact"
    do("upload", ask("POST", upload, params={"run_uuid": id, "path": "up.txt"}, data=b"uploaded"))
    do("uploaded", ask("GET", f"{url}/get-artifact", params={"run_id": id, "path": "up.txt"}))
    do("upload without path", ask("POST", upload, params={"run_uuid": id}, data=b"x"))
    do("upload without run", ask("POST", upload, params={"path": "x"}, data=b"x"))
    do("upload nothing", ask("POST", upload, params={"run_uuid": id, "path": "x"}))
    do("upload climbing", ask("POST", upload, params={"run_uuid": id, "path": "../x"}, data=b"x"))


def _in_parts(do, url, experiment, id):
    mpu = f"{url}/api/2.0/mlflow-artifacts/mpu"
    path = f"{experiment}/{id}/artifacts/parts"

    def ask(verb, **body):
        return lambda: _shown(requests.post(f"{mpu}/{verb}/{path}", json=body, timeout=60))

    do("parts", ask("create", path="file.bin", num_parts=2), show=lambda answer: answer["status"])
    do(
        "complete",
        ask("complete", path="file.bin", upload_id="x", parts=[]),
        show=lambda answer: answer["status"],
    )
    do("abort", ask("abort", path="file.bin", upload_id="x"), show=lambda answer: answer["status"])


def steps(session):
    do, client = session.do, MlflowClient()
    experiment = do("experiment", lambda: client.create_experiment("files"))
    run = do("run", lambda: client.create_run(experiment, AT, run_name="files"))
    id = run.info.run_id
    do("list nothing", lambda: client.list_artifacts(id))
    _write(session.folder)
    _logged(do, client, id, session.folder)
    _pictured(do, client, id)
    _read(do, client, id, session.folder)
    _fluent(do, experiment, session.folder)
    _proxied(do, session.url, experiment, id)
    _in_parts(do, session.url, experiment, id)
