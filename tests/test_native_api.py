"""The native API, and that its OpenAPI document tells the truth about every answer."""

import json
import threading

import httpx
import jsonschema
import pytest
from harness.clients import USER
from harness.wire import events
from openapi_spec_validator import validate

UNKNOWN_ID = "0193a5c2-5d1e-7c3f-9b1a-2f6d8e4c7a90"


@pytest.fixture(scope="module")
def document(server):
    return server.get("/api/v1/openapi.json").json()


def schema_of(document, path, status):
    """The schema of an answer, with references resolved against the document."""
    operation = document["paths"][path]["get"]
    answer = operation["responses"].get(str(status)) or operation["responses"]["default"]
    if "$ref" in answer:
        answer = document["components"]["responses"][answer["$ref"].rpartition("/")[2]]
    return {**answer["content"]["application/json"]["schema"], "components": document["components"]}


def check(document, path, answer):
    jsonschema.Draft202012Validator(schema_of(document, path, answer.status_code)).validate(answer.json())


@pytest.fixture(scope="module")
def history(server):
    """One request of every kind, newest first: ids by what they are."""
    chat = {"model": "fast", "messages": USER}
    asked = {
        "whole": server.post(
            "/v1/chat/completions", {**chat, "user": "ada", "metadata": {"feature": "api-test"}}
        ),
        "stream": server.post("/v1/chat/completions", {**chat, "stream": True}),
        "embedding": server.post("/v1/embeddings", {"model": "gpt-embed", "input": "one"}),
        "refused": server.post("/v1/chat/completions", {**chat, "model": "no-such-model"}),
        "broken": server.post("/v1/chat/completions", {**chat, "model": "fault-reset"}),
        "malformed": server.post("/v1/chat/completions", [7]),
    }
    return {name: answer.headers["x-request-id"] for name, answer in asked.items()}


def test_the_document_is_valid_openapi(document):
    validate(document)


def test_the_document_describes_every_path_that_is_served(document):
    expected = {
        "version",
        "health",
        "models",
        "stats",
        "requests",
        "requests/{id}",
        "requests/live",
        "openapi.json",
    }
    assert {f"/api/v1/{name}" for name in expected} <= set(document["paths"])


@pytest.mark.parametrize("name", ["version", "health", "models", "stats", "requests"])
def test_answers_are_as_described(server, document, history, name):
    answer = server.get(f"/api/v1/{name}")
    assert answer.status_code == 200
    check(document, f"/api/v1/{name}", answer)


def test_every_kind_of_record_is_as_described(server, document, history):
    for name, request_id in history.items():
        answer = server.get(f"/api/v1/requests/{request_id}")
        assert answer.status_code == 200, name
        check(document, "/api/v1/requests/{id}", answer)


@pytest.mark.parametrize(
    "path, query, status",
    [
        ("/api/v1/requests/{id}", {}, 404),
        ("/api/v1/requests", {"limit": "0"}, 400),
        ("/api/v1/requests", {"limit": "many"}, 400),
        ("/api/v1/requests", {"cursor": "nowhere"}, 400),
        ("/api/v1/requests", {"status": "odd"}, 400),
        ("/api/v1/requests", {"since_us": "yesterday"}, 400),
        ("/api/v1/stats", {"window_s": "-1"}, 400),
    ],
)
def test_errors_are_as_described(server, document, path, query, status):
    answer = server.get(path.replace("{id}", UNKNOWN_ID), params=query)
    assert answer.status_code == status, answer.text
    check(document, path, answer)
    assert answer.json()["error"]["message"]


def test_an_id_that_is_none_is_refused(server):
    assert server.get("/api/v1/requests/not-an-id").status_code in (400, 404)


def test_requests_are_listed_newest_first(server, history):
    listed = [
        record["id"] for record in server.get("/api/v1/requests", params={"limit": 6}).json()["requests"]
    ]
    assert listed == list(reversed(history.values()))


def test_pages_join_without_gap_or_overlap(server, history):
    whole = [record["id"] for record in server.records()]
    pages, cursor = [], None
    while True:
        page = server.get(
            "/api/v1/requests", params={"limit": 3, **({"cursor": cursor} if cursor else {})}
        ).json()
        assert len(page["requests"]) <= 3
        pages += [record["id"] for record in page["requests"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert pages == whole


@pytest.mark.parametrize(
    "query, kinds",
    [
        ({"feature": "api-test"}, {"whole"}),
        ({"user": "ada", "feature": "api-test"}, {"whole"}),
        ({"model": "no-such-model"}, {"refused"}),
        ({"status": "error"}, {"refused", "broken", "malformed"}),
        ({"q": "no-such-mod"}, {"refused"}),
        ({"upstream": "mock"}, {"whole", "stream", "embedding", "broken"}),
        ({"feature": "nobody has this"}, set()),
    ],
    ids=str,
)
def test_filters_choose(server, history, query, kinds):
    newest = server.get(f"/api/v1/requests/{history['whole']}").json()
    found = {record["id"] for record in server.records(**query, since_us=newest["started_at_us"])}
    assert found & set(history.values()) == {history[kind] for kind in kinds}


def test_a_time_range_chooses(server, history):
    records = [server.record(request_id) for request_id in history.values()]
    since, until = records[1]["ended_at_us"], records[3]["ended_at_us"]
    found = {record["id"] for record in server.records(since_us=since, until_us=until)}
    assert found & set(history.values()) <= {record["id"] for record in records[1:4]}
    assert records[2]["id"] in found


def test_the_live_tail_tells_requests_as_they_end(server):
    seen, ready = [], threading.Event()

    def follow():
        with httpx.stream("GET", server.url + "/api/v1/requests/live", timeout=20) as answer:
            assert answer.headers["content-type"].startswith("text/event-stream")
            ready.set()
            text = ""
            for piece in answer.iter_text():
                text += piece
                found = [event for event in events(text.rpartition("\n\n")[0]) if isinstance(event, dict)]
                if found:
                    seen.extend(found)
                    return

    follower = threading.Thread(target=follow)
    follower.start()
    assert ready.wait(10)
    request_id = server.chat("gpt-x").headers["x-request-id"]
    follower.join(20)
    assert [record["id"] for record in seen] == [request_id]


def test_models_tell_where_they_come_from(engine_server):
    engine_server.wait_for_models("smollm2-135m-instruct", "all-minilm-l6-v2")
    models = {model["name"]: model for model in engine_server.get("/api/v1/models").json()["models"]}
    chat, embedder = models["smollm2-135m-instruct"], models["all-minilm-l6-v2"]
    assert (chat["kind"], embedder["kind"]) == ("chat", "embedding")
    assert chat["digest"].startswith("sha256:") and chat["licence"] and chat["size_bytes"] > 1 << 20
    assert models["fast"]["status"] == "remote"


def test_stats_count_what_was_answered(server, history):
    stats = server.get("/api/v1/stats", params={"window_s": 3600}).json()
    assert stats["requests"] >= len(history) and stats["errors"] >= 3
    by_model = {usage["model"]: usage for usage in stats["by_model"]}
    assert by_model["fast"]["cost_nano_usd"] > 0


def test_metrics_are_in_prometheus_text(server, history):
    answer = server.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    lines = [line for line in answer.text.splitlines() if line and not line.startswith("#")]
    assert any(line.startswith("penstock_") for line in lines)
    assert all(
        float(line.rpartition(" ")[2]) == float(line.rpartition(" ")[2]) for line in lines
    )  # none is NaN


def test_an_unknown_path_is_not_found_in_the_native_shape(server):
    answer = server.get("/api/v1/nothing")
    assert answer.status_code == 404 and answer.json()["error"]["code"] == "not_found"


def test_the_page_is_served_with_a_policy_that_loads_nothing_from_elsewhere(server):
    answer = server.get("/")
    if answer.status_code == 404:
        pytest.skip("built without the UI")
    assert answer.headers["content-type"].startswith("text/html")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'self'" in policy and "http:" not in policy.replace("https:", "")


def test_keys_guard_the_native_api_but_not_health(start_server):
    server = start_server("""
version: 1
{engines}
keys: [{{ name: dev, env: PENSTOCK_KEY }}]
""")
    assert server.get("/health").status_code == 200
    assert server.get("/api/v1/requests").status_code == 401
    authorized = {"authorization": f"Bearer {server.env['PENSTOCK_KEY']}"}
    assert server.get("/api/v1/requests", headers=authorized).status_code == 200
    assert json.loads(server.get("/api/v1/requests").text)["error"]["code"] == "unauthenticated"
