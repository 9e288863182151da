"""Traces, assessments, evaluation datasets, scorers: MLflow's client of version 3 at MLFLOW_TRACKING_URI."""

import json
import time
import uuid

import mlflow
import pytest
import requests
from mlflow import MlflowClient
from mlflow.entities import AssessmentSource, SpanType
from mlflow.exceptions import MlflowException
from mlflow.genai.datasets import create_dataset, delete_dataset, get_dataset, search_datasets


@pytest.fixture
def client():
    return MlflowClient()


@pytest.fixture
def experiment():
    """The id of a new experiment, which is the active one."""
    return mlflow.set_experiment(f"traces-{uuid.uuid4().hex}").experiment_id


@mlflow.trace(span_type=SpanType.RETRIEVER)
def retrieve(question):
    return [{"page_content": f"about {question}", "metadata": {"score": 0.5}}]


@mlflow.trace(span_type=SpanType.CHAT_MODEL, attributes={"model": "gpt-4", "temperature": 0.5})
def generate(question, documents):
    span = mlflow.get_current_active_span()
    span.set_attribute("mlflow.chat.tokenUsage", {"input_tokens": 10, "output_tokens": 5, "total_tokens": 15})
    if question == "fail":
        raise ValueError("no answer")
    return f"answer to {question}"


@mlflow.trace(name="agent", span_type=SpanType.AGENT)
def agent(question):
    return generate(question, retrieve(question))


def trace_of(question):
    """Runs the agent; the id of its trace once all of it has been stored."""
    try:
        agent(question)
    except ValueError:
        pass
    mlflow.flush_trace_async_logging()
    return mlflow.get_last_active_trace_id()


def found(experiment, filter_string=None, **options):
    traces = mlflow.search_traces(
        locations=[experiment], filter_string=filter_string, return_type="list", **options
    )
    return [trace.info.trace_id for trace in traces]


def test_a_traced_call_is_read_back(experiment):
    trace_id = trace_of("why")
    trace = mlflow.get_trace(trace_id)
    assert trace.info.experiment_id == experiment
    assert trace.info.state == "OK"
    assert trace.info.tags["mlflow.traceName"] == "agent"
    assert trace.info.tags["mlflow.trace.spansLocation"] == "TRACKING_STORE"
    assert trace.info.token_usage == {"input_tokens": 10, "output_tokens": 5, "total_tokens": 15}
    assert trace.info.request_preview == '{"question": "why"}'
    assert [span.name for span in trace.data.spans] == ["agent", "retrieve", "generate"]
    root, retrieved, generated = trace.data.spans
    assert root.parent_id is None and retrieved.parent_id == root.span_id == generated.parent_id
    assert root.inputs == {"question": "why"} and root.outputs == "answer to why"
    assert retrieved.outputs == [{"page_content": "about why", "metadata": {"score": 0.5}}]
    assert generated.get_attribute("temperature") == 0.5
    assert generated.span_type == SpanType.CHAT_MODEL
    assert root.start_time_ns <= generated.start_time_ns <= generated.end_time_ns <= root.end_time_ns


def test_an_exception_is_an_event_of_its_span(experiment):
    trace = mlflow.get_trace(trace_of("fail"))
    assert trace.info.state == "ERROR"
    failed = trace.search_spans(name="generate")[0]
    assert failed.status.status_code == "ERROR"
    event = failed.events[0]
    assert event.name == "exception" and event.attributes["exception.type"] == "ValueError"


def test_values_keep_their_types(experiment):
    value = {"text": "ä\n\"x\"", "int": 2**53, "float": 1.0, "none": None, "map": {"a": {}}}
    value["list"] = [1, 2.5, "a", [True]]
    with mlflow.start_span("typed") as span:
        span.set_inputs(value)
        span.set_attribute("flag", True)
    mlflow.flush_trace_async_logging()
    stored = mlflow.get_trace(span.trace_id).data.spans[0]
    assert stored.inputs == value
    assert isinstance(stored.inputs["float"], float) and stored.get_attribute("flag") is True


def test_search_by_everything(experiment, client):
    first, second = trace_of("one"), trace_of("two")
    failed = trace_of("fail")
    client.set_trace_tag(first, "env", "prod")
    assert found(experiment) == [failed, second, first]
    assert found(experiment, "status = 'ERROR'") == [failed]
    assert found(experiment, "tags.env = 'prod'") == [first]
    assert found(experiment, "tag.env ILIKE '%PRO%'") == [first]
    assert found(experiment, "name = 'agent' AND trace.status = 'OK'") == [second, first]
    assert found(experiment, "span.type = 'RETRIEVER'") == [failed, second, first]
    assert found(experiment, "span.name = 'generate' AND span.status = 'ERROR'") == [failed]
    assert found(experiment, "span.attributes.model LIKE '%gpt%'") == [failed, second, first]
    assert found(experiment, "span.attributes.model RLIKE '^gpt-3'") == []
    assert found(experiment, "trace.text LIKE '%answer to two%'") == [second]
    assert found(experiment, f"request_id IN ('{first}', '{failed}')") == [failed, first]
    start = mlflow.get_trace(second).info.request_time
    assert found(experiment, f"timestamp_ms >= {start}") == [failed, second]
    assert found(experiment, order_by=["timestamp_ms ASC"]) == [first, second, failed]
    with pytest.raises(MlflowException, match="Invalid attribute key 'color'"):
        found(experiment, "color = 'red'")
    client.delete_trace_tag(first, "env")
    assert found(experiment, "tags.env = 'prod'") == []


def test_pages(experiment, client):
    ids = [trace_of(str(number)) for number in range(5)]
    seen, token = [], None
    while True:
        options = {"max_results": 2, "page_token": token, "include_spans": False}
        page = client.search_traces(locations=[experiment], **options)
        seen += [trace.info.trace_id for trace in page]
        token = page.token
        if not token:
            break
    assert seen == ids[::-1]


def test_feedback_and_expectations(experiment):
    trace_id = trace_of("judged")
    human = AssessmentSource(source_type="HUMAN", source_id="ann")
    note = {"rationale": "good", "metadata": {"k": "v"}}
    feedback = mlflow.log_feedback(trace_id=trace_id, name="score", value=0.9, source=human, **note)
    expected = mlflow.log_expectation(trace_id=trace_id, name="facts", value=["a", "b"], source=human)
    read = {assessment.name: assessment for assessment in mlflow.get_trace(trace_id).info.assessments}
    assert read["score"].value == 0.9 and read["score"].rationale == "good"
    assert read["score"].metadata == {"k": "v"}
    assert read["facts"].value == ["a", "b"]
    assert read["facts"].assessment_id == expected.assessment_id
    assert found(experiment, "feedback.score > 0.5") == [trace_id]
    assert found(experiment, "feedback.score > 0.95") == []

    changed = mlflow.override_feedback(
        trace_id=trace_id, assessment_id=feedback.assessment_id, value=0.1, source=human, rationale="no"
    )
    assert not mlflow.get_assessment(trace_id, feedback.assessment_id).valid
    better = mlflow.entities.Feedback(name="score", value=0.2, rationale="still no")
    mlflow.update_assessment(trace_id, changed.assessment_id, better)
    assert mlflow.get_assessment(trace_id, changed.assessment_id).value == 0.2
    mlflow.delete_assessment(trace_id, changed.assessment_id)
    assert mlflow.get_assessment(trace_id, feedback.assessment_id).valid
    mlflow.delete_assessment(trace_id, changed.assessment_id)
    with pytest.raises(MlflowException, match="not found"):
        mlflow.get_assessment(trace_id, changed.assessment_id)
    failed = mlflow.log_feedback(trace_id=trace_id, name="broken", error=ValueError("judge failed"))
    assert mlflow.get_assessment(trace_id, failed.assessment_id).error.error_message == "judge failed"


def test_traces_of_a_run(experiment):
    with mlflow.start_run() as run:
        inside = trace_of("inside")
    outside = trace_of("outside")
    assert found(experiment, f"run_id = '{run.info.run_id}'") == [inside]
    MlflowClient().link_traces_to_run([outside], run.info.run_id)
    assert found(experiment, f"run_id = '{run.info.run_id}'") == [outside, inside]


def test_sessions_and_users(experiment):
    @mlflow.trace
    def chat(text):
        who = {"mlflow.trace.session": "s1", "mlflow.trace.user": "u1"}
        mlflow.update_current_trace(metadata=who, tags={"t": "1"})
        return text

    chat("hello")
    mlflow.flush_trace_async_logging()
    trace_id = mlflow.get_last_active_trace_id()
    assert found(experiment, "metadata.`mlflow.trace.session` = 's1'") == [trace_id]
    assert mlflow.get_trace(trace_id).info.trace_metadata["mlflow.trace.user"] == "u1"


def test_deletion(experiment, client):
    ids = [trace_of(str(number)) for number in range(3)]
    assert client.delete_traces(experiment, trace_ids=[ids[1]]) == 1
    assert client.delete_traces(experiment, max_timestamp_millis=int(time.time() * 1000), max_traces=1) == 1
    assert found(experiment) == [ids[2]]
    assert mlflow.get_trace(ids[0], silent=True) is None
    with pytest.raises(MlflowException, match="must be specified"):
        client.delete_traces(experiment)


def test_evaluation_datasets(experiment):
    name = f"questions-{uuid.uuid4().hex}"
    dataset = create_dataset(name=name, experiment_id=[experiment], tags={"team": "search"})
    records = [{"inputs": {"question": str(n)}, "expectations": {"answer": n}} for n in range(3)]
    dataset.merge_records(records)
    dataset.merge_records([{"inputs": {"question": "1"}, "expectations": {"answer": 7}}])
    stored = get_dataset(dataset_id=dataset.dataset_id)
    frame = stored.to_df()
    answers = {row.inputs["question"]: row.expectations["answer"] for row in frame.itertuples()}
    assert answers == {"0": 0, "1": 7, "2": 2}
    assert json.loads(stored.profile) == {"num_records": 3}
    assert json.loads(stored.schema)["inputs"] == {"question": "string"}
    named = search_datasets(experiment_ids=experiment, filter_string=f"name = '{name}'")
    assert [one.dataset_id for one in named] == [dataset.dataset_id]
    assert not search_datasets(experiment_ids=experiment, filter_string="tags.team = 'other'")
    delete_dataset(dataset_id=dataset.dataset_id)
    with pytest.raises(MlflowException, match="not found"):
        get_dataset(dataset_id=dataset.dataset_id)


def test_records_from_traces(experiment):
    trace_id = trace_of("source")
    mlflow.log_expectation(trace_id=trace_id, name="answer", value="42")
    dataset = create_dataset(name=f"from-traces-{uuid.uuid4().hex}", experiment_id=[experiment])
    dataset.merge_records(mlflow.search_traces(locations=[experiment]))
    row = next(get_dataset(dataset_id=dataset.dataset_id).to_df().itertuples())
    assert row.inputs == {"question": "source"} and row.expectations == {"answer": "42"}
    assert row.source_type == "TRACE" and row.source_id == trace_id


def test_scorers(experiment, client):
    store = client._tracking_client.store
    serialized = json.dumps({"name": "polite", "builtin_scorer_class": "Guidelines"})
    first = store.register_scorer(experiment, "polite", serialized)
    second = store.register_scorer(experiment, "polite", serialized)
    assert (first.scorer_version, second.scorer_version) == (1, 2)
    assert [scorer.scorer_version for scorer in store.list_scorers(experiment)] == [2]
    assert [scorer.scorer_version for scorer in store.list_scorer_versions(experiment, "polite")] == [1, 2]
    assert store.get_scorer(experiment, "polite", 1).scorer_version == 1
    everywhere = requests.get(f"{mlflow.get_tracking_uri()}/api/3.0/mlflow/scorers/list", timeout=10).json()
    assert second.scorer_id in [scorer["scorer_id"] for scorer in everywhere["scorers"]]
    assert store.get_online_scoring_configs([second.scorer_id]) == []
    store.delete_scorer(experiment, "polite", 1)
    store.delete_scorer(experiment, "polite")
    with pytest.raises(MlflowException, match="not found"):
        store.get_scorer(experiment, "polite")


def test_an_otlp_exporter_without_mlflow(experiment):
    """OpenTelemetry's own SDK, as any program has it: gen_ai attributes become MLflow's."""
    exporter = pytest.importorskip("opentelemetry.exporter.otlp.proto.http.trace_exporter")
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor

    url = mlflow.get_tracking_uri() + "/v1/traces"
    provider = TracerProvider(resource=Resource.create({"service.name": "shop"}))
    provider.add_span_processor(
        SimpleSpanProcessor(
            exporter.OTLPSpanExporter(
                endpoint=url,
                headers={"x-mlflow-experiment-id": experiment},
                compression=exporter.Compression.Gzip,
            )
        )
    )
    tracer = provider.get_tracer("test")
    with tracer.start_as_current_span("chat gpt-4") as span:
        span.set_attributes(
            {
                "gen_ai.operation.name": "chat",
                "gen_ai.request.model": "gpt-4",
                "gen_ai.usage.input_tokens": 3,
                "gen_ai.usage.output_tokens": 4,
                "gen_ai.input.messages": '[{"role": "user", "content": "hi"}]',
            }
        )
    provider.shutdown()
    trace_id = f"tr-{span.context.trace_id:032x}"
    trace = mlflow.get_trace(trace_id)
    assert trace.info.state == "OK" and trace.info.tags["service.name"] == "shop"
    assert trace.info.token_usage == {"input_tokens": 3, "output_tokens": 4, "total_tokens": 7}
    stored = trace.data.spans[0]
    assert stored.span_type == "CHAT_MODEL" and stored.inputs == [{"role": "user", "content": "hi"}]
    assert found(experiment, "span.type = 'CHAT_MODEL'") == [trace_id]


def otlp(experiment, body, **headers):
    url = mlflow.get_tracking_uri() + "/v1/traces"
    names = {"x-mlflow-experiment-id": experiment} if experiment else {}
    names |= {name.replace("_", "-"): value for name, value in headers.items()}
    return requests.post(url, data=body, headers=names, timeout=10)


def test_otlp_as_json_and_what_it_refuses(experiment):
    trace = uuid.uuid4().hex
    span = {
        "traceId": trace,
        "spanId": "0102030405060708",
        "name": "by hand",
        "startTimeUnixNano": "1700000000000000000",
        "endTimeUnixNano": "1700000001500000000",
        "attributes": [{"key": "n", "value": {"intValue": "5"}}],
        "status": {"code": 2, "message": "bad"},
    }
    body = json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]})
    answer = otlp(experiment, body, content_type="application/json")
    assert answer.status_code == 200 and answer.headers["content-type"] == "application/json"
    stored = mlflow.get_trace(f"tr-{trace}")
    assert stored.info.state == "ERROR" and stored.info.execution_duration == 1500
    assert stored.data.spans[0].get_attribute("n") == 5

    assert otlp(experiment, "", content_type="application/x-protobuf").status_code == 400
    garbage = otlp(experiment, "no", content_type="application/x-protobuf")
    assert garbage.json()["detail"] == "Invalid OpenTelemetry format"
    assert otlp(experiment, body, content_type="text/plain").status_code == 400
    assert otlp(experiment, body, content_type="application/json", content_encoding="br").status_code == 400
    without = json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": [{**span, "traceId": ""}]}]}]})
    assert otlp(experiment, without, content_type="application/json").status_code == 422
    missing = otlp("987654321", body.replace(trace, uuid.uuid4().hex), content_type="application/json")
    assert missing.status_code == 404 and missing.json()["error_code"] == "RESOURCE_DOES_NOT_EXIST"
    assert otlp("", body.replace(trace, uuid.uuid4().hex), content_type="application/json").status_code == 200


def test_a_huge_trace_is_read_by_page(experiment):
    trace = uuid.uuid4().hex
    spans = [
        {
            "traceId": trace,
            "spanId": f"{number:016x}",
            "parentSpanId": "" if number == 1 else f"{1:016x}",
            "name": f"step {number}",
            "startTimeUnixNano": str(1700000000000000000 + number),
            "endTimeUnixNano": str(1700000000000000000 + 5000),
        }
        for number in range(1, 3001)
    ]
    body = json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": spans}]}]})
    assert otlp(experiment, body, content_type="application/json").status_code == 200
    assert len(mlflow.get_trace(f"tr-{trace}").data.spans) == 3000
    url = f"{mlflow.get_tracking_uri()}/api/3.0/mlflow/traces/tr-{trace}/spans"
    names, token = [], ""
    while True:
        page = requests.get(url, params={"max_results": 1000, "page_token": token}, timeout=10).json()
        names += [span["name"] for span in page["spans"]]
        token = page.get("next_page_token")
        if not token:
            break
    assert names == [f"step {number}" for number in range(1, 3001)]
