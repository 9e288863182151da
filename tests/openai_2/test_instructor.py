"""instructor: structured answers at PENSTOCK_URL. Run by tests/test_openai_2_clients.py."""

import os

import instructor
import openai
import pytest
from pydantic import BaseModel

MODELS = ["gpt-x+strict", "claude-x"]
USER = [{"role": "user", "content": "Where?"}]


class Place(BaseModel):
    city: str
    unit: str


def client(mode):
    settings = {"base_url": os.environ["PENSTOCK_URL"] + "/v1", "api_key": os.environ["PENSTOCK_KEY"]}
    return instructor.from_openai(openai.OpenAI(**settings, max_retries=0, timeout=30), mode=mode)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("mode, trait", [(instructor.Mode.TOOLS, "tools"), (instructor.Mode.JSON, "json")])
def test_an_answer_has_the_type(model, mode, trait):
    place = client(mode).chat.completions.create(
        model=f"{model}+{trait}", messages=USER, response_model=Place, max_retries=0
    )
    assert place.model_dump() == {"city": "Paris", "unit": "celsius"}


@pytest.mark.parametrize("model", MODELS)
def test_a_stream_fills_the_type_piece_by_piece(model):
    pieces = client(instructor.Mode.TOOLS).chat.completions.create_partial(
        model=model + "+tools", messages=USER, response_model=Place
    )
    assert list(pieces)[-1].model_dump() == {"city": "Paris", "unit": "celsius"}
