"""OpenAI's Python SDK before an upstream of Anthropic's protocol: the same answers as before its own."""

import json

import openai
import pytest
from harness.clients import ANSWER, ANTHROPIC_MODEL, ARGUMENTS, MODELS, PNG, USER, WEATHER_TOOL, openai_client

both = pytest.mark.parametrize("model", MODELS)
whole_or_stream = pytest.mark.parametrize("stream", [False, True])


@pytest.fixture(scope="module")
def client(doors):
    return openai_client(doors)


def complete(client, stream, model, messages=USER, **fields):
    """The completion and its request's id; a stream is accumulated by the SDK's own strict helper."""
    options = {"model": model, "messages": messages, **fields}
    if not stream:
        answer = client.chat.completions.create(**options)
        return answer, answer._request_id
    with client.chat.completions.stream(**options, stream_options={"include_usage": True}) as events:
        for _ in events:
            pass
        return events.get_final_completion(), events._response.headers["x-request-id"]


@both
@whole_or_stream
def test_a_completion_is_answered(client, model, stream):
    answer, _ = complete(client, stream, model)
    assert answer.choices[0].message.content == ANSWER
    assert (answer.choices[0].finish_reason, answer.usage.completion_tokens) == ("stop", 8)
    assert answer.model == model and answer.created > 0 and answer.id


@both
def test_a_stream_without_asking_for_usage_has_none(client, model):
    chunks = list(client.chat.completions.create(model=model, messages=USER, stream=True))
    assert "".join(c.choices[0].delta.content or "" for c in chunks) == ANSWER
    assert chunks[0].choices[0].delta.role == "assistant"
    assert all(chunk.usage is None for chunk in chunks)
    assert len({chunk.id for chunk in chunks}) == 1


@pytest.mark.parametrize(
    "model", [MODELS[0] + "+cached+reasoning", MODELS[1] + "+cached+cache-write+reasoning"]
)
@whole_or_stream
def test_usage_is_what_the_upstream_billed(client, doors, ledger, model, stream):
    answer, request_id = complete(client, stream, model)
    truth = ledger.only_request()["tokens"]
    prompt = sum(truth[kind] for kind in ("input", "cached_input", "cache_write", "cache_write_1h"))
    assert answer.usage.prompt_tokens == prompt
    assert answer.usage.prompt_tokens_details.cached_tokens == truth["cached_input"] > 0
    assert answer.usage.completion_tokens == truth["output"] + truth["reasoning"]
    assert answer.usage.completion_tokens_details.reasoning_tokens == truth["reasoning"]
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens
    tokens = doors.record_when_written(request_id)["tokens"]
    assert {kind: tokens[kind] for kind in truth} == truth


@both
@whole_or_stream
@pytest.mark.parametrize("trait, count", [("tools", 1), ("parallel", 2)])
def test_tools_are_called(client, model, stream, trait, count):
    answer, _ = complete(client, stream, f"{model}+{trait}", tools=[WEATHER_TOOL])
    calls = answer.choices[0].message.tool_calls
    assert [json.loads(call.function.arguments) for call in calls] == [ARGUMENTS] * count
    assert {call.function.name for call in calls} == {"get_weather"}
    assert len({call.id for call in calls}) == count
    assert answer.choices[0].finish_reason == "tool_calls"


@both
def test_a_tool_result_is_taken_and_answered(client, ledger, model):
    name = model + "+parallel"
    first = client.chat.completions.create(model=name, messages=USER, tools=[WEATHER_TOOL]).choices[0].message
    results = [
        {"role": "tool", "tool_call_id": call.id, "content": f"{n} degrees"}
        for n, call in enumerate(first.tool_calls)
    ]
    turns = [*USER, first.model_dump(exclude_none=True), *results]
    answer = client.chat.completions.create(model=name, messages=turns, tools=[WEATHER_TOOL])
    assert answer.choices[0].message.content == ANSWER
    sent = ledger.ledger()["requests"][-1]["body"]
    assert all(call.id in sent for call in first.tool_calls) and "1 degrees" in sent


@pytest.mark.parametrize(
    "choice, sent",
    [
        ("auto", {"type": "auto"}),
        ("required", {"type": "any"}),
        ("none", {"type": "none"}),
        ({"type": "function", "function": {"name": "get_weather"}}, {"type": "tool", "name": "get_weather"}),
    ],
)
def test_the_choice_of_a_tool_is_translated(client, ledger, choice, sent):
    client.chat.completions.create(
        model=ANTHROPIC_MODEL, messages=USER, tools=[WEATHER_TOOL], tool_choice=choice
    )
    body = json.loads(ledger.only_request()["body"])
    assert {k: v for k, v in body["tool_choice"].items() if k in sent} == sent
    assert body["tools"][0]["input_schema"] == WEATHER_TOOL["function"]["parameters"]


@both
def test_an_image_reaches_the_upstream(client, ledger, model):
    image = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNG}"}}
    turns = [{"role": "user", "content": [{"type": "text", "text": "What is it?"}, image]}]
    answer = client.chat.completions.create(model=model + "+images", messages=turns)
    assert answer.choices[0].message.content == f"1 images: {ANSWER}"
    assert PNG in ledger.only_request()["body"]


def test_system_messages_stop_and_limits_are_translated(client, ledger):
    turns = [{"role": "system", "content": "Be terse."}, {"role": "developer", "content": "Be kind."}, *USER]
    client.chat.completions.create(
        model=ANTHROPIC_MODEL,
        messages=turns,
        stop="END",
        max_completion_tokens=5,
        temperature=0.5,
        user="ada",
    )
    sent = json.loads(ledger.only_request()["body"])
    assert "Be terse." in str(sent["system"]) and "Be kind." in str(sent["system"])
    assert (sent["stop_sequences"], sent["max_tokens"], sent["temperature"]) == (["END"], 5, 0.5)
    assert [message["role"] for message in sent["messages"]] == ["user"]


def test_a_limit_is_sent_where_the_client_gave_none(client, ledger):
    client.chat.completions.create(model=ANTHROPIC_MODEL, messages=USER)
    assert json.loads(ledger.only_request()["body"])["max_tokens"] > 0


def test_fields_without_a_counterpart_are_named(client):
    answer = client.chat.completions.with_raw_response.create(
        model=ANTHROPIC_MODEL, messages=USER, seed=7, logit_bias={"1": 2}
    )
    assert {"seed", "logit_bias"} <= set(
        answer.headers["x-penstock-dropped-fields"].replace(" ", "").split(",")
    )


@both
@whole_or_stream
def test_max_tokens_ends_the_answer_and_says_so(client, model, stream):
    if stream:
        chunks = list(client.chat.completions.create(model=model, messages=USER, max_tokens=3, stream=True))
        assert chunks[-1].choices[0].finish_reason == "length"
    else:
        answer = client.chat.completions.create(model=model, messages=USER, max_tokens=3)
        assert answer.choices[0].finish_reason == "length"


@pytest.mark.parametrize(
    "model, error",
    [
        ("claude-400", openai.BadRequestError),
        ("claude-429", openai.RateLimitError),
        ("claude-529", openai.InternalServerError),
    ],
)
def test_errors_have_the_sdks_classes_and_shape(client, model, error):
    with pytest.raises(error) as raised:
        client.chat.completions.create(model=model, messages=USER)
    assert raised.value.message and raised.value.type and raised.value.request_id
    if model == "claude-400":
        assert raised.value.code == "context_length_exceeded"


def test_a_stream_that_breaks_raises_instead_of_ending(client):
    with pytest.raises(openai.APIError):
        for _ in client.chat.completions.create(model="claude-cut", messages=USER, stream=True):
            pass


def test_azure_is_asked_in_its_own_paths(client, ledger):
    answer = client.chat.completions.create(model="azure-gpt", messages=USER)
    assert answer.choices[0].message.content == ANSWER
    truth = ledger.only_request()
    assert truth["target"].startswith("/openai/deployments/azure-gpt/chat/completions?api-version=")
    assert truth["headers"]["api-key"] and "authorization" not in truth["headers"]
