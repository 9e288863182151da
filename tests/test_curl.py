"""curl, as the documentation shows it."""

import json
import subprocess

import pytest
from harness.wire import content_of, events


@pytest.fixture
def curl(server):
    def call(path, *arguments, body=None):
        command = ["curl", "-sS", "--max-time", "20", server.url + path, *arguments]
        if body is not None:
            command += ["-H", "content-type: application/json", "-d", json.dumps(body)]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    return call


BODY = {"model": "gpt-x", "messages": [{"role": "user", "content": "Hi"}]}


def test_a_chat_completion_is_one_line_of_json(curl):
    answer = json.loads(curl("/v1/chat/completions", body=BODY))
    assert answer["object"] == "chat.completion"


def test_a_stream_prints_events_as_they_come(curl):
    chunks = events(curl("/v1/chat/completions", "-N", body={**BODY, "stream": True}))
    assert content_of(chunks) == "water falls through a gated narrow pipe today"
    assert chunks[-1] == "[DONE]"


def test_a_body_that_waits_for_100_continue_is_read(curl):
    long = {**BODY, "messages": [{"role": "user", "content": "water " * 1000}]}
    printed = curl("/v1/chat/completions", "-i", "-H", "Expect: 100-continue", body=long)
    heads = [line.split()[1] for line in printed.splitlines() if line.startswith("HTTP/1.1 ")]
    assert heads == ["100", "200"]


def test_head_answers_without_a_body(curl):
    assert " 200 " in curl("/health", "-I").splitlines()[0]


def test_http_2_by_prior_knowledge_is_refused_not_hung(server):
    done = subprocess.run(
        ["curl", "-sS", "--max-time", "10", "--http2-prior-knowledge", server.url + "/health"],
        capture_output=True,
    )
    assert done.returncode not in (0, 28)


def test_health_tells_each_part(curl):
    assert json.loads(curl("/api/v1/health"))["status"] == "ok"
