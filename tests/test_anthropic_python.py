"""Anthropic's Python SDK before an upstream of its own protocol and before one of OpenAI's, strictly."""

import json

import anthropic
import pytest
from harness.clients import (
    ANSWER,
    ANTHROPIC_MODEL,
    ANTHROPIC_TOOL,
    ARGUMENTS,
    MODELS,
    OPENAI_MODEL,
    PNG,
    USER,
    anthropic_client,
)

both = pytest.mark.parametrize("model", MODELS)


@pytest.fixture(scope="module")
def client(doors):
    return anthropic_client(doors)


def ask(client, model, messages=USER, **fields):
    return client.messages.create(model=model, messages=messages, **{"max_tokens": 1000, **fields})


@both
def test_a_message_is_answered(client, model):
    answer = ask(client, model)
    assert answer.content[0].text == ANSWER
    assert (answer.role, answer.type, answer.stop_reason) == ("assistant", "message", "end_turn")
    assert answer.usage.output_tokens == 8


@both
def test_usage_is_what_the_upstream_billed(client, doors, ledger, model):
    answer = ask(client, model)
    truth = ledger.only_request()["tokens"]
    assert answer.usage.input_tokens == truth["input"]
    record = doors.record_when_written(answer._request_id)
    assert record["endpoint"] == "messages" and record["model"] == model
    assert {kind: record["tokens"][kind] for kind in truth} == truth


@pytest.mark.parametrize(
    "model", [OPENAI_MODEL + "+cached+reasoning", ANTHROPIC_MODEL + "+cached+cache-write+reasoning"]
)
@pytest.mark.parametrize("stream", [False, True])
def test_cached_and_thought_tokens_stay_apart(client, doors, ledger, model, stream):
    if stream:
        with client.messages.stream(model=model, max_tokens=1000, messages=USER) as events:
            answer = events.get_final_message()
            request_id = events.response.headers["x-request-id"]
    else:
        answer = ask(client, model)
        request_id = answer._request_id
    truth = ledger.only_request()["tokens"]
    assert answer.usage.cache_read_input_tokens == truth["cached_input"] > 0
    assert (answer.usage.cache_creation_input_tokens or 0) == truth["cache_write"] + truth["cache_write_1h"]
    assert answer.usage.input_tokens == truth["input"]
    assert answer.usage.output_tokens == truth["output"] + truth["reasoning"]
    tokens = doors.record_when_written(request_id)["tokens"]
    assert {kind: tokens[kind] for kind in truth} == truth


@both
def test_a_stream_has_the_events_in_their_order(client, model):
    with ask(client, model, stream=True) as stream:
        events = [event for event in stream if event.type != "ping"]
    kinds = [event.type for event in events]
    assert kinds[:2] == ["message_start", "content_block_start"]
    assert kinds[-3:] == ["content_block_stop", "message_delta", "message_stop"]
    assert "".join(e.delta.text for e in events if e.type == "content_block_delta") == ANSWER
    assert events[-2].delta.stop_reason == "end_turn" and events[-2].usage.output_tokens == 8


@both
def test_the_stream_helper_accumulates_a_message(client, model):
    with client.messages.stream(model=model, max_tokens=1000, messages=USER) as stream:
        assert "".join(stream.text_stream) == ANSWER
        assert stream.get_final_message().usage.output_tokens == 8


@both
@pytest.mark.parametrize("stream", [False, True])
def test_tools_are_called(client, model, stream):
    options = {"model": model + "+tools", "max_tokens": 1000, "messages": USER, "tools": [ANTHROPIC_TOOL]}
    if stream:
        with client.messages.stream(**options) as events:
            answer = events.get_final_message()
    else:
        answer = client.messages.create(**options)
    assert answer.stop_reason == "tool_use"
    call = answer.content[-1]
    assert (call.type, call.name, call.input) == ("tool_use", "get_weather", ARGUMENTS)
    assert call.id


@both
@pytest.mark.parametrize("stream", [False, True])
def test_parallel_tools_stay_apart(client, model, stream):
    options = {"model": model + "+parallel", "max_tokens": 1000, "messages": USER, "tools": [ANTHROPIC_TOOL]}
    with client.messages.stream(**options) as events:
        calls = [block for block in events.get_final_message().content if block.type == "tool_use"]
    assert [call.input for call in calls] == [ARGUMENTS, ARGUMENTS]
    assert calls[0].id != calls[1].id


@both
def test_a_tool_result_is_taken_and_answered(client, ledger, model):
    name = model + "+tools"
    first = ask(client, name, tools=[ANTHROPIC_TOOL])
    call = next(block for block in first.content if block.type == "tool_use")
    result = {
        "type": "tool_result",
        "tool_use_id": call.id,
        "content": [{"type": "text", "text": "18 degrees"}],
    }
    turns = [*USER, {"role": "assistant", "content": first.content}, {"role": "user", "content": [result]}]
    answer = ask(client, name, turns, tools=[ANTHROPIC_TOOL])
    assert answer.content[-1].text == ANSWER
    sent = ledger.ledger()["requests"][-1]["body"]
    assert "18 degrees" in sent and call.id in sent


@both
def test_a_demanded_tool_is_demanded_upstream(client, ledger, model):
    choice = {"type": "tool", "name": "get_weather", "disable_parallel_tool_use": True}
    ask(client, model + "+tools", tools=[ANTHROPIC_TOOL], tool_choice=choice)
    sent = json.loads(ledger.only_request()["body"])
    if model == ANTHROPIC_MODEL:
        assert sent["tool_choice"] == choice
    else:
        assert sent["tool_choice"] == {"type": "function", "function": {"name": "get_weather"}}
        assert sent["parallel_tool_calls"] is False


@both
def test_an_image_reaches_the_upstream(client, ledger, model):
    image = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PNG}}
    turns = [{"role": "user", "content": [image, {"type": "text", "text": "What is it?"}]}]
    assert ask(client, model + "+images", turns).content[0].text == f"1 images: {ANSWER}"
    assert PNG in ledger.only_request()["body"]


@both
def test_the_system_prompt_and_stop_sequences_reach_the_upstream(client, ledger, model):
    system = [{"type": "text", "text": "Be terse."}]
    ask(client, model, system=system, stop_sequences=["END"], extra_body={"temperature": 0.5})
    sent = json.loads(ledger.only_request()["body"])
    if model == ANTHROPIC_MODEL:
        assert sent["system"] == [{"type": "text", "text": "Be terse."}] and sent["stop_sequences"] == ["END"]
    else:
        assert sent["messages"][0]["role"] in ("system", "developer") and "Be terse." in str(
            sent["messages"][0]
        )
        assert sent["stop"] == ["END"]
    assert sent["temperature"] == 0.5


@both
def test_max_tokens_ends_the_answer_and_says_so(client, model):
    answer = ask(client, model, max_tokens=3)
    assert (answer.stop_reason, answer.content[0].text) == ("max_tokens", "water falls through")


def test_thinking_comes_back_with_its_signature(client):
    answer = ask(
        client,
        ANTHROPIC_MODEL + "+reasoning",
        thinking={"type": "enabled", "budget_tokens": 1024},
        max_tokens=2000,
    )
    thought, text = answer.content
    assert (thought.type, thought.thinking) == ("thinking", "Let me think about it.")
    assert thought.signature and text.text == ANSWER


@pytest.mark.parametrize("stream", [False, True])
def test_reasoning_of_an_openai_upstream_becomes_thinking(client, stream):
    model = OPENAI_MODEL + "+reasoning"
    if stream:
        with client.messages.stream(model=model, max_tokens=1000, messages=USER) as events:
            answer = events.get_final_message()
    else:
        answer = ask(client, model)
    assert [block.type for block in answer.content] == ["thinking", "text"]
    assert answer.content[0].thinking == "Let me think about it."


def test_tokens_are_counted_beforehand(client, ledger):
    counted = client.messages.count_tokens(model=ANTHROPIC_MODEL, messages=USER)
    assert counted.input_tokens == ledger.only_request()["input_tokens"] > 0


def test_unknown_fields_and_beta_headers_pass_through(client, ledger):
    ask(
        client,
        ANTHROPIC_MODEL,
        extra_body={"x_new": {"a": [1]}},
        extra_headers={"anthropic-beta": "new-2026"},
    )
    truth = ledger.only_request()
    assert json.loads(truth["body"])["x_new"] == {"a": [1]}
    assert truth["headers"]["anthropic-version"] and truth["headers"]["anthropic-beta"] == "new-2026"


def test_fields_without_a_counterpart_are_named(client):
    options = {"model": OPENAI_MODEL, "max_tokens": 9, "messages": USER, "extra_body": {"top_k": 5}}
    answer = client.messages.with_raw_response.create(**options)
    assert "top_k" in answer.headers["x-penstock-dropped-fields"]


@pytest.mark.parametrize(
    "model, error, kind",
    [
        ("no-such-model", anthropic.NotFoundError, "not_found_error"),
        ("fault-400", anthropic.BadRequestError, "invalid_request_error"),
        ("claude-400", anthropic.BadRequestError, "invalid_request_error"),
        ("fault-429", anthropic.RateLimitError, "rate_limit_error"),
        ("claude-429", anthropic.RateLimitError, "rate_limit_error"),
        ("fault-500", anthropic.InternalServerError, None),
        ("claude-529", anthropic.InternalServerError, None),
    ],
)
def test_errors_have_the_sdks_classes_and_shape(client, model, error, kind):
    with pytest.raises(error) as raised:
        ask(client, model)
    body = raised.value.body
    assert body["type"] == "error" and body["error"]["message"]
    assert kind in (None, body["error"]["type"])
    assert raised.value.request_id


def test_a_body_without_max_tokens_is_refused_in_words(doors):
    answer = doors.post("/v1/messages", {"model": ANTHROPIC_MODEL, "messages": USER})
    assert answer.status_code == 400 and "max_tokens" in answer.json()["error"]["message"]
    assert answer.json()["type"] == "error"


@pytest.mark.parametrize("model", ["claude-cut", "fault-cut-3"])
def test_a_stream_that_breaks_raises_instead_of_ending(client, model):
    text = ""
    with pytest.raises(anthropic.APIError):
        with client.messages.stream(model=model, max_tokens=1000, messages=USER) as stream:
            for piece in stream.text_stream:
                text += piece
    assert ANSWER.startswith(text)


def test_the_asynchronous_client_streams_too(doors):
    import asyncio

    async def ask_all():
        async with anthropic.AsyncAnthropic(base_url=doors.url, api_key="k", max_retries=0) as client:

            async def one(model):
                async with client.messages.stream(model=model, max_tokens=100, messages=USER) as stream:
                    return await stream.get_final_text()

            return await asyncio.gather(*(one(model) for model in MODELS * 8))

    assert set(asyncio.run(ask_all())) == {ANSWER}
