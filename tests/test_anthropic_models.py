"""The list of models has one path for both contracts: the client's headers say which one it speaks."""

import anthropic
import pytest
from harness.clients import ANTHROPIC_MODEL, OPENAI_MODEL, USER, anthropic_client


@pytest.fixture(scope="module")
def client(doors):
    return anthropic_client(doors)


def test_anthropics_sdk_lists_models_in_its_own_shape(client):
    models = {model.id: model for model in client.models.list()}
    for name in (OPENAI_MODEL, ANTHROPIC_MODEL):
        if name in models:  # those behind a wildcard are not listed
            assert (models[name].type, models[name].display_name) == ("model", name)


def test_anthropics_sdk_gets_one_model_or_its_own_error(client):
    model = client.models.retrieve(OPENAI_MODEL)
    assert (model.id, model.type, model.lifecycle) == (OPENAI_MODEL, "model", "active")
    assert model.created_at.year >= 2020
    with pytest.raises(anthropic.NotFoundError) as missing:
        client.models.retrieve("nobody-serves-this")
    assert missing.value.type == "not_found_error"


def test_tokens_of_another_providers_model_are_not_counted_and_it_says_so(client):
    with pytest.raises(anthropic.APIStatusError) as absent:
        client.messages.count_tokens(model=OPENAI_MODEL, messages=USER)
    assert absent.value.status_code == 501
