"""The Responses API with OpenAI's SDK, before upstreams of either protocol; what is not there is refused."""

import json

import openai
import pytest
from harness.clients import ANSWER, ARGUMENTS, MODELS, PNG, USER, WEATHER_TOOL, openai_client

TOOL = {"type": "function", "strict": False, **WEATHER_TOOL["function"]}
both = pytest.mark.parametrize("model", MODELS)


@pytest.fixture(scope="module")
def client(doors):
    return openai_client(doors)


@both
def test_a_text_is_answered(client, doors, ledger, model):
    answer = client.responses.create(model=model, input="Say a word about water.", instructions="Be terse.")
    assert answer.output_text == ANSWER
    assert (answer.object, answer.status, answer.error) == ("response", "completed", None)
    truth = ledger.only_request()
    assert answer.usage.input_tokens == truth["input_tokens"]
    assert (answer.usage.output_tokens, answer.usage.total_tokens) == (8, truth["input_tokens"] + 8)
    assert "Be terse." in truth["body"]
    assert doors.record_when_written(answer._request_id)["endpoint"] == "responses"


@both
def test_a_conversation_is_taken_as_items(client, ledger, model):
    image = {"type": "input_image", "image_url": f"data:image/png;base64,{PNG}", "detail": "auto"}
    turns = [
        {"role": "developer", "content": "Be kind."},
        {"role": "user", "content": [{"type": "input_text", "text": "What is it?"}, image]},
    ]
    answer = client.responses.create(model=model + "+images", input=turns, max_output_tokens=500)
    assert answer.output_text == f"1 images: {ANSWER}"
    assert PNG in ledger.only_request()["body"]


@both
def test_a_stream_has_numbered_events_in_their_order(client, model):
    events = list(client.responses.create(model=model, input=USER, stream=True))
    kinds = [event.type for event in events]
    assert kinds[0] == "response.created" and kinds[-1] == "response.completed"
    for earlier, later in zip(
        ["response.output_item.added", "response.content_part.added", "response.output_text.delta"],
        ["response.content_part.added", "response.output_text.delta", "response.output_text.done"],
    ):
        assert kinds.index(earlier) < kinds.index(later)
    assert [event.sequence_number for event in events] == list(range(len(events)))
    assert "".join(e.delta for e in events if e.type == "response.output_text.delta") == ANSWER
    assert events[-1].response.output_text == ANSWER
    assert events[-1].response.usage.output_tokens == 8


@both
def test_the_stream_helper_accumulates_a_response(client, model):
    with client.responses.stream(model=model, input=USER) as stream:
        for _ in stream:
            pass
        assert stream.get_final_response().output_text == ANSWER


@both
@pytest.mark.parametrize("stream", [False, True])
def test_tools_are_called_and_their_results_taken(client, model, stream):
    options = {"model": model + "+parallel", "input": USER, "tools": [TOOL]}
    if stream:
        events = list(client.responses.create(**options, stream=True))
        answer = events[-1].response
        deltas = [e.delta for e in events if e.type == "response.function_call_arguments.delta"]
        assert json.loads("".join(deltas[: len(deltas) // 2])) == ARGUMENTS
    else:
        answer = client.responses.create(**options)
    calls = [item for item in answer.output if item.type == "function_call"]
    assert [json.loads(call.arguments) for call in calls] == [ARGUMENTS] * 2
    assert len({call.call_id for call in calls}) == 2
    results = [{"type": "function_call_output", "call_id": c.call_id, "output": "18 degrees"} for c in calls]
    items = [*USER, *(call.model_dump(exclude_none=True) for call in calls), *results]
    second = client.responses.create(model=model + "+parallel", input=items, tools=[TOOL])
    assert second.output_text == ANSWER


@both
def test_reasoning_is_an_item_of_its_own(client, model):
    answer = client.responses.create(model=model + "+reasoning", input=USER)
    assert [item.type for item in answer.output] == ["reasoning", "message"]
    assert answer.usage.output_tokens_details.reasoning_tokens == 4


@both
def test_max_output_tokens_makes_it_incomplete(client, model):
    answer = client.responses.create(model=model, input=USER, max_output_tokens=3)
    assert (answer.status, answer.incomplete_details.reason) == ("incomplete", "max_output_tokens")


@pytest.mark.parametrize(
    "field", [{"previous_response_id": "resp_1"}, {"background": True}, {"conversation": "conv_1"}]
)
def test_what_needs_stored_state_is_refused_with_the_reason(client, field):
    with pytest.raises(openai.APIStatusError) as raised:
        client.responses.create(model=MODELS[0], input="Hi", **field)
    assert raised.value.status_code == 501
    assert next(iter(field)) in raised.value.message


@pytest.mark.parametrize("model", ["fault-cut-3", "claude-cut"])
def test_a_stream_that_breaks_raises_instead_of_ending(client, model):
    with pytest.raises(openai.APIError):
        kinds = [event.type for event in client.responses.create(model=model, input="Hi", stream=True)]
        assert "response.completed" not in kinds
        raise AssertionError(f"a clean end: {kinds[-3:]}")
