"""Moderations with OpenAI's SDK, rerank as Cohere's and Jina's clients ask."""

import pytest
from harness.clients import openai_client


def test_moderations_have_all_categories(doors):
    answer = openai_client(doors).moderations.create(model="gpt-moderation", input=["violence", "flowers"])
    assert [result.flagged for result in answer.results] == [True, True]
    assert answer.results[0].categories.violence and not answer.results[0].categories.self_harm
    assert len(answer.results[0].category_scores.model_dump()) >= 13


def test_documents_are_ranked(doors, ledger):
    body = {"model": "gpt-rerank", "query": "water", "documents": ["a", "b", "c"], "top_n": 2}
    answer = doors.post("/v1/rerank", body)
    assert answer.status_code == 200, answer.text
    assert answer.json()["results"][0]["index"] == 2
    record = doors.record_when_written(answer.headers["x-request-id"])
    assert record["endpoint"] == "rerank"
    assert record["tokens"]["input"] == ledger.only_request()["input_tokens"]


@pytest.mark.parametrize(
    "path, body",
    [
        ("/v1/moderations", {"model": "claude-x", "input": "Hi"}),
        ("/v1/rerank", {"model": "claude-x", "query": "q", "documents": ["a"]}),
        ("/v1/embeddings", {"model": "claude-x", "input": "Hi"}),
    ],
)
def test_what_an_upstream_cannot_do_is_refused_before_it_is_asked(doors, ledger, path, body):
    answer = doors.post(path, body)
    assert answer.status_code in (400, 404, 501), answer.text
    assert answer.json()["error"]["message"]
    assert ledger.ledger()["calls"] == 0
