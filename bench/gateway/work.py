"""What is asked of the gateways: the same bytes of each."""

import json

EVENTS = 50
PACE_MS = 20
KEY = "sk-bench"
MODELS = ["gpt-x", "gpt-x-mini"]  # of the upstream; the route changes from one to the other
PROMPT_BYTES = 300_000


def prose(count):
    text = 'Water "falls" through a gated pipe\\n; it turns the wheel, and the wheel turns the stone. '
    return (text * (count // len(text) + 1))[:count]


def body(stream, max_tokens=EVENTS):
    """4.1 KB, as in a conversation with a system prompt, a tool and a schema for the answer."""
    sizes = [("system", 600), ("user", 500), ("assistant", 700), ("user", 400), ("user", 900)]
    parameters = {"type": "object", "properties": {"city": {"type": "string"}, "unit": {"enum": ["c", "f"]}}}
    return {
        "model": "gpt-x",
        "temperature": 0.7,
        "top_p": 0.95,
        "max_tokens": max_tokens,
        "stream": stream,
        "user": "user-@N@",
        "metadata": {"feature": "bench", "tenant": "t1"},
        "messages": [{"role": role, "content": prose(size)} for role, size in sizes],
        "tools": [{"type": "function", "function": {"name": "get_weather", "parameters": parameters}}],
        "response_format": {"type": "json_schema", "json_schema": {"name": "answer", "schema": parameters}},
    }


def big_body():
    """A long document in the prompt, a short answer."""
    return {
        "model": "gpt-x",
        "max_tokens": 5,
        "messages": [{"role": "user", "content": "@N@ " + prose(PROMPT_BYTES)}],
    }


def small_body(stream):
    """As Anthropic's and OpenAI's own examples: 400 bytes."""
    messages = [{"role": "system", "content": prose(120)}, {"role": "user", "content": "@N@ " + prose(120)}]
    return {"model": "gpt-x", "max_tokens": EVENTS, "stream": stream, "messages": messages}


def write_bodies(folder):
    """The file of each kind of request."""
    kinds = {
        "whole": body(False),
        "stream": body(True),
        "small": small_body(False),
        "open": small_body(True),
        "big": big_body(),
    }
    paths = {}
    for name, content in kinds.items():
        paths[name] = folder / f"{name}.json"
        paths[name].write_text(json.dumps(content))
    return paths
