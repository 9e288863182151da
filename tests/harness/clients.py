"""The official SDKs, pointed at a server under test."""

import anthropic
import openai

from .server import KEY

ANSWER = "water falls through a gated narrow pipe today"  # of the mock upstream, in 8 words
ARGUMENTS = {"city": "Paris", "unit": "celsius"}  # of the tool that it calls

# Models of DOORS_CONFIG: one whose upstream speaks OpenAI's protocol and refuses what is not of it, one whose
# upstream speaks Anthropic's. So one of them is translated, whatever the client speaks.
OPENAI_MODEL, ANTHROPIC_MODEL = "gpt-x+strict", "claude-x"
MODELS = [OPENAI_MODEL, ANTHROPIC_MODEL]


def openai_client(server, **options):
    """Validates every answer against the SDK's own types and does not retry, unless told otherwise."""
    settings = {"max_retries": 0, "timeout": 60, "_strict_response_validation": True, **options}
    return openai.OpenAI(base_url=server.url + "/v1", api_key=KEY, **settings)


def anthropic_client(server, **options):
    """The same for Anthropic's SDK."""
    settings = {"max_retries": 0, "timeout": 60, "_strict_response_validation": True, **options}
    return anthropic.Anthropic(base_url=server.url, api_key=KEY, **settings)


USER = [{"role": "user", "content": "Say a word about water."}]

WEATHER_TOOL = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "The weather of a city",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}, "unit": {"enum": ["celsius", "fahrenheit"]}},
            "required": ["city"],
        },
    },
}

ANTHROPIC_TOOL = {
    "name": "get_weather",
    "description": "The weather of a city",
    "input_schema": WEATHER_TOOL["function"]["parameters"],
}

# One transparent pixel.
PNG = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)
