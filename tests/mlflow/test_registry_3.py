"""Prompts: what MLflow's clients have since 3.0. Run by tests/test_mlflow_tracking.py."""

import uuid

import mlflow
import pytest
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException


@pytest.fixture
def name():
    return f"prompt-{uuid.uuid4().hex}"


def test_a_prompt_is_registered_loaded_and_formatted(name):
    mlflow.genai.register_prompt(name, "Hello {{ name }}!", commit_message="first", tags={"lang": "en"})
    second = mlflow.genai.register_prompt(name, "Good day, {{ name }}.")
    assert second.version == 2
    assert mlflow.genai.load_prompt(f"prompts:/{name}/1").format(name="Ada") == "Hello Ada!"
    assert mlflow.genai.load_prompt(name).template == "Good day, {{ name }}."
    assert mlflow.genai.load_prompt(name, version=1).commit_message == "first"


def test_an_alias_of_a_prompt_moves(name):
    mlflow.genai.register_prompt(name, "one")
    mlflow.genai.register_prompt(name, "two")
    mlflow.genai.set_prompt_alias(name, "production", version=1)
    assert mlflow.genai.load_prompt(f"prompts:/{name}@production", cache_ttl_seconds=0).template == "one"
    mlflow.genai.set_prompt_alias(name, "production", version=2)
    assert mlflow.genai.load_prompt(f"prompts:/{name}@production", cache_ttl_seconds=0).template == "two"
    mlflow.genai.delete_prompt_alias(name, "production")
    with pytest.raises(MlflowException):
        mlflow.genai.load_prompt(f"prompts:/{name}@production", cache_ttl_seconds=0)


def test_a_chat_prompt_with_a_response_format(name):
    chat = [{"role": "system", "content": "Be {{tone}}."}, {"role": "user", "content": "{{question}}"}]
    schema = {"type": "object", "properties": {"answer": {"type": "string"}}}
    mlflow.genai.register_prompt(name, chat, response_format=schema)
    loaded = mlflow.genai.load_prompt(name, version=1)
    assert loaded.template == chat
    assert loaded.response_format == schema
    assert loaded.format(tone="kind", question="Why?")[1] == {"role": "user", "content": "Why?"}


def test_prompts_and_models_keep_apart(name):
    mlflow.genai.register_prompt(name, "text")
    assert [p.name for p in mlflow.genai.search_prompts(f"name = '{name}'")] == [name]
    assert not MlflowClient().search_registered_models(f"name = '{name}'")
    with pytest.raises(MlflowException, match="already taken by a prompt"):
        MlflowClient().create_registered_model(name)
    with pytest.raises(MlflowException):
        mlflow.genai.load_prompt(f"prompts:/{name}/9")
