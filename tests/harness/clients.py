"""The official SDKs, pointed at a server under test."""

import openai

from .server import KEY


def openai_client(server, **options):
    """Validates every answer against the SDK's own types and does not retry, unless told otherwise."""
    settings = {"max_retries": 0, "timeout": 60, "_strict_response_validation": True, **options}
    return openai.OpenAI(base_url=server.url + "/v1", api_key=KEY, **settings)


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
