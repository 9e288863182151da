"""The official Python SDK through the gateway, with strict validation of what comes back."""

import json

import pytest
from harness.clients import USER, WEATHER_TOOL, openai_client

ANSWER = "water falls through a gated narrow pipe today"


@pytest.fixture(scope="module")
def client(server):
    return openai_client(server)


def test_a_chat_completion_is_answered(client):
    answer = client.chat.completions.create(model="fast", messages=USER)
    assert answer.choices[0].message.content == ANSWER
    assert answer.choices[0].finish_reason == "stop"
    assert answer.usage.completion_tokens == 8
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + 8


def test_the_request_id_is_that_of_the_record(client, server):
    answer = client.chat.completions.create(model="gpt-x", messages=USER)
    assert server.record(answer._request_id)["model"] == "gpt-x"


def test_a_stream_spells_the_same_answer(client):
    chunks = list(client.chat.completions.create(model="gpt-x", messages=USER, stream=True))
    assert "".join(c.choices[0].delta.content or "" for c in chunks) == ANSWER
    assert chunks[0].choices[0].delta.role == "assistant"
    assert chunks[-1].choices[0].finish_reason == "stop"
    assert {c.id for c in chunks} == {chunks[0].id}


def test_usage_ends_the_stream_of_who_asks_for_it(client):
    options = {"include_usage": True}
    chunks = list(
        client.chat.completions.create(model="gpt-x", messages=USER, stream=True, stream_options=options)
    )
    assert chunks[-1].choices == [] and chunks[-1].usage.completion_tokens == 8
    assert all(chunk.usage is None for chunk in chunks[:-1])


def test_the_stream_helper_accumulates_a_completion(client):
    with client.chat.completions.stream(model="gpt-x", messages=USER) as stream:
        for _ in stream:
            pass
        final = stream.get_final_completion()
    assert final.choices[0].message.content == ANSWER


def test_several_choices_stay_apart(client):
    chunks = list(client.chat.completions.create(model="gpt-x", messages=USER, stream=True, n=3))
    for index in range(3):
        mine = [c.choices[0].delta.content or "" for c in chunks if c.choices[0].index == index]
        assert "".join(mine) == ANSWER


def test_tools_reach_the_upstream_and_calls_come_back(client, ledger):
    answer = client.chat.completions.create(model="tools", messages=USER, tools=[WEATHER_TOOL])
    call = answer.choices[0].message.tool_calls[0]
    assert (call.id, call.function.name) == ("call_1", "get_weather")
    assert json.loads(call.function.arguments) == {"city": "Paris", "unit": "celsius"}
    assert answer.choices[0].finish_reason == "tool_calls"
    assert json.loads(ledger.only_request()["body"])["tools"] == [WEATHER_TOOL]


def test_tool_calls_arrive_in_fragments_on_a_stream(client):
    chunks = list(
        client.chat.completions.create(model="tools", messages=USER, tools=[WEATHER_TOOL], stream=True)
    )
    fragments = [f for c in chunks for f in c.choices[0].delta.tool_calls or []]
    assert len(fragments) > 2 and {f.index for f in fragments} == {0}
    assert json.loads("".join(f.function.arguments for f in fragments)) == {
        "city": "Paris",
        "unit": "celsius",
    }


def test_embeddings_arrive_in_the_sdks_own_base64(server, ledger):
    lenient = openai_client(server, _strict_response_validation=False)  # it validates before it decodes
    answer = lenient.embeddings.create(model="gpt-embed", input=["one", "two"])
    assert json.loads(ledger.only_request()["body"])["encoding_format"] == "base64"
    assert [e.embedding[:3] for e in answer.data] == [
        pytest.approx([0.6, 0.8, 0]),
        pytest.approx([0, 0.6, 0.8]),
    ]
    assert answer.usage.prompt_tokens > 0


def test_embeddings_arrive_as_numbers_on_demand(client):
    answer = client.embeddings.create(model="gpt-embed", input="one", encoding_format="float")
    assert answer.data[0].embedding[:2] == pytest.approx([0.6, 0.8])


def test_text_completions_are_answered_and_streamed(client, server):
    whole = client.completions.create(model="gpt-text", prompt="Water")
    assert whole.choices[0].text == ANSWER
    # The SDK's type has no room for the null finish_reason that every chunk but the last carries.
    lenient = openai_client(server, _strict_response_validation=False)
    streamed = lenient.completions.create(model="gpt-text", prompt="Water", stream=True)
    assert "".join(chunk.choices[0].text for chunk in streamed) == ANSWER


def test_models_lists_public_names_and_finds_one(client):
    names = {model.id for model in client.models.list()}
    assert {"fast", "tools"} <= names and not any("*" in name for name in names)
    assert client.models.retrieve("fast").id == "fast"


def test_the_body_passes_unchanged_but_for_what_must_change(client, ledger):
    client.chat.completions.create(
        model="fast", messages=USER, temperature=0.25, extra_body={"new_field": {"a": [1]}}
    )
    sent = json.loads(ledger.only_request()["body"])
    assert sent == {"model": "gpt-x-mini", "messages": USER, "temperature": 0.25, "new_field": {"a": [1]}}


def test_a_name_with_a_wildcard_goes_upstream_as_asked(client, ledger):
    client.chat.completions.create(model="gpt-anything-7", messages=USER)
    assert ledger.only_request()["model"] == "gpt-anything-7"
