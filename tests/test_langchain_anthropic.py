"""LangChain's ChatAnthropic, and ChatOpenAI before the other protocol."""

import pytest
from harness.clients import ANSWER, ARGUMENTS, MODELS
from harness.server import KEY
from langchain_anthropic import ChatAnthropic
from langchain_core.messages import HumanMessage, SystemMessage, ToolMessage
from langchain_openai import ChatOpenAI

CONVERSATION = [SystemMessage("You are terse."), HumanMessage("Say a word about water.")]
both_clients = pytest.mark.parametrize("make", [ChatAnthropic, ChatOpenAI])
both_models = pytest.mark.parametrize("model", MODELS)


def get_weather(city: str, unit: str) -> str:
    """The weather of a city."""
    return f"{city} {unit}"


@pytest.fixture
def chat(doors):
    def made(make, model, **options):
        base_url = doors.url if make is ChatAnthropic else doors.url + "/v1"
        return make(model=model, base_url=base_url, api_key=KEY, max_retries=0, timeout=30, **options)

    return made


@both_clients
@both_models
def test_invoke_answers_with_usage(chat, make, model):
    answer = chat(make, model).invoke(CONVERSATION)
    assert answer.text == ANSWER
    assert answer.usage_metadata["output_tokens"] == 8


@both_clients
@both_models
def test_stream_yields_words_and_usage(chat, make, model):
    chunks = list(chat(make, model, stream_usage=True).stream(CONVERSATION))
    assert "".join(chunk.text for chunk in chunks) == ANSWER
    assert sum(c.usage_metadata["output_tokens"] for c in chunks if c.usage_metadata) == 8


@both_clients
@both_models
def test_bound_tools_are_called_and_answered(chat, make, model):
    bound = chat(make, model + "+tools").bind_tools([get_weather])
    asked = bound.invoke(CONVERSATION)
    call = asked.tool_calls[0]
    assert (call["name"], call["args"]) == ("get_weather", ARGUMENTS)
    answer = bound.invoke(
        [*CONVERSATION, asked, ToolMessage(get_weather(**call["args"]), tool_call_id=call["id"])]
    )
    assert answer.text == ANSWER


@both_clients
@both_models
def test_tool_calls_are_gathered_from_a_stream(chat, make, model):
    gathered = None
    for chunk in chat(make, model + "+tools").bind_tools([get_weather]).stream(CONVERSATION):
        gathered = chunk if gathered is None else gathered + chunk
    assert [call["args"] for call in gathered.tool_calls] == [ARGUMENTS]
