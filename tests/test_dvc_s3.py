"""An S3 remote that checks signatures (SeaweedFS): dvc and penstock push and pull each other's data."""

import json
import os
import shutil
import socket
import subprocess
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from harness.data_repository import DataRepository, Oracle, data_python
from harness.programs import wait_until

KEY, SECRET, BUCKET = "test-access-key", "test-secret-key/with+signs", "bucket"


def free_ports(count):
    """Below 32000: SeaweedFS adds 10000 for its gRPC ports."""
    found = []
    for port in range(20000 + os.getpid() % 5000, 31000):
        with socket.socket() as probe, socket.socket() as shifted:
            try:
                probe.bind(("127.0.0.1", port))
                shifted.bind(("127.0.0.1", port + 10000))
            except OSError:
                continue
        found.append(port)
        if len(found) == count:
            return found
    raise AssertionError("no free ports")


def s3_call(url, call):
    """By botocore, which comes with dvc."""
    client = f"'s3', endpoint_url={url!r}, aws_access_key_id={KEY!r}, aws_secret_access_key={SECRET!r}"
    program = (
        "from botocore.session import get_session\n"
        f"get_session().create_client({client}, region_name='us-east-1').{call}"
    )
    return subprocess.run([data_python(), "-c", program], capture_output=True)


@pytest.fixture(scope="module")
def s3(tmp_path_factory):
    folder = tmp_path_factory.mktemp("weed")
    weed = Path(data_python()).parent / "weed"
    if not weed.exists():
        weed = Path(shutil.which("weed") or pytest.skip("no weed: tests/setup installs it"))
    credentials = [{"accessKey": KEY, "secretKey": SECRET}]
    identity = {"name": "a", "credentials": credentials, "actions": ["Admin", "Read", "Write", "List"]}
    (folder / "s3.json").write_text(json.dumps({"identities": [identity]}))
    master, volume, filer, port = free_ports(4)
    log = open(folder / "log", "w")
    process = subprocess.Popen(
        [weed, "server", f"-dir={folder}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", f"-master.port={master}",
         f"-volume.port={volume}", "-filer", f"-filer.port={filer}", "-s3", f"-s3.port={port}",
         f"-s3.config={folder}/s3.json", "-master.volumeSizeLimitMB=64", "-volume.max=16"],
        stdout=log, stderr=log, cwd=folder,
    )
    url = f"http://127.0.0.1:{port}"
    def ready():
        try:
            urllib.request.urlopen(url, timeout=2)
        except urllib.error.HTTPError:
            pass
        except OSError:
            return False
        return s3_call(url, f"create_bucket(Bucket={BUCKET!r})").returncode == 0

    try:
        wait_until(ready, "SeaweedFS", seconds=60, every=0.5)
        yield url
    finally:
        process.terminate()
        process.wait(30)


@pytest.fixture(scope="module")
def oracle():
    oracle = Oracle()
    yield oracle
    oracle.close()


def repository(tmp_path, name, oracle, url, prefix, secret=SECRET):
    r = DataRepository(tmp_path / name, "penstock", oracle)
    r.run("init")
    r.run("remote", "add", "-d", "storage", f"s3://{BUCKET}/{prefix}")
    r.run("remote", "modify", "storage", "endpointurl", url)
    r.run("remote", "modify", "--local", "storage", "access_key_id", KEY)
    r.run("remote", "modify", "--local", "storage", "secret_access_key", secret)
    return r


def fill(r):
    r.write("a", "a")
    r.write("d/ü x", "x")
    r.write("d/sub/empty", "")
    for i in range(150):
        r.write(f"d/many/{i}", str(i))
    r.write("large", os.urandom(3 << 20))


@pytest.mark.timeout(300)
@pytest.mark.parametrize("pusher", ["dvc", "penstock"])
def test_what_one_pushes_the_other_pulls(tmp_path, oracle, s3, pusher):
    r = repository(tmp_path, pusher, oracle, s3, f"some/{pusher} ü")
    fill(r)
    r.run("add", "a", "d", "large")
    r.commit_all()
    tools = {"dvc": r.dvc, "penstock": r.penstock}
    puller = "penstock" if pusher == "dvc" else "dvc"
    status, out, err = tools[pusher]("push")
    assert status == 0, out + err
    for tool in tools.values():
        status, out, err = tool("status", "-c", "--json")
        assert (status, json.loads(out)) == (0, {}), out + err
    before = {p: c for p, c in r.snapshot().items()}
    shutil.rmtree(r.root / ".dvc/cache")
    shutil.rmtree(r.root / "d")
    status, out, err = tools[puller]("pull")
    assert status == 0, out + err
    after = r.snapshot()
    content = {p: c[:2] for p, c in after.items()}
    assert content == {p: c[:2] for p, c in before.items()}
    status, out, err = tools[pusher]("push")
    assert status == 0 and "up to date" in out, out + err


@pytest.mark.timeout(120)
def test_a_wrong_secret_is_refused_and_not_shown(tmp_path, oracle, s3):
    r = repository(tmp_path, "wrong", oracle, s3, "wrong", secret="not-the-secret")
    r.write("a", "a")
    r.run("add", "a")
    status, out, err = r.penstock("push")
    assert status == 1
    assert "403" in err and "not-the-secret" not in out + err, err


@pytest.mark.timeout(120)
def test_a_corrupted_object_is_named_and_not_taken(tmp_path, oracle, s3):
    r = repository(tmp_path, "corrupt", oracle, s3, "corrupt")
    r.write("a", "a")
    r.run("add", "a")
    r.run("push")
    key = "corrupt/files/md5/0c/c175b9c0f1b6a831c399e269772661"
    assert s3_call(s3, f"put_object(Bucket={BUCKET!r}, Key={key!r}, Body=b'evil')").returncode == 0
    shutil.rmtree(r.root / ".dvc/cache")
    (r.root / "a").unlink()
    status, _, err = r.penstock("pull")
    assert status == 1
    assert "s3://bucket/corrupt/files/md5/0c/c175b9c0f1b6a831c399e269772661" in err, err
    assert not (r.root / "a").exists()
