"""`penstock config check`: every problem, with its place and the nearest valid key."""

import json

import jsonschema
import pytest
from harness.programs import run
from harness.server import DEFAULT_ENGINES, GATEWAY_CONFIG

OK, INVALID = 0, 3


@pytest.fixture
def check(tmp_path):
    def run_check(text, *arguments, **options):
        path = tmp_path / "penstock.yaml"
        path.write_text(text)
        return run("config", "check", path, *arguments, **options)

    return run_check


def test_a_valid_file_is_summed_up(check):
    done = check(GATEWAY_CONFIG.format(upstream=1, engines=DEFAULT_ENGINES), env={"MOCK_KEY": "12345678"})
    assert done.returncode == OK, done.stderr
    assert "valid" in done.stdout and "1 provider" in done.stdout


def test_an_empty_file_is_valid(check):
    assert check("").returncode == OK


@pytest.mark.parametrize(
    "text, place, words",
    [
        ("versoin: 1\n", "1:1", ["versoin", "version"]),
        ("version: 1\nproviders:\n  a: { typ: openai, base_url: http://x/v1 }\n", "3:8", ["typ", "'type'"]),
        ("version: 1\nlisten: [1\n", "3:1", []),
        ("version: 1\nloops: many\n", "2:8", ["loops", "whole number"]),
        ("version: 1\nloops: 0\n", "2:8", ["loops", "1"]),
        ("version: 2\n", "1:10", ["version", "1"]),
        ("version: 1\nversion: 1\n", "2:1", ["twice"]),
        ("durability: soon\n", "1:13", ["process", "strict"]),
        ("providers: { a: { type: vllm } }\n", "1:17", ["base_url"]),
        ("providers: { a: { type: openai, base_url: 'ftp://x' } }\n", "1:43", ["ftp"]),
        ("models: { a: { targets: [{ provider: nobody }] } }\n", "1:", ["nobody"]),
        ("models: { a: { targets: [] } }\n", "1:", ["target"]),
        (
            "models: { 'a*b': { targets: [{ provider: p }] } }\n"
            "providers: { p: { type: openai, base_url: http://x/v1 } }\n",
            "1:",
            ["*"],
        ),
        ("keys: [{ name: dev, env: NO_SUCH_VARIABLE_IS_SET }]\n", "1:", ["NO_SUCH_VARIABLE_IS_SET"]),
        ("keys: [{ name: dev, value: plain-text }]\n", "1:", ["env"]),
        ("- a list\n", "1:1", ["mapping"]),
    ],
    ids=lambda value: value if isinstance(value, str) and "\n" in value else "",
)
def test_a_problem_is_told_with_line_column_and_fix(check, text, place, words):
    done = check(text)
    assert done.returncode == INVALID and not done.stdout
    assert f"penstock.yaml:{place}" in done.stderr
    assert all(word in done.stderr for word in words), done.stderr


def test_all_problems_are_told_at_once(check):
    done = check("lisen: a\nlops: 1\nkyes: []\n")
    assert [f"penstock.yaml:{line}:1" in done.stderr for line in (1, 2, 3)] == [True] * 3


def test_problems_in_json(check):
    told = json.loads(check("versoin: 1\n", "--json").stdout)
    assert told["valid"] is False and "versoin" in json.dumps(told)
    assert json.loads(check("version: 1\n", "--json").stdout)["valid"] is True


def test_the_environment_is_expanded(check):
    text = "listen: ${ADDRESS:-127.0.0.1:1}\nproviders: { p: { type: openai, base_url: '${BASE}' } }\n"
    assert check(text, env={"BASE": "http://x/v1"}).returncode == OK
    assert "BASE" in check(text).stderr


def test_a_secret_is_never_shown(check):
    done = check("keys: [{ name: dev, env: SHORT }]\n", env={"SHORT": "s3cr3t"})
    assert done.returncode == INVALID and "s3cr3t" not in done.stderr


def test_a_file_that_is_not_there_is_told(tmp_path):
    done = run("config", "check", tmp_path / "nowhere.yaml")
    assert done.returncode != OK and "nowhere.yaml" in done.stderr


@pytest.mark.parametrize(
    "depth, text", [("anchors", "a: &a [x]\nb: *a\n"), ("deep", "a: " + "[" * 500 + "]" * 500 + "\n")]
)
def test_a_file_of_another_shape_is_refused_in_good_time(check, depth, text):
    assert check(text, timeout=10).returncode == INVALID


def test_the_schema_accepts_what_check_accepts():
    schema = json.loads(run("config", "schema").stdout)
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    validator.validate(
        {"embedded": False, "records": {"bodies": True}, "keys": [{"name": "dev", "env": "K"}]}
    )
    assert not validator.is_valid({"versoin": 1})
    assert not validator.is_valid({"keys": [{"name": "dev"}]})


def test_serve_refuses_a_broken_file_with_the_same_words(tmp_path, check):
    checked = check("versoin: 1\n")
    served = run("serve", "--data", tmp_path / "d", "--config", tmp_path / "penstock.yaml")
    assert served.returncode == INVALID and "1:1" in served.stderr and "version" in served.stderr
    assert checked.returncode == served.returncode
