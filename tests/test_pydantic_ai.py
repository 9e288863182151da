"""PydanticAI: an agent that calls a tool and answers with a validated type, by both of its model classes."""

import pytest
from harness.clients import ANSWER, MODELS
from harness.server import KEY
from pydantic import BaseModel
from pydantic_ai import Agent
from pydantic_ai.models.anthropic import AnthropicModel
from pydantic_ai.models.openai import OpenAIChatModel, OpenAIResponsesModel
from pydantic_ai.providers.anthropic import AnthropicProvider
from pydantic_ai.providers.openai import OpenAIProvider

both_models = pytest.mark.parametrize("model", MODELS)


class Place(BaseModel):
    city: str
    unit: str


@pytest.fixture(params=[OpenAIChatModel, OpenAIResponsesModel, AnthropicModel])
def model_of(request, doors):
    def made(name):
        if request.param is AnthropicModel:
            return AnthropicModel(name, provider=AnthropicProvider(api_key=KEY, base_url=doors.url))
        return request.param(name, provider=OpenAIProvider(api_key=KEY, base_url=doors.url + "/v1"))

    return made


@both_models
def test_an_agent_answers(model_of, model):
    assert Agent(model_of(model)).run_sync("Say a word about water.").output == ANSWER


@both_models
def test_an_agent_calls_its_tool_and_goes_on(model_of, model):
    agent = Agent(model_of(model + "+tools"))
    asked = []

    @agent.tool_plain
    def get_weather(city: str, unit: str) -> str:
        asked.append((city, unit))
        return "18 degrees"

    assert agent.run_sync("How warm is it?").output == ANSWER
    assert asked == [("Paris", "celsius")]


@both_models
def test_an_agent_answers_with_a_type(model_of, model):
    agent = Agent(model_of(model + "+tools"), output_type=Place)
    assert agent.run_sync("Where?").output == Place(city="Paris", unit="celsius")
