"""Every configuration that took effect is kept, shown, compared and brought back."""

import os

import pytest
from harness.config import RunningConfig, with_model
from harness.programs import run


@pytest.fixture
def running(start_server, tmp_path):
    return RunningConfig(start_server(), tmp_path / "penstock.yaml")


def test_versions_say_who_when_how_and_why(running):
    text = running.path.read_text()
    first = running.now()
    assert first["text"] == text
    assert first["file"] == str(running.path)
    assert first["problem"] is None
    assert first["schema"]["properties"]["models"]
    second = running.apply(with_model(text, "more"), comment="one more").json()["version"]
    page = running.server.get("/api/v1/config/versions").json()
    assert [version["number"] for version in page["versions"]] == [second, first["version"]]
    newest, oldest = page["versions"]
    assert newest["source"] == "api" and newest["comment"] == "one more" and newest["running"]
    assert newest["previous"] == first["version"]
    assert oldest["source"] == "start" and not oldest["running"] and oldest["previous"] is None
    whole = running.server.get(f"/api/v1/config/versions/{first['version']}").json()
    assert whole["text"] == text
    diff = running.server.get("/api/v1/config/versions/diff").json()["diff"]
    assert "\n+  more: {" in diff
    assert running.server.get("/api/v1/config/versions/999").status_code == 404


def test_a_check_applies_nothing(running):
    text = running.path.read_text()
    check = running.server.post("/api/v1/config/check", {"text": with_model(text, "more")}).json()
    assert check["valid"] and check["problems"] == []
    assert check["base_version"] == running.version()
    assert "+  more: {" in check["diff"]
    wrong = text.replace("provider: mock, model", "provider: mok, model")
    check = running.server.post("/api/v1/config/check", {"text": wrong}).json()
    assert not check["valid"]
    line = next(i for i, row in enumerate(wrong.splitlines(), 1) if "mok" in row)
    assert check["problems"][0]["line"] == line
    assert "mok" in check["problems"][0]["message"]
    assert "more" not in running.models()
    assert running.path.read_text() == text


def test_two_people_do_not_overwrite_one_another(running):
    text = running.path.read_text()
    seen = running.version()
    assert running.apply(with_model(text, "ada"), base=seen).status_code == 200
    late = running.apply(with_model(text, "bob"), base=seen)
    assert late.status_code == 409
    assert "another change came between" in late.json()["error"]["message"]
    assert "ada" in running.models() and "bob" not in running.models()


def test_a_file_changed_by_hand_is_not_overwritten(running):
    text = running.path.read_text()
    broken = text + "unknown: 1\n"
    running.path.write_text(broken)
    refused = running.apply(with_model(text, "more"))
    assert refused.status_code == 409
    assert "by hand" in refused.json()["error"]["message"]
    assert running.path.read_text() == broken


def test_an_invalid_text_changes_nothing(running):
    text = running.path.read_text()
    refused = running.apply(text + "a: 1\nb: 2\n")
    assert refused.status_code == 400
    lines = len(text.splitlines())
    for line in (lines + 1, lines + 2):
        assert f":{line}:1" in refused.json()["error"]["message"]
    assert running.path.read_text() == text


def test_undo_goes_back_and_the_file_with_it(running):
    text = running.path.read_text()
    os.chmod(running.path, 0o640)
    running.apply(with_model(text, "one"))
    running.apply(with_model(text, "two"))
    assert running.undo().status_code == 200
    assert "one" in running.models() and "two" not in running.models()
    assert running.undo().status_code == 200
    assert running.path.read_text() == text
    assert os.stat(running.path).st_mode & 0o777 == 0o640
    assert running.undo().status_code == 409


def test_versions_outlive_the_server(running):
    text = running.path.read_text()
    version = running.apply(with_model(text, "more")).json()["version"]
    running.server.stop()
    running.server.start()
    assert running.version() == version
    assert running.undo().status_code == 200
    assert "more" not in running.models()


def test_every_change_is_audited_without_secrets(running):
    text = running.path.read_text()
    version = running.apply(with_model(text, "more"), comment="because").json()["version"]
    running.undo()
    records = running.server.get("/api/v1/audit?action=config.").json()["records"]
    assert [record["action"] for record in records] == ["config.undo", "config.apply"]
    assert records[1]["object"] == f"config:{version}"
    assert "+  more: {" in records[1]["after"]["diff"]


def test_commands_apply_list_compare_and_undo(running, tmp_path):
    text = running.path.read_text()
    new = tmp_path / "new.yaml"
    new.write_text(with_model(text, "more"))
    server = ["--server", running.server.url]
    assert "+  more: {" in run("config", "diff", new, *server).stdout
    applied = run("config", "apply", new, "--comment", "one more", *server)
    assert applied.returncode == 0, applied.stderr
    assert "is in effect" in applied.stdout
    listed = run("config", "versions", *server).stdout.splitlines()
    assert "one more" in listed[0] and "*" in listed[0]
    assert "+  more: {" in run("config", "diff", *server).stdout
    new.write_text("unknown: 1\n")
    refused = run("config", "apply", new, *server)
    assert refused.returncode == 1 or refused.returncode == 3
    assert ":1:1: unknown key 'unknown'" in refused.stderr
    assert run("config", "undo", *server).returncode == 0
    assert running.path.read_text() == text


def test_viewers_read_and_only_admins_change(start_server, tmp_path):
    roles = ("viewer", "developer", "admin")
    keys = ", ".join(f"{{ name: {role}, env: KEY_{role.upper()}, role: {role} }}" for role in roles)
    environment = {f"KEY_{role}": f"secret-of-{role}" for role in ("VIEWER", "DEVELOPER", "ADMIN")}
    config = "version: 1\nembedded: false\nkeys: [" + keys.replace("{", "{{").replace("}", "}}") + "]\n"
    server = start_server(config, env=environment)

    def as_(role):
        return {"headers": {"authorization": f"Bearer secret-of-{role}"}}

    text = (tmp_path / "penstock.yaml").read_text() + "drain_ms: 1000\n"
    for role, allowed in (("VIEWER", False), ("DEVELOPER", False), ("ADMIN", True)):
        now = server.get("/api/v1/config", **as_(role))
        assert now.status_code == 200
        assert server.post("/api/v1/config/check", {"text": text}, **as_(role)).status_code == 200
        change = {"text": text, "base_version": now.json()["version"]}
        status = server.post("/api/v1/config/apply", change, **as_(role)).status_code
        assert status == (200 if allowed else 403)
    assert server.get("/api/v1/config").status_code == 401
