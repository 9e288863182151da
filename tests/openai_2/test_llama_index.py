"""LlamaIndex's OpenAI-like LLM at PENSTOCK_URL. Run by tests/test_openai_2_clients.py."""

import os

import pytest
from llama_index.core.llms import ChatMessage
from llama_index.core.tools import FunctionTool
from llama_index.llms.openai_like import OpenAILike

ANSWER = "water falls through a gated narrow pipe today"
MODELS = ["gpt-x+strict", "claude-x"]
TURNS = [ChatMessage(role="system", content="Be terse."), ChatMessage(role="user", content="Hi")]


def llm(model):
    return OpenAILike(
        model=model,
        api_base=os.environ["PENSTOCK_URL"] + "/v1",
        api_key=os.environ["PENSTOCK_KEY"],
        is_chat_model=True,
        is_function_calling_model=True,
        max_retries=0,
        timeout=30,
    )


@pytest.mark.parametrize("model", MODELS)
def test_chat_and_complete_answer(model):
    assert llm(model).chat(TURNS).message.content == ANSWER
    assert llm(model).complete("Hi").text == ANSWER


@pytest.mark.parametrize("model", MODELS)
def test_a_stream_spells_the_same_answer(model):
    assert "".join(piece.delta for piece in llm(model).stream_chat(TURNS)) == ANSWER


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("stream", [False, True])
def test_tools_are_called(model, stream):
    def get_weather(city: str, unit: str) -> str:
        """The weather of a city."""
        return city + unit

    tools = [FunctionTool.from_defaults(get_weather)]
    asking = llm(model + "+tools")
    if stream:
        answer = list(asking.stream_chat_with_tools(tools, chat_history=TURNS))[-1]
    else:
        answer = asking.chat_with_tools(tools, chat_history=TURNS)
    call = asking.get_tool_calls_from_response(answer)[0]
    assert (call.tool_name, call.tool_kwargs) == ("get_weather", {"city": "Paris", "unit": "celsius"})
