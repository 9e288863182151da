"""Single sign-on against a real provider: npm oidc-provider."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from harness.programs import ROOT, Program

sys.path.insert(0, str(ROOT / "tools"))
from made_once import node_packages  # noqa: E402

OIDC = ROOT / "tests/oidc"
CALLBACK = "/api/v1/login/oidc/callback"
CONFIG = """
version: 1
{{engines}}
auth:
  oidc:
    name: Test login
    issuer: "http://127.0.0.1:{port}"
    client_id: penstock
    client_secret: {{{{ env: OIDC_SECRET }}}}
    redirect_url: "http://127.0.0.1:9/api/v1/login/oidc/callback"
    scopes: [openid, email, profile, groups]
    roles: {{{{ platform-admins: owner, devs: developer }}}}
"""


@pytest.fixture(scope="module")
def node():
    return json.loads(subprocess.check_output([ROOT / "tests/setup", "--print"], text=True))["node"]


@pytest.fixture
def provider(node, tmp_path, request):
    folder = tmp_path / "provider"
    folder.mkdir()
    modules = node_packages("tests-oidc", OIDC, f"{Path(node).parent}:{os.environ['PATH']}")
    (folder / "node_modules").symlink_to(modules)
    shutil.copy(OIDC / "provider.mjs", folder / "provider.mjs")
    algorithm = getattr(request, "param", "RS256")
    with Program([node, folder / "provider.mjs", algorithm], folder, "provider") as program:
        program.url = f"http://127.0.0.1:{program.port}"
        yield program


@pytest.fixture
def server(provider, start_server):
    return start_server(CONFIG.format(port=provider.port), env={"OIDC_SECRET": "secret-of-the-client"})


def sign_in(server, login):
    """What a browser does, up to the call of the callback: that call's URL, and the browser."""
    browser = httpx.Client(timeout=60, follow_redirects=False)
    answer = browser.get(server.url + "/api/v1/login/oidc")
    assert answer.status_code == 302, answer.text
    for _ in range(12):
        location = str(httpx.URL(str(answer.url)).join(answer.headers["location"]))
        if CALLBACK in location:
            return location.replace("http://127.0.0.1:9", server.url), browser
        answer = browser.get(location)
        if answer.status_code == 200:
            action = re.search(r'action="([^"]+)"', answer.text)[1]
            prompt = re.search(r'name="prompt" value="(\w+)"', answer.text)[1]
            fields = {"prompt": prompt, "login": login, "password": "any"}
            answer = browser.post(str(httpx.URL(str(answer.url)).join(action)), data=fields)
    raise AssertionError(answer.text)


def me(server, browser):
    return browser.get(server.url + "/api/v1/me")


@pytest.mark.parametrize("provider", ["RS256", "ES256"], indirect=True)
def test_people_log_in_with_the_role_of_their_groups(server):
    assert server.get("/api/v1/requests").status_code == 401, "nobody is let in before the first account"
    assert server.get("/api/v1/login").json()["single_sign_on"] == "Test login"
    callback, browser = sign_in(server, "root")
    done = browser.get(callback)
    assert (done.status_code, done.headers["location"]) == (302, "/"), done.text
    assert me(server, browser).json()["role"] == "owner"
    callback, browser = sign_in(server, "dan")
    assert browser.get(callback).status_code == 302
    who = me(server, browser).json()
    assert (who["name"], who["role"], who["user"]["name"]) == ("dan@example.com", "developer", "DAN")


def test_whoever_has_no_role_or_no_verified_address_stays_outside(server):
    callback, browser = sign_in(server, "stranger")
    refused = browser.get(callback)
    assert refused.status_code == 403 and "role" in refused.json()["error"]["message"]
    assert me(server, browser).status_code == 401


def test_new_keys_of_the_provider_are_fetched(server, provider):
    callback, browser = sign_in(server, "root")
    assert browser.get(callback).status_code == 302
    httpx.post(provider.url + "/rotate")
    callback, browser = sign_in(server, "dan")
    answer = browser.get(callback)
    assert answer.status_code in (302, 401)
    if answer.status_code == 401:  # keys were fetched a moment ago: they are not again within some seconds
        assert "does not publish" in answer.json()["error"]["message"]


def test_an_answer_that_belongs_to_no_login_of_this_browser_is_refused(server):
    callback, browser = sign_in(server, "root")
    stranger = httpx.Client(timeout=60)
    assert stranger.get(callback).status_code == 401, "another browser has no cookie of this login"
    assert browser.get(re.sub(r"state=\w+", "state=" + "x" * 32, callback)).status_code == 401
    assert browser.get(re.sub(r"iss=[^&]+", "iss=http%3A%2F%2Fevil.example", callback)).status_code == 401
    forged = re.sub(r"code=[^&]+", "code=forged", callback)
    assert browser.get(forged).status_code == 502, "the provider refuses the code"
    assert browser.get(server.url + CALLBACK + "?error=access_denied").status_code == 401
    assert browser.get(callback).status_code == 302
    replayed = browser.get(callback)
    assert replayed.status_code in (401, 502), "a code works once"
