"""LangChain's ChatOpenAI and OpenAIEmbeddings, as an application would point them here."""

import pytest
from harness.server import KEY
from langchain_core.messages import HumanMessage, SystemMessage
from langchain_openai import ChatOpenAI, OpenAIEmbeddings

ANSWER = "water falls through a gated narrow pipe today"
CONVERSATION = [SystemMessage("You are terse."), HumanMessage("Say a word about water.")]


@pytest.fixture
def model(server):
    def make(name, **options):
        settings = {"max_retries": 0, "timeout": 30, **options}
        return ChatOpenAI(model=name, base_url=server.url + "/v1", api_key=KEY, **settings)

    return make


def test_invoke_answers_with_usage(model):
    answer = model("gpt-x").invoke(CONVERSATION)
    assert answer.content == ANSWER
    assert answer.usage_metadata["output_tokens"] == 8


def test_stream_yields_words_and_usage(model):
    chunks = list(model("gpt-x", stream_usage=True).stream(CONVERSATION))
    assert "".join(chunk.content for chunk in chunks) == ANSWER
    assert sum(chunk.usage_metadata["output_tokens"] for chunk in chunks if chunk.usage_metadata) == 8


def test_bound_tools_are_called(model):
    def get_weather(city: str) -> str:
        """The weather of a city."""
        return city

    answer = model("tools").bind_tools([get_weather]).invoke(CONVERSATION)
    assert answer.tool_calls[0]["name"] == "get_weather"
    assert answer.tool_calls[0]["args"]["city"] == "Paris"


def test_tags_reach_the_record(model, server):
    answer = model(
        "gpt-x", metadata={"feature": "langchain"}, extra_body={"metadata": {"feature": "langchain"}}
    ).invoke(CONVERSATION)
    newest = server.records(feature="langchain")[0]
    assert newest["upstream_request_id"] == answer.id or newest["feature"] == "langchain"


def test_embeddings_of_documents_and_queries(server):
    embeddings = OpenAIEmbeddings(
        model="gpt-embed", base_url=server.url + "/v1", api_key=KEY, check_embedding_ctx_length=False
    )
    assert embeddings.embed_documents(["one", "two"])[1][1:3] == pytest.approx([0.6, 0.8])
    assert embeddings.embed_query("one")[:2] == pytest.approx([0.6, 0.8])
