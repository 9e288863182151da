"""PostgreSQL as the database of several gateways: one registry, restarts, and mistakes that are named."""

import concurrent.futures
import json

import httpx
import pytest
from harness.postgresql import Postgresql
from harness.programs import run, wait_until
from harness.server import GATEWAY_CONFIG

ON_POSTGRESQL = GATEWAY_CONFIG + "state: {{ database: {{ env: PG_URL }} }}\n"
CLIENT = httpx.Client(timeout=60)  # making one takes longer than a call
CONFIG = "version: 1\nembedded: false\nstate: { database: { env: PG_URL } }\n"


@pytest.fixture(scope="module")
def postgresql(tmp_path_factory):
    with Postgresql(tmp_path_factory.mktemp("postgresql")) as server:
        yield server


@pytest.fixture
def url(postgresql, request):
    """Of an empty database of the test's own."""
    return postgresql.make_database(f"penstock_{abs(hash(request.node.name))}")


@pytest.fixture
def config(tmp_path):
    path = tmp_path / "shared.yaml"
    path.write_text(CONFIG)
    return path


@pytest.fixture
def gateways(start_server, url, tmp_path):
    return [
        start_server(ON_POSTGRESQL, name=name, data=tmp_path / name, env={"PG_URL": url})
        for name in ("first", "second")
    ]


def health(server):
    parts = server.get("/api/v1/health").json()["parts"]
    return next(part for part in parts if part["name"] == "database")


def test_two_gateways_see_one_registry(gateways, url, config, tmp_path, weights):
    env = {"PG_URL": url}
    for server in gateways:
        assert health(server)["status"] == "ok" and health(server)["detail"].startswith("PostgreSQL 15")
        assert server.chat("fast").status_code == 200
    imported = run(
        *("models", "import", weights, "--name", "mine"),
        *("--data", tmp_path / "first", "--config", config),
        env=env,
    )
    assert imported.returncode == 0, imported.stderr
    for name in ("first", "second"):
        done = run("models", "list", "--data", tmp_path / name, "--config", config, "--json", env=env)
        listed = json.loads(done.stdout)["models"]
        assert [(model["name"], model["version"]) for model in listed] == [("mine", 1)]
        assert not (tmp_path / name / "penstock.db").exists()


def chat(server, secret):
    body = {"model": "fast", "messages": [{"role": "user", "content": "Hello"}], "max_tokens": 8}
    headers = {"authorization": f"Bearer {secret}"}
    return CLIENT.post(server.url + "/v1/chat/completions", json=body, headers=headers).status_code


def make_key(server, **fields):
    answer = server.post("/api/v1/keys", {"name": "shared", **fields})
    assert answer.status_code == 201, answer.text
    return answer.json()["secret"], answer.json()["key"]["id"]


def test_a_key_of_one_gateway_counts_at_the_other_until_it_is_revoked(gateways):
    first, second = gateways
    secret, key = make_key(first)
    assert chat(first, secret) == 200
    wait_until(lambda: chat(second, secret) == 200, "the key counts at the other gateway")
    revoked = second.post(f"/api/v1/keys/{key}/revoke")
    assert revoked.status_code == 200, revoked.text
    assert chat(second, secret) == 401
    wait_until(lambda: chat(first, secret) == 401, "it is revoked there too")


def test_two_gateways_spend_from_one_budget(gateways):
    limit_nano = 300_000
    group = {"path": "acme", "budget": {"amount_nano_usd": limit_nano, "per": "month"}}
    assert gateways[0].post("/api/v1/groups", group).status_code == 201
    secret, _ = make_key(gateways[0], group="acme")
    wait_until(lambda: chat(gateways[1], secret) == 200, "the key counts at the other gateway")
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        codes = list(pool.map(lambda i: chat(gateways[i % 2], secret), range(200)))
    assert set(codes) == {200, 429}
    spent = [sum(r["cost_nano_usd"] or 0 for r in server.records()) for server in gateways]
    assert min(spent) > 0, "both take part"
    assert sum(spent) <= limit_nano
    assert sum(spent) >= 0.8 * limit_nano, "what one has leased and does not need comes to the other"


def test_a_gateway_outlives_its_database(start_server, tmp_path):
    with Postgresql(tmp_path) as own:
        server = start_server(ON_POSTGRESQL, env={"PG_URL": own.url()})
        own.stop()
        wait_until(lambda: health(server)["status"] == "degraded", "the loss shows", 30)
        assert server.chat("fast").status_code == 200
        own.start()
        wait_until(lambda: health(server)["status"] == "ok", "the database is back", 30)


@pytest.mark.parametrize(
    "value, why",
    [
        ("postgresql://penstock:sesame@127.0.0.1:1/penstock", "127.0.0.1:1/penstock"),
        ("postgresql://penstock:se/same@127.0.0.1/penstock", "cannot be read|is no n"),
        ("sqlite:/tmp/sesame.db", "postgresql://USER:PASSWORD@HOST"),
    ],
)
def test_a_database_that_cannot_be_used_is_named_at_the_start_without_its_password(
    value, why, config, tmp_path
):
    arguments = ("--data", tmp_path / "data", "--config", config)
    for command in (("serve", "--listen", "127.0.0.1:0"), ("models", "list")):
        done = run(*command, *arguments, env={"PG_URL": value})
        assert done.returncode != 0
        assert any(part in done.stderr for part in why.split("|")), done.stderr
        assert "same" not in done.stderr


def test_a_url_that_is_not_set_is_named(config, tmp_path):
    done = run("models", "list", "--data", tmp_path / "data", "--config", config)
    assert done.returncode == 3 and "PG_URL is not set" in done.stderr


def test_a_wrong_password_is_named(postgresql, config, tmp_path):
    wrong = f"postgresql://penstock:sesame@127.0.0.1:{postgresql.port}/postgres"
    done = run("models", "list", "--data", tmp_path / "data", "--config", config, env={"PG_URL": wrong})
    assert "password authentication failed" in done.stderr and "sesame" not in done.stderr


def test_commands_need_no_other_secret(url, tmp_path):
    path = tmp_path / "penstock.yaml"
    providers = "providers: { x: { type: openai, base_url: 'http://127.0.0.1:1', keys: [{ env: ABSENT_KEY }] } }\n"
    path.write_text(CONFIG + providers)
    done = run("models", "list", "--data", tmp_path, env={"PG_URL": url})
    assert done.returncode == 0, done.stderr


def test_doctor_tells_which_database_it_is(url, config, tmp_path):
    def database_check(address):
        done = run("doctor", "--data", tmp_path, "--config", config, "--json", env={"PG_URL": address})
        return next(check for check in json.loads(done.stdout)["checks"] if check["name"] == "database")

    good = database_check(url)
    assert good["ok"] and good["detail"].startswith("PostgreSQL 15") and url.rsplit("@")[1] in good["detail"]
    bad = database_check("postgresql://penstock:sesame@127.0.0.1:1/penstock")
    assert not bad["ok"] and "Connection refused" in bad["detail"] and "sesame" not in bad["detail"]
