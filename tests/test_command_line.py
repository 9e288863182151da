"""The binary's commands as a person or a script meets them."""

import json
import os
import re
import subprocess

import pytest
from harness.programs import binary, run

COMMANDS = [
    "serve",
    "engine",
    "chat",
    "models list",
    "models import",
    "models quantize",
    "requests tail",
    "requests show",
    "config check",
    "config schema",
    "config apply",
    "config versions",
    "config diff",
    "config undo",
    "import litellm",
    "doctor",
    "version",
]
OK, FAILED, USAGE, INVALID, UNREACHABLE = range(5)
NOBODY = "http://127.0.0.1:1"


def test_help_lists_every_command_and_the_exit_codes():
    done = run("--help")
    assert done.returncode == OK and not done.stderr
    assert all(re.search(rf"^  {command} +\S", done.stdout, re.MULTILINE) for command in COMMANDS)
    assert "Exit codes" in done.stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself_with_an_example(command):
    done = run(*command.split(), "--help")
    assert done.returncode == OK and not done.stderr
    assert f"Usage: penstock {command}" in done.stdout
    examples = done.stdout.partition("Examples:\n")[2]
    assert f"penstock {command.split()[0]}" in examples
    assert all(len(line) <= 110 for line in done.stdout.splitlines())


@pytest.mark.parametrize(
    "arguments, nearest",
    [
        (["sevre"], "serve"),
        (["models", "lst"], None),
        (["serve", "--dta", "x"], "--data"),
        (["version", "extra"], None),
        (["serve", "--data"], None),
        ([], None),
    ],
    ids=str,
)
def test_a_wrong_command_line_is_code_2_and_names_the_nearest(arguments, nearest):
    done = run(*arguments)
    assert done.returncode == USAGE and not done.stdout
    if nearest:
        assert nearest in done.stderr


def test_version_is_told_in_words_and_in_json():
    told = json.loads(run("version", "--json").stdout)
    assert set(told) == {"version", "commit", "compiler"}
    assert told["version"] in run("version").stdout == run("--version").stdout


@pytest.mark.parametrize(
    "arguments",
    [["requests", "tail"], ["requests", "show", "0193a5c2-5d1e-7c3f-9b1a-2f6d8e4c7a90"], ["chat", "Hi"]],
)
def test_no_server_is_code_4_and_says_where_it_looked(arguments):
    done = run(*arguments, "--server", NOBODY)
    assert done.returncode == UNREACHABLE
    assert NOBODY.removeprefix("http://") in done.stderr


def test_requests_tail_and_show_print_what_the_api_knows(server):
    request_id = server.chat("fast").headers["x-request-id"]
    last = run("requests", "tail", "--once", "--last", "1", "--json", "--server", server.url)
    assert json.loads(last.stdout)["id"] == request_id
    shown = run("requests", "show", request_id, "--json", "--server", server.url)
    assert json.loads(shown.stdout) == server.record(request_id)
    words = run("requests", "show", request_id, "--server", server.url)
    assert request_id in words.stdout and "\x1b[" not in words.stdout


def test_requests_tail_follows(server):
    tail = subprocess.Popen(
        [binary(), "requests", "tail", "--last", "0", "--json", "--server", server.url],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        ids = set()
        for _ in range(50):  # until the tail is connected
            ids.add(server.chat("gpt-x").headers["x-request-id"])
            os.set_blocking(tail.stdout.fileno(), False)
            line = tail.stdout.readline()
            if line:
                break
        assert json.loads(line)["id"] in ids
    finally:
        tail.kill()
        tail.wait()
        tail.stdout.close()


def test_a_request_that_is_not_there_fails(server):
    done = run("requests", "show", "0193a5c2-5d1e-7c3f-9b1a-2f6d8e4c7a90", "--server", server.url)
    assert done.returncode == FAILED and done.stderr.startswith("penstock: ")


def test_chat_prints_the_answer_and_nothing_else(server):
    done = run("chat", "--model", "gpt-x", "--server", server.url, "Say a word about water.")
    assert (done.returncode, done.stdout, done.stderr) == (
        OK,
        "water falls through a gated narrow pipe today\n",
        "",
    )


def test_chat_reads_a_conversation_from_a_pipe(server, ledger):
    done = run("chat", "--model", "gpt-x", "--server", server.url, stdin="One\nTwo\n")
    assert done.returncode == OK and done.stdout.count("water falls") == 2
    bodies = [json.loads(request["body"]) for request in ledger.ledger()["requests"]]
    assert [message["role"] for message in bodies[1]["messages"]] == ["user", "assistant", "user"]


def test_chat_fails_when_the_answer_does(server):
    done = run("chat", "--model", "fault-cut-2", "--server", server.url, "Hi")
    assert done.returncode == FAILED and done.stderr.startswith("penstock: ")


def test_models_list_tells_name_kind_and_size(engine_server):
    listed = run("models", "list", "--json", "--data", engine_server.data)
    assert listed.returncode == OK, listed.stderr
    models = json.loads(listed.stdout)
    names = {model["name"] for model in (models["models"] if isinstance(models, dict) else models)}
    assert {"smollm2-135m-instruct", "all-minilm-l6-v2"} <= names


def test_doctor_says_what_it_looked_at(tmp_path):
    done = run("doctor", "--json", "--data", tmp_path / "data")
    assert json.loads(done.stdout)
    assert run("doctor", "--data", tmp_path / "data").stdout.strip()


def test_completion_is_a_script_that_bash_takes():
    script = run("completion", "bash").stdout
    query = f'{script}\nCOMP_WORDS=(penstock se); COMP_CWORD=1; _penstock; echo "${{COMPREPLY[@]}}"'
    done = subprocess.run(["bash", "-c", query], capture_output=True, text=True)
    assert done.returncode == 0 and "serve" in done.stdout.split(), done.stderr
    assert run("completion", "fish").returncode != OK


def test_serve_refuses_an_open_address_without_keys(tmp_path):
    done = run("serve", "--data", tmp_path, "--listen", "0.0.0.0:0")
    assert done.returncode == INVALID
    assert "authentication" in done.stderr or "keys" in done.stderr


def test_serve_refuses_an_address_in_use(server, tmp_path):
    config = tmp_path / "c.yaml"
    config.write_text("version: 1\nembedded: false\n")
    done = run("serve", "--data", tmp_path / "d", "--listen", f"127.0.0.1:{server.port}", "--config", config)
    assert done.returncode == FAILED and str(server.port) in done.stderr


def test_output_that_is_piped_has_no_colour(server):
    server.chat("gpt-x")
    assert "\x1b" not in run("requests", "tail", "--once", "--server", server.url).stdout
