"""Single sign-on against a real Keycloak, on demand: pytest tests/test_oidc_keycloak.py --keycloak"""

import html
import re

import httpx
import pytest
from harness.keycloak import Keycloak

pytestmark = pytest.mark.timeout(600)  # Keycloak builds itself anew at its first start

CALLBACK = "/api/v1/login/oidc/callback"
REDIRECT_URL = "http://127.0.0.1:9" + CALLBACK
CONFIG = """
version: 1
{{engines}}
auth:
  oidc:
    name: Keycloak
    issuer: "{issuer}"
    client_id: penstock
    client_secret: {{{{ env: OIDC_SECRET }}}}
    redirect_url: "{redirect_url}"
    scopes: [openid, email, profile]
    roles: {{{{ platform-admins: owner, devs: developer }}}}
"""


@pytest.fixture(scope="module")
def keycloak(request, tmp_path_factory):
    if not request.config.getoption("--keycloak"):
        pytest.skip("on demand: --keycloak (160 MB from Maven, a minute to start)")
    with Keycloak(tmp_path_factory.mktemp("provider")) as program:
        people = {"root": "platform-admins", "dan": "devs", "eve": "guests"}
        program.set_up("penstock", "secret-of-the-client", REDIRECT_URL, people)
        yield program


@pytest.fixture
def server(keycloak, start_server):
    config = CONFIG.format(issuer=keycloak.issuer, redirect_url=REDIRECT_URL)
    return start_server(config, env={"OIDC_SECRET": "secret-of-the-client"})


def callback_of(server, name):
    """What a browser does, up to the call of the callback: that call's URL, and the browser."""
    browser = httpx.Client(timeout=60)
    form = browser.get(server.url + "/api/v1/login/oidc", follow_redirects=True)
    assert form.status_code == 200, form.text
    action = html.unescape(re.search(r'action="([^"]+)"', form.text)[1])
    done = browser.post(action, data={"username": name, "password": name, "credentialId": ""})
    assert done.status_code == 302, done.text
    return done.headers["location"].replace("http://127.0.0.1:9", server.url), browser


@pytest.mark.parametrize("name, role", [("root", "owner"), ("dan", "developer")])
def test_people_log_in_with_the_role_of_their_groups(server, name, role):
    callback, browser = callback_of(server, name)
    done = browser.get(callback)
    assert (done.status_code, done.headers["location"]) == (302, "/"), done.text
    who = browser.get(server.url + "/api/v1/me").json()
    assert (who["name"], who["role"]) == (f"{name}@example.com", role)


def test_whoever_has_no_role_stays_outside(server):
    callback, browser = callback_of(server, "eve")
    refused = browser.get(callback)
    assert refused.status_code == 403 and "role" in refused.json()["error"]["message"]
    assert browser.get(server.url + "/api/v1/me").status_code == 401


def test_a_code_works_once(server):
    callback, browser = callback_of(server, "dan")
    assert browser.get(callback).status_code == 302
    assert browser.get(callback).status_code in (401, 502)
