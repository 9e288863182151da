"""Keys, groups, accounts and the audit journal: the real server, its native API and its commands."""

import json
import re
import subprocess

import httpx
import pytest
from harness.programs import binary
from harness.server import KEY

PASSWORD = "correct horse battery"
SERVER = """
version: 1
{engines}
providers:
  mock: {{ type: openai, base_url: "http://127.0.0.1:{upstream}/v1", keys: [{{ env: MOCK_KEY }}] }}
models:
  "gpt-*": {{ targets: [{{ provider: mock }}] }}
prices: {{ models: {{ gpt-x: {{ input_usd_per_mtok: 0.15, output_usd_per_mtok: 0.60 }} }} }}
"""

WITH_KEY = """
version: 1
{engines}
keys: [{{ name: dev, env: PENSTOCK_KEY }}]
"""


@pytest.fixture
def access(start_server):
    return start_server(SERVER)


def command(server, *arguments, local=False, stdin=None, token=None):
    env = {"PATH": "/usr/bin:/bin", "PENSTOCK_URL": server.url}
    if token:
        env["PENSTOCK_KEY"] = token
    where = ["--data", server.data] if local else []
    done = subprocess.run(
        [binary(), *arguments, *where], env=env, input=stdin, capture_output=True, text=True, timeout=60
    )
    return done


def bearer(secret):
    return {"authorization": f"Bearer {secret}"}


def make_key(server, **fields):
    answer = server.post("/api/v1/keys", fields)
    assert answer.status_code == 201, answer.text
    return answer.json()["key"]["id"], answer.json()["secret"]


def make_user(server, email, role, headers=None):
    body = {"email": email, "role": role, "password": PASSWORD}
    answer = server.post("/api/v1/users", body, headers=headers)
    assert answer.status_code == 201, answer.text
    return answer.json()


def login(server, email):
    """A client with the session's cookie that behaves like the server's own page."""
    client = httpx.Client(base_url=server.url, headers={"origin": server.url}, timeout=60)
    answer = client.post("/api/v1/login", json={"email": email, "password": PASSWORD})
    assert answer.status_code == 204, answer.text
    return client


def chat(server, secret):
    body = {"model": "gpt-x", "messages": [{"role": "user", "content": "Hello"}]}
    return server.post("/v1/chat/completions", body, headers=bearer(secret))


def test_a_key_made_by_command_calls_models_and_sees_only_its_own_requests(access):
    assert command(access, "groups", "create", "acme", "--budget-usd", "20000").returncode == 0
    made = command(access, "keys", "create", "--name", "search", "--group", "acme", "--model", "gpt-*")
    assert made.returncode == 0, made.stderr
    secret = made.stdout.strip()
    _, other = make_key(access, name="other")
    mine = chat(access, secret)
    assert mine.status_code == 200, mine.text
    assert chat(access, other).status_code == 200
    listed = access.get("/api/v1/requests", headers=bearer(secret)).json()["requests"]
    assert [request["key"] for request in listed] == ["search"]
    everybodys = access.get("/api/v1/requests").json()["requests"]
    assert {request["key"] for request in everybodys} == {"search", "other"}
    foreign = next(request["id"] for request in everybodys if request["key"] == "other")
    assert access.get(f"/api/v1/requests/{foreign}", headers=bearer(secret)).status_code == 404
    assert access.get(f"/api/v1/requests/{foreign}", headers=bearer(other)).status_code == 200
    for path in ("stats", "requests/live", "keys", "groups", "audit", "users", "cost", "config"):
        assert access.get(f"/api/v1/{path}", headers=bearer(secret)).status_code == 403, path
    assert access.get("/metrics", headers=bearer(secret)).status_code == 403


def test_rotation_overlaps_and_revocation_is_for_good(access):
    key, first = make_key(access, name="search")
    rotated = access.post(f"/api/v1/keys/{key}/rotate", {"overlap_s": 3600}).json()["secret"]
    assert chat(access, first).status_code == chat(access, rotated).status_code == 200
    assert access.post(f"/api/v1/keys/{key}/rotate", {}).status_code == 200
    assert chat(access, rotated).status_code == 401
    assert command(access, "keys", "revoke", "search").returncode == 0
    assert chat(access, rotated).json()["error"]["code"] == "invalid_api_key"
    assert access.get("/api/v1/keys?status=revoked").json()["keys"][0]["key"]["id"] == key


def test_no_secret_is_kept_or_logged(access):
    _, secret = make_key(access, name="search")
    chat(access, secret)
    chat(access, secret[:-1] + "0")
    hidden = secret.split("-")[3]
    assert hidden not in access.log()
    for file in access.data.rglob("*"):
        if file.is_file():
            assert hidden.encode() not in file.read_bytes(), file


def test_the_first_account_closes_the_server_and_the_socket_stays_open_for_its_owner(access):
    owner = ("ada@example.com", "--role", "owner")
    made = command(access, "users", "create", *owner, local=True, stdin=PASSWORD)
    assert made.returncode == 0, made.stderr
    assert access.get("/api/v1/requests").status_code == 401
    assert access.get("/api/v1/login").json() == {"required": True, "password": True, "single_sign_on": None}
    assert access.get("/health").status_code == 200
    assert command(access, "keys", "list").returncode != 0
    assert command(access, "keys", "list", local=True).returncode == 0
    ada = login(access, "ada@example.com")
    me = ada.get("/api/v1/me").json()
    assert (me["name"], me["role"]) == ("ada@example.com", "owner")
    token = ada.post("/api/v1/tokens", json={"name": "cli"}).json()["secret"]
    assert command(access, "users", "list", token=token).returncode == 0
    ada.post("/api/v1/logout")
    assert ada.get("/api/v1/me").status_code == 401
    assert access.get("/api/v1/me", headers=bearer(token)).status_code == 200


def test_a_session_changes_nothing_from_another_sites_page(access):
    make_user(access, "ada@example.com", "owner")
    ada = login(access, "ada@example.com")
    del ada.headers["origin"]
    body = {"name": "x"}
    assert ada.post("/api/v1/keys", json=body).status_code == 403
    assert ada.post("/api/v1/keys", json=body, headers={"origin": "http://evil.example"}).status_code == 403
    assert ada.post("/api/v1/keys", json=body, headers={"sec-fetch-site": "cross-site"}).status_code == 403
    assert ada.post("/api/v1/keys", json=body, headers={"sec-fetch-site": "same-origin"}).status_code == 201
    cookie = login(access, "ada@example.com").cookies.jar
    assert all(c.has_nonstandard_attr("HttpOnly") for c in cookie if c.name == "penstock_session")


def test_each_role_may_what_the_document_says(access):
    paths = access.get("/api/v1/openapi.json").json()["paths"]
    make_user(access, "owner@example.com", "owner")
    clients = {"owner": login(access, "owner@example.com")}
    for role in ("admin", "developer", "annotator", "viewer"):
        make_user(access, f"{role}@example.com", role, headers=local_token(clients["owner"]))
        clients[role] = login(access, f"{role}@example.com")
    checked = 0
    for path, operations in paths.items():
        if path.startswith("/api/v1/log") or path in ("/api/v1/requests/live", "/api/v1/me/password"):
            continue
        for method, operation in operations.items():
            for role, client in clients.items():
                concrete = re.sub(r"\{[^}]*\}", "none", path)
                answer = client.request(method, concrete)
                allowed = role in operation.get("x-roles", [role])
                assert (answer.status_code == 403) != allowed, (method, concrete, role, answer.text)
                assert answer.status_code != 401
                checked += 1
    assert checked > 100


def local_token(owner):
    return bearer(owner.post("/api/v1/tokens", json={"name": "test"}).json()["secret"])


HOSTILE = ["' OR '1'='1", "sk-ps-' OR 1=1 --", "\u00e4" * 20, "x" * 5000, "config:dev"]


@pytest.mark.parametrize("secret", HOSTILE)
def test_a_hostile_bearer_is_just_a_wrong_key(start_server, secret):
    server = start_server(WITH_KEY)
    headers = {"authorization": f"Bearer {secret}".encode()}
    assert server.get("/api/v1/models", headers=headers).status_code == 401
    assert server.get("/api/v1/models", headers=bearer(KEY)).status_code == 200


def test_no_way_of_writing_a_path_gets_around_the_guard(start_server):
    server = start_server(WITH_KEY)
    for target in (
        "/api/v1/keys", "//api/v1/keys", "/api//v1/keys", "/health/../api/v1/keys",
        "/health/%2e%2e/api/v1/keys",
        "/api/v1/%6beys", "/api/v1/login/../keys", "/api/v1/login/oidc/%2e%2e/%2e%2e/keys", "/./api/v1/keys",
        "/v1/models", "//v1/models", "/v1/./models", "/v1/%6dodels", "/health/../v1/models",
    ):  # fmt: skip
        status = subprocess.run(
            ["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "--path-as-is", server.url + target],
            capture_output=True, text=True, timeout=30,
        ).stdout  # fmt: skip
        assert status in ("401", "400", "404"), (target, status)
    for case in ("/API/v1/keys", "/Api/V1/keys", "/V1/models"):
        answer = server.get(case)
        assert answer.status_code in (401, 404) or "html" in answer.headers["content-type"], case


def test_a_crafted_host_opens_nothing(start_server):
    server = start_server(WITH_KEY)
    for host in ("localhost", "127.0.0.1", "evil.example", "localhost@evil.example", "admin.sock", ""):
        status = subprocess.run(
            ["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "-H", f"Host: {host}",
             "-H", "x-forwarded-for: 127.0.0.1", "-H", "x-forwarded-host: localhost",
             f"{server.url}/api/v1/keys"],
            capture_output=True, text=True, timeout=30,
        ).stdout  # fmt: skip
        assert status in ("400", "401", "403"), (host, status)


def test_tampering_with_the_audit_journal_is_found(start_server):
    server = start_server(SERVER)
    for number in range(5):
        make_key(server, name=f"key-{number}")
    sound = command(server, "audit", "verify", "--json")
    assert sound.returncode == 0 and json.loads(sound.stdout)["records"] == 6
    server.stop()
    segment = next((server.data / "journal/audit").glob("*.segment"))
    whole = segment.read_bytes()
    place = whole.rindex(b"keys.create")
    segment.write_bytes(whole[:place] + b"keys.revoke" + whole[place + 11 :])
    again = start_server(SERVER, name="again", data=server.data)
    found = command(again, "audit", "verify")
    assert found.returncode != 0 and "NOT sound" in found.stdout
    assert again.get("/api/v1/audit/verification").json()["sound"] is False
