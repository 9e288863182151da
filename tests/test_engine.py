"""The embedded models through the whole server: OpenAI's parameters, embeddings, /predict."""

import json
import math

import openai
import pytest
from harness.clients import USER, WEATHER_TOOL, openai_client
from harness.server import CHAT, EMBEDDER


@pytest.fixture(scope="module")
def server(engine_server):
    return engine_server.wait_for_models(CHAT, EMBEDDER)


@pytest.fixture(scope="module")
def client(server):
    return openai_client(server)


@pytest.fixture(scope="module")
def lenient(server):
    """For embeddings by default: the SDK validates them before it decodes its own base64."""
    return openai_client(server, _strict_response_validation=False)


def ask(client, content="Name a colour.", **fields):
    messages = [{"role": "user", "content": content}]
    return client.chat.completions.create(
        model=CHAT, messages=messages, **{"max_tokens": 8, "temperature": 0, **fields}
    )


def test_a_chat_is_answered_by_a_registered_model_version(client, server):
    answer = ask(client, "Which city is the capital of France?", max_tokens=12)
    assert "Paris" in answer.choices[0].message.content
    record = server.record(answer._request_id)
    assert record["model_version"]["name"] == CHAT
    assert record["model_version"]["digest"].startswith("sha256:")
    assert record["upstream"] == f"engine:{CHAT}"
    assert record["tokens"]["output"] == answer.usage.completion_tokens
    assert record["tokens"]["input"] + record["tokens"]["cached_input"] == answer.usage.prompt_tokens


def test_a_stream_spells_what_the_whole_answer_says(client):
    whole = ask(client).choices[0].message.content
    chunks = list(ask(client, stream=True, stream_options={"include_usage": True}))
    assert "".join(c.choices[0].delta.content or "" for c in chunks if c.choices) == whole
    assert chunks[-1].usage.completion_tokens > 0


def test_max_tokens_ends_with_length(client):
    answer = ask(client, "Tell a long story.", max_tokens=3)
    assert answer.choices[0].finish_reason == "length"
    assert answer.usage.completion_tokens == 3
    assert (
        ask(client, "Tell a story.", max_tokens=openai.omit, max_completion_tokens=2).usage.completion_tokens
        == 2
    )


def test_a_stop_text_ends_the_answer_and_is_not_part_of_it(client):
    whole = ask(client, "Count: one, two, three, four", max_tokens=16).choices[0].message.content
    stop = whole.split()[2]
    stopped = ask(client, "Count: one, two, three, four", max_tokens=16, stop=[stop]).choices[0]
    assert stopped.finish_reason == "stop"
    assert stop not in stopped.message.content and whole.startswith(stopped.message.content)


def test_a_seed_makes_sampling_repeat_itself(client):
    def answer(seed):
        return ask(client, "Invent a name.", temperature=1.5, seed=seed, max_tokens=12)

    first, second = answer(7), answer(7)
    assert first.choices[0].message.content == second.choices[0].message.content
    assert first.system_fingerprint == second.system_fingerprint != None  # noqa: E711
    assert len({answer(seed).choices[0].message.content for seed in range(4)}) > 1


def test_several_choices_are_made(client):
    answer = ask(client, n=3, temperature=1.2, seed=1, max_tokens=4)
    assert [choice.index for choice in answer.choices] == [0, 1, 2]
    assert answer.usage.completion_tokens <= 12


def test_logprobs_are_probabilities_with_their_alternatives(client):
    content = ask(client, logprobs=True, top_logprobs=3, max_tokens=3).choices[0].logprobs.content
    assert len(content) == 3
    for token in content:
        assert token.logprob <= 0 and len(token.top_logprobs) == 3
        assert token.top_logprobs[0].logprob >= token.top_logprobs[1].logprob
        assert token.bytes is None or bytes(token.bytes).decode("utf-8", "replace")


def test_a_bias_forces_and_bans_a_token(client):
    forced = ask(client, logit_bias={"1000": 100}, logprobs=True, max_tokens=3).choices[0].logprobs.content
    assert len({token.token for token in forced}) == 1
    banned = ask(client, logit_bias={"1000": -100}, logprobs=True, max_tokens=3).choices[0].logprobs.content
    assert forced[0].token not in {token.token for token in banned}


def test_a_json_schema_shapes_the_answer(client):
    schema = {
        "type": "object",
        "properties": {
            "colour": {"enum": ["red", "blue"]},
            "count": {"type": "integer", "minimum": 0, "maximum": 9},
        },
        "required": ["colour", "count"],
        "additionalProperties": False,
    }
    form = {"type": "json_schema", "json_schema": {"name": "thing", "schema": schema, "strict": True}}
    answer = json.loads(
        ask(client, "Give a colour and a count.", response_format=form, max_tokens=40)
        .choices[0]
        .message.content
    )
    assert answer["colour"] in ("red", "blue") and 0 <= answer["count"] <= 9


def test_json_mode_answers_an_object(client):
    text = ask(client, "Reply with JSON.", response_format={"type": "json_object"}, max_tokens=48).choices[0]
    if text.finish_reason == "stop":
        assert isinstance(json.loads(text.message.content), dict)
    else:
        assert text.message.content.lstrip().startswith("{")


def test_tools_are_put_into_the_prompt(client):
    plain = ask(client, "Weather in Paris?").usage.prompt_tokens
    assert ask(client, "Weather in Paris?", tools=[WEATHER_TOOL]).usage.prompt_tokens > plain


def test_a_conversation_with_a_tools_answer_is_understood(client):
    messages = [
        {"role": "user", "content": "Weather in Paris?"},
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [
                {
                    "id": "call_1",
                    "type": "function",
                    "function": {"name": "get_weather", "arguments": '{"city":"Paris"}'},
                }
            ],
        },
        {"role": "tool", "tool_call_id": "call_1", "content": "12 degrees"},
    ]
    answer = client.chat.completions.create(model=CHAT, messages=messages, tools=[WEATHER_TOOL], max_tokens=8)
    assert answer.choices[0].finish_reason in ("stop", "length", "tool_calls")


def test_content_may_come_in_parts(client):
    parts = [{"type": "text", "text": "Name a"}, {"type": "text", "text": " colour."}]
    assert ask(client, parts).choices[0].message.content


@pytest.mark.parametrize(
    "fields",
    [
        {"temperature": -1},
        {"temperature": 3},
        {"top_p": 2},
        {"n": 0},
        {"max_tokens": 0},
        {"max_tokens": -5},
        {"top_logprobs": 3},
        {"logprobs": True, "top_logprobs": 21},
        {"presence_penalty": 5},
        {"frequency_penalty": -5},
        {"stop": ["a", "b", "c", "d", "e"]},
        {"logit_bias": {"not a token": 1}},
        {"response_format": {"type": "json_schema"}},
        {"seed": "seven"},
    ],
    ids=str,
)
def test_a_value_out_of_range_is_a_bad_request_that_names_the_field(client, fields):
    with pytest.raises(openai.BadRequestError) as caught:
        ask(client, extra_body=fields)
    assert caught.value.type == "invalid_request_error"
    assert list(fields)[-1] in f"{caught.value.param} {caught.value.message}"


@pytest.mark.parametrize(
    "messages",
    [
        [],
        [{"role": "nobody", "content": "Hi"}],
        [{"content": "Hi"}],
        [{"role": "user", "content": 7}],
        "Hi",
        [7],
    ],
    ids=str,
)
def test_messages_that_are_none_are_a_bad_request(server, messages):
    answer = server.post("/v1/chat/completions", {"model": CHAT, "messages": messages})
    assert answer.status_code == 400, answer.text
    assert answer.json()["error"]["type"] == "invalid_request_error"


def test_a_prompt_longer_than_the_context_is_told_so(client):
    with pytest.raises(openai.BadRequestError) as caught:
        ask(client, "water " * 20_000)
    assert caught.value.code == "context_length_exceeded"


def test_text_completions_continue_a_prompt(client):
    answer = client.completions.create(
        model=CHAT, prompt=["One, two,", "Red, green,"], max_tokens=4, temperature=0
    )
    assert [choice.index for choice in answer.choices] == [0, 1]
    assert all(choice.text for choice in answer.choices)


def test_embeddings_have_length_one_and_know_what_is_near(lenient):
    texts = ["A cat sits on the mat.", "A kitten rests on the rug.", "Stock prices fell sharply."]
    cat, kitten, stocks = [e.embedding for e in lenient.embeddings.create(model=EMBEDDER, input=texts).data]
    assert len(cat) == 384 and math.isclose(sum(x * x for x in cat), 1, abs_tol=1e-3)
    assert dot(cat, kitten) > dot(cat, stocks) + 0.2


def test_embeddings_are_the_same_in_both_encodings(client, lenient):
    encoded = lenient.embeddings.create(model=EMBEDDER, input="water")
    numbers = client.embeddings.create(model=EMBEDDER, input="water", encoding_format="float")
    assert encoded.data[0].embedding == pytest.approx(numbers.data[0].embedding, abs=1e-6)
    assert encoded.usage.prompt_tokens == numbers.usage.prompt_tokens > 0


def dot(a, b):
    return sum(x * y for x, y in zip(a, b))


@pytest.mark.parametrize("given", ["", [], [""], 7, {"a": 1}], ids=str)
def test_an_input_that_is_none_is_a_bad_request(server, given):
    answer = server.post("/v1/embeddings", {"model": EMBEDDER, "input": given})
    assert answer.status_code == 400, answer.text


def test_a_model_refuses_what_it_cannot_do(server):
    chat = server.post("/v1/chat/completions", {"model": EMBEDDER, "messages": USER})
    embedding = server.post("/v1/embeddings", {"model": CHAT, "input": "water"})
    assert (chat.status_code, embedding.status_code) == (400, 400)


def test_predict_takes_a_prompt_and_gives_a_response(server):
    answer = server.post(
        "/predict", {"prompt": "Which city is the capital of France?", "max_tokens": 12, "temperature": 0}
    )
    assert answer.status_code == 200
    assert "Paris" in answer.json()["response"]
    record = server.record(answer.json()["id"])
    assert (record["endpoint"], record["model"]) == ("predict", CHAT)


@pytest.mark.parametrize(
    "body", [{}, {"prompt": ""}, {"prompt": 7}, {"prompt": "Hi", "stream": True}], ids=str
)
def test_predict_without_a_prompt_is_a_bad_request(server, body):
    assert server.post("/predict", body).status_code == 400
