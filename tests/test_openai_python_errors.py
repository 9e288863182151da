"""What the SDK makes of errors: its classes, its retries, its time-outs."""

import time

import httpx
import openai
import pytest
from harness.clients import USER, openai_client


@pytest.fixture(scope="module")
def client(server):
    return openai_client(server)


def raised(client, error, **fields):
    with pytest.raises(error) as caught:
        client.chat.completions.create(**{"messages": USER, **fields})
    return caught.value


def test_an_unknown_model_is_not_found(client):
    error = raised(client, openai.NotFoundError, model="no-such-model")
    assert (error.status_code, error.code) == (404, "model_not_found")
    assert "no-such-model" in error.message


def test_an_unknown_model_cannot_be_retrieved(client):
    with pytest.raises(openai.NotFoundError) as caught:
        client.models.retrieve("no-such-model")
    assert caught.value.code == "model_not_found"


@pytest.mark.parametrize(
    "fields, param",
    [
        ({"model": ""}, "model"),
        ({"model": "fast", "stream": "yes"}, "stream"),
        ({"model": "fast", "extra_body": {"metadata": {"a": 1}}}, "a"),
        ({"model": "fast", "extra_body": {"stream_options": {"include_usage": True}}}, "stream_options"),
    ],
)
def test_a_wrong_field_is_a_bad_request_that_names_it(client, fields, param):
    error = raised(client, openai.BadRequestError, **fields)
    assert param in (error.param or "") or param in error.message
    assert error.type == "invalid_request_error"


def test_every_error_has_openais_four_keys_and_a_request_id(server):
    answer = server.post("/v1/chat/completions", {"model": "no-such-model", "messages": USER})
    assert set(answer.json()["error"]) == {"message", "type", "param", "code"}
    assert answer.headers["x-request-id"]


def test_a_path_that_is_not_there_is_not_found_in_openais_shape(server):
    assert set(server.get("/v1/nothing").json()["error"]) == {"message", "type", "param", "code"}
    assert server.get("/v1/nothing").status_code == 404
    assert server.get("/v1/chat/completions").status_code == 405


@pytest.mark.parametrize(
    "status, error",
    [
        (400, openai.BadRequestError),
        (404, openai.NotFoundError),
        (409, openai.ConflictError),
        (422, openai.UnprocessableEntityError),
        (429, openai.RateLimitError),
        (500, openai.InternalServerError),
        (503, openai.InternalServerError),
    ],
)
def test_an_upstreams_refusal_keeps_its_class_and_words(client, status, error):
    seen = raised(client, error, model=f"fault-{status}")
    assert seen.code == f"mock_{status}"
    assert f"answers {status}" in seen.message


@pytest.mark.parametrize("status", [401, 402, 403])
def test_an_upstreams_refusal_of_our_key_is_not_the_clients_fault(client, status):
    seen = raised(client, openai.InternalServerError, model=f"fault-{status}")
    assert seen.status_code == 502
    assert "credentials" in seen.message


def test_a_rate_limit_is_retried_after_the_time_the_upstream_names(server, ledger):
    started = time.monotonic()
    client = openai_client(server, max_retries=2)
    answer = client.chat.completions.create(model="fault-429-1", messages=USER)
    assert answer.choices[0].message.content
    assert ledger.ledger()["calls"] == 2
    assert time.monotonic() - started >= 0.9


def test_a_failing_upstream_is_asked_as_often_as_the_sdk_says_and_no_more(server, ledger):
    client = openai_client(server, max_retries=1)
    raised(client, openai.InternalServerError, model="fault-500")
    assert ledger.ledger()["calls"] == 2


def test_retry_after_reaches_the_client(server):
    answer = server.chat("fault-429")
    assert answer.status_code == 429 and answer.headers["retry-after"] == "1"


def test_the_clients_own_time_out_ends_its_call(server):
    client = openai_client(server, timeout=0.5)
    raised(client, openai.APITimeoutError, model="fault-silent")
    assert httpx.get(server.url + "/v1/models").status_code == 200


def test_a_stream_that_breaks_raises_instead_of_ending(client):
    seen = []
    with pytest.raises(openai.APIError):
        for chunk in client.chat.completions.create(model="fault-cut-3", messages=USER, stream=True):
            seen.append(chunk)
    assert len(seen) == 4  # the role and three words


def test_a_wrong_key_is_unauthenticated(start_server):
    config_with_keys = """
version: 1
providers: {{ mock: {{ type: openai, base_url: "http://127.0.0.1:{upstream}/v1" }} }}
{engines}
models: {{ "gpt-*": {{ targets: [{{ provider: mock }}] }} }}
keys: [{{ name: dev, env: PENSTOCK_KEY }}]
"""
    server = start_server(config_with_keys)
    openai_client(server).chat.completions.create(model="gpt-x", messages=USER)
    stranger = openai.OpenAI(base_url=server.url + "/v1", api_key="not-the-key", max_retries=0)
    error = raised(stranger, openai.AuthenticationError, model="gpt-x")
    assert (error.status_code, error.code) == (401, "invalid_api_key")
    assert "not-the-key" not in error.message
