"""A real Keycloak (Maven), on a free port, in a directory of its own; it needs Java 17 and 600 MB."""

import hashlib
import os
import signal
import subprocess
import sys
import zipfile
from pathlib import Path

import httpx

from .postgresql import free_port
from .programs import ROOT, STOP_S_MAX, wait_until

sys.path.insert(0, str(ROOT / "tools"))
from made_once import CACHE, made_once, run  # noqa: E402

VERSION = "26.4.0"
SHA256 = "1b6a11a2726ac8a8dc9c91d5fafe989a75ce4f1622d7f7b45c21d5bc16629c0a"
START_S_MAX = 300  # its first start builds itself anew
ADMIN = "admin"
REALM = "acme"


def distribution():
    """The unpacked distribution, fetched once."""

    def make(folder):
        artifact = f"org.keycloak:keycloak-quarkus-dist:{VERSION}:zip"
        run("mvn", "-q", "dependency:get", f"-Dartifact={artifact}", "-Dtransitive=false")
        name = f"org/keycloak/keycloak-quarkus-dist/{VERSION}/keycloak-quarkus-dist-{VERSION}.zip"
        archive = Path.home() / ".m2/repository" / name
        assert hashlib.sha256(archive.read_bytes()).hexdigest() == SHA256, f"{archive} is not what was pinned"
        with zipfile.ZipFile(archive) as files:
            files.extractall(folder)
        (folder / f"keycloak-{VERSION}/bin/kc.sh").chmod(0o755)

    return made_once(CACHE / f"keycloak-{VERSION}", make) / f"keycloak-{VERSION}"


class Keycloak:
    """Stopped on exit from `with`."""

    def __init__(self, folder):
        self.folder = folder / "keycloak"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.issuer = f"{self.url}/realms/{REALM}"
        self.process = None

    def __enter__(self):
        subprocess.run(["cp", "-a", distribution(), self.folder], check=True)
        environment = {
            **os.environ,
            "KC_BOOTSTRAP_ADMIN_USERNAME": ADMIN,
            "KC_BOOTSTRAP_ADMIN_PASSWORD": ADMIN,
            "JAVA_OPTS_KC_HEAP": "-Xms256m -Xmx600m",
        }
        options = ["start-dev", "--http-host=127.0.0.1", f"--http-port={self.port}"]
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen(
                [self.folder / "bin/kc.sh", *options],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        wait_until(self._answers, "Keycloak answers", START_S_MAX, every=1)
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(STOP_S_MAX)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def _answers(self):
        log = (self.folder / "log").read_text("utf-8", "replace")
        assert self.process.poll() is None, f"Keycloak ended:\n{log[-4000:]}"
        try:
            return httpx.get(f"{self.url}/realms/master", timeout=5).status_code == 200
        except httpx.HTTPError:
            return False

    def admin(self):
        """A client of the administration's REST API."""
        login = {"client_id": "admin-cli", "grant_type": "password", "username": ADMIN, "password": ADMIN}
        path = "/realms/master/protocol/openid-connect/token"
        token = httpx.post(self.url + path, data=login, timeout=60).json()["access_token"]
        return httpx.Client(
            base_url=f"{self.url}/admin", headers={"authorization": f"Bearer {token}"}, timeout=60
        )

    def set_up(self, client_id, secret, redirect_url, people):
        """The realm with one confidential client whose id tokens name groups; `people`: name -> group."""
        groups = {
            "name": "groups",
            "protocol": "openid-connect",
            "protocolMapper": "oidc-group-membership-mapper",
            "config": {"claim.name": "groups", "full.path": "false", "id.token.claim": "true"},
        }
        client = {
            "clientId": client_id,
            "secret": secret,
            "redirectUris": [redirect_url],
            "attributes": {"pkce.code.challenge.method": "S256"},
            "protocolMappers": [groups],
        }
        users = [
            {
                "username": name,
                "email": f"{name}@example.com",
                "emailVerified": True,
                "firstName": name.title(),
                "lastName": "Doe",
                "enabled": True,
                "groups": [f"/{group}"],
                "credentials": [{"type": "password", "value": name}],
            }
            for name, group in people.items()
        ]
        realm = {
            "realm": REALM,
            "enabled": True,
            "groups": [{"name": group} for group in sorted(set(people.values()))],
            "clients": [client],
            "users": users,
        }
        with self.admin() as admin:
            answer = admin.post("/realms", json=realm)
        assert answer.status_code == 201, answer.text
