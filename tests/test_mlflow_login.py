"""Callers of MLflow's contract: names and passwords, tokens, and what is refused before a body is read."""

import socket
import subprocess

import httpx
import pytest
from harness.programs import binary

PASSWORD = "correct horse battery"
CLOSED = "version: 1\n{engines}\n"
PROXY = "/api/2.0/mlflow-artifacts/artifacts"


@pytest.fixture
def closed(start_server):
    """A server with an owner, a developer and a viewer."""
    server = start_server(CLOSED)
    for who, role in (("ada", "owner"), ("bob", "developer"), ("eve", "viewer")):
        subprocess.run(
            [
                binary(),
                "users",
                "create",
                f"{who}@example.com",
                "--name",
                who,
                "--role",
                role,
                "--data",
                server.data,
            ],
            env={"PATH": "/usr/bin:/bin", "PENSTOCK_URL": server.url, "PENSTOCK_PASSWORD": PASSWORD},
            check=True,
            capture_output=True,
        )
    return server


def search(server, **options):
    return httpx.post(server.url + "/api/2.0/mlflow/experiments/search", json={"max_results": 5}, **options)


def test_names_and_passwords_open_it(closed):
    unknown = search(closed)
    assert unknown.status_code == 401
    assert unknown.headers["www-authenticate"] == 'Basic realm="mlflow"'
    assert unknown.json()["error_code"] == "UNAUTHENTICATED"
    for name in ("eve@example.com", "eve"):
        assert search(closed, auth=(name, PASSWORD)).status_code == 200
    assert search(closed, auth=("eve", "wrong")).status_code == 401
    assert search(closed, headers={"authorization": "Bearer wrong"}).status_code == 401
    assert httpx.get(closed.url + "/version").text == "3.17.2"


def test_tokens_open_it_as_bearer_and_as_password(closed):
    page = httpx.Client(base_url=closed.url, headers={"origin": closed.url})
    assert (
        page.post("/api/v1/login", json={"email": "bob@example.com", "password": PASSWORD}).status_code == 204
    )
    made = page.post("/api/v1/tokens", json={"name": "laptop"})
    token = made.json()["secret"]
    assert search(closed, headers={"authorization": f"Bearer {token}"}).status_code == 200
    assert search(closed, auth=("anybody", token)).status_code == 200


def test_roles_decide(closed):
    put = closed.url + PROXY + "/0/x/artifacts/a.txt"
    assert httpx.put(put, content=b"x", auth=("eve", PASSWORD)).status_code == 403
    assert httpx.put(put, content=b"x", auth=("bob", PASSWORD)).status_code == 200
    assert httpx.get(put, auth=("eve", PASSWORD)).text == "x"
    assert httpx.delete(put, auth=("eve", PASSWORD)).status_code == 403


def test_an_upload_is_refused_before_it_is_read(closed):
    with socket.create_connection(("127.0.0.1", closed.port), timeout=20) as raw:
        head = f"PUT {PROXY}/0/x/artifacts/big HTTP/1.1\r\nHost: localhost\r\nContent-Length: 999999999\r\n"
        raw.sendall((head + "Expect: 100-continue\r\n\r\n").encode())
        answer = raw.recv(4096)
    assert answer.startswith(b"HTTP/1.1 401 "), answer


def test_guessing_is_slowed_down(closed):
    states = [search(closed, auth=("bob", f"wrong {i}")).status_code for i in range(8)]
    assert states[0] == 401 and states[-1] == 429
