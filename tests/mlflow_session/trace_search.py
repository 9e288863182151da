"""search_traces over traces with chosen times: every operator and entity, orders, pages, refusals."""

import requests
from mlflow import MlflowClient

AT_S = 1_600_000_000

FILTERS = (
    None,
    "",
    "status = 'OK'",
    "trace.status = 'OK'",
    "attributes.status = 'ERROR'",
    "status != 'OK'",
    "status IN ('OK', 'ERROR')",
    "timestamp_ms > 1600000001000",
    "timestamp > 1600000001000",
    "trace.timestamp_ms <= 1600000001000",
    "attributes.timestamp_ms = 1600000002000",
    "execution_time_ms >= 2000",
    "execution_time > 1000",
    "end_time_ms > 1600000003000",
    "end_time > 1600000003000",
    "name = 'trace 1'",
    "trace.name = 'trace 1'",
    "name LIKE 'trace%'",
    "name ILIKE 'TRACE%'",
    "name != 'trace 1'",
    "name IN ('trace 1', 'trace 2')",
    "name NOT IN ('trace 1', 'trace 2')",
    "name RLIKE '^trace [12]$'",
    "request_id = 'x'",
    "request_id != 'x'",
    "trace.request_id IN ('x')",
    "client_request_id = 'client 2'",
    "trace.client_request_id LIKE 'client%'",
    "tag.color = 'red'",
    "tags.color = 'red'",
    "tags.color != 'red'",
    "tags.color LIKE 'r%'",
    "tags.color ILIKE 'R%'",
    "tags.color RLIKE 'r.d'",
    "tags.color IS NULL",
    "tags.color IS NOT NULL",
    "tags.absent = 'x'",
    "metadata.user = 'ann'",
    "request_metadata.user = 'ann'",
    "metadata.user != 'ann'",
    "metadata.user LIKE 'a%'",
    "metadata.user IS NULL",
    "metadata.`mlflow.trace.session` = 's1'",
    "run_id = 'r1'",
    "attributes.run_id = 'r1'",
    "text LIKE '%needle%'",
    "trace.text LIKE '%needle%'",
    "text ILIKE '%NEEDLE%'",
    "span.name = 'child'",
    "span.name LIKE 'ch%'",
    "span.name != 'child'",
    "span.type = 'RETRIEVER'",
    "span.type IN ('LLM', 'RETRIEVER')",
    "span.type NOT IN ('LLM')",
    "span.status = 'ERROR'",
    "span.content LIKE '%needle%'",
    "span.attributes.model = 'gpt'",
    "span.attributes.model LIKE 'g%'",
    "span.name = 'child' AND span.type = 'RETRIEVER'",
    "feedback.good = 'true'",
    "feedback.score > 3",
    "feedback.score = '4'",
    "feedback.absent = 'x'",
    "feedback.good != 'true'",
    "feedback.good IS NULL",
    "expectation.answer = '42'",
    "expectation.answer = 'forty-two'",
    "expectation.answer LIKE 'forty%'",
    "status = 'OK' AND tags.color = 'red'",
    "status = 'OK' AND tags.color = 'red' AND timestamp_ms < 1600000003000",
)
BAD_FILTERS = (
    "status",
    "status > 'OK'",
    "status = OK",
    "timestamp_ms = 'x'",
    "timestamp_ms LIKE '1'",
    "color = 'x'",
    "text = 'needle'",
    "span.color = 'x'",
    "span.content = 'x'",
    "span.name > 'x'",
    "metrics.a > 1",
    "params.a = 'x'",
    "status = 'OK' OR status = 'ERROR'",
    "(status = 'OK')",
    "tags.color > 'red'",
    "feedback.score LIKE 5",
    "metadata.user > 'a'",
    "name RLIKE '['",
    "name RLIKE '(a+)+$'",
    "tags.color = 5",
    "status = 'SLEEPING'",
    "name = 'unclosed",
)
ORDERS = (
    ["timestamp_ms"],
    ["timestamp_ms DESC"],
    ["timestamp ASC"],
    ["execution_time_ms DESC", "timestamp_ms"],
    ["status", "timestamp_ms DESC"],
    ["request_id"],
    ["name DESC"],
    ["trace.name"],
    ["tags.color", "timestamp_ms"],
    ["metadata.user DESC", "timestamp_ms"],
    ["color"],
    ["timestamp_ms UP"],
    [""],
    ["span.name"],
)


def _span(trace, number, name, kind, parent=None, status=1, **attributes):
    from google.protobuf import json_format
    from opentelemetry.proto.trace.v1.trace_pb2 import Span

    at = (AT_S + number) * 1_000_000_000
    span = Span(
        trace_id=trace.to_bytes(16, "big"),
        span_id=(trace * 10 + number).to_bytes(8, "big"),
        parent_span_id=parent or b"",
        name=name,
        start_time_unix_nano=at,
        end_time_unix_nano=at + 1_000_000_000 * trace,
    )
    span.status.code = status
    span.attributes.add(key="mlflow.spanType").value.string_value = kind
    span.attributes.add(key="mlflow.traceRequestId").value.string_value = f"tr-{trace:032x}"
    for key, value in attributes.items():
        span.attributes.add(key=key).value.string_value = value
    assert json_format.MessageToDict(span)
    return span


def _spans(number):
    trace = number + 1
    root = _span(trace, 1, f"trace {number}", ("CHAIN", "AGENT")[number % 2], status=2 if number == 3 else 1)
    text = "a needle in it" if number == 2 else "hay"
    child = {"model": "gpt"} if number % 2 else {}
    spans = [
        root,
        _span(trace, 2, "child", "RETRIEVER", root.span_id, **{"mlflow.spanInputs": text, **child}),
    ]
    if number == 4:
        spans.append(_span(trace, 3, "model", "LLM", root.span_id))
    return spans


def _export(url, experiment, spans, **headers):
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

    request = ExportTraceServiceRequest()
    scope = request.resource_spans.add().scope_spans.add()
    scope.scope.name = "session"
    scope.spans.extend(spans)
    sent = {"Content-Type": "application/x-protobuf", "x-mlflow-experiment-id": experiment, **headers}
    answer = requests.post(url + "/v1/traces", data=request.SerializeToString(), headers=sent, timeout=60)
    return {"status": answer.status_code, "type": answer.headers.get("content-type")}


def _trace_info(experiment, number):
    tags = {
        "mlflow.traceName": f"trace {number}",
        **({"color": ("red", "green")[number % 2]} if number else {}),
    }
    metadata = {"mlflow.trace_schema.version": "3", "own": str(number)}
    if number < 3:
        metadata["user"] = ("ann", "bob", "ann")[number]
        metadata["mlflow.trace.session"] = f"s{number % 2}"
    if number == 4:
        metadata["mlflow.sourceRun"] = "r1"
    return {
        "trace_id": f"tr-{number + 1:032x}",
        "client_request_id": f"client {number}",
        "trace_location": {"type": "MLFLOW_EXPERIMENT", "mlflow_experiment": {"experiment_id": experiment}},
        "request_preview": f'{{"q": {number}}}',
        "response_preview": f'"a{number}"',
        "request_time": f"2020-09-13T12:26:4{number}Z",
        "execution_duration": f"{number + 1}s",
        "state": "ERROR" if number == 3 else "OK",
        "trace_metadata": metadata,
        "tags": tags,
    }


def _post(session, path, body):
    answer = requests.post(f"{session.url}/api/3.0/mlflow/{path}", json=body, timeout=60)
    return {"status": answer.status_code, "body": answer.json()}


def _names(traces):
    found = [trace.info.tags.get("mlflow.traceName", "unnamed") for trace in traces]
    return [*found, "more" if traces.token else "end"]


def _make(session, experiment):
    import mlflow
    from mlflow.entities import AssessmentSource

    do = session.do
    for number in range(5):
        do(f"spans {number}", lambda: _export(session.url, experiment, _spans(number)))
        do(
            f"info {number}",
            lambda: _post(session, "traces", {"trace": {"trace_info": _trace_info(experiment, number)}}),
        )
    source = AssessmentSource("HUMAN", "ann")
    for number, good, score in ((1, True, 4), (2, False, 2.5)):
        id = f"tr-{number + 1:032x}"
        do(
            f"feedback {number}",
            lambda: mlflow.log_feedback(trace_id=id, name="good", value=good, source=source),
        )
        do(
            f"score {number}",
            lambda: mlflow.log_feedback(trace_id=id, name="score", value=score, source=source),
        )
    id = f"tr-{4:032x}"
    do(
        "expectation",
        lambda: mlflow.log_expectation(trace_id=id, name="answer", value="forty-two", source=source),
    )


def _searched(do, client, experiment):
    def search(filter_string=None, **options):
        options.setdefault("locations", [experiment])
        return lambda: client.search_traces(filter_string=filter_string, **options)

    for text in (*FILTERS, *BAD_FILTERS):
        do(f"search {text}", search(text), show=_names)
    for order in ORDERS:
        do(f"order {order}", search(order_by=order), show=_names)
    page = do("first page", search(max_results=2), show=_names)
    do("second page", search(max_results=2, page_token=page.token), show=_names)
    do("a bad page", search(page_token="x!"), show=_names)
    for count in (0, -1, 500, 501):
        do(f"{count} results", search(max_results=count), show=_names)
    do("no place", search(locations=[]), show=_names)
    do("absent place", search(locations=["4711"]), show=_names)
    do(
        "without spans",
        search(include_spans=False),
        show=lambda found: [len(trace.data.spans) for trace in found],
    )
    do("with spans", search(), show=lambda found: [len(trace.data.spans) for trace in found])
    do("whole objects", search("name = 'trace 2'"))


def _gotten(session, experiment):
    do = session.do

    def get(path, **query):
        def call():
            answer = requests.get(f"{session.url}/api/3.0/mlflow/{path}", params=query, timeout=60)
            return {"status": answer.status_code, "body": answer.json()}

        return call

    ids = [f"tr-{number + 1:032x}" for number in range(5)]
    do("info", get(f"traces/{ids[0]}"))
    do("info of absent", get("traces/tr-" + "0" * 32))
    do("trace", get("traces/get", trace_id=ids[4]))
    do("trace of absent", get("traces/get", trace_id="tr-" + "0" * 32))
    do("trace of nothing", get("traces/get"))
    do("batch", get("traces/batchGet", trace_ids=ids[:2]))
    do("batch with an absent", get("traces/batchGet", trace_ids=[ids[0], "tr-" + "0" * 32]))
    do("batch of nothing", get("traces/batchGet"))
    do("infos", lambda: _post(session, "traces/batchGetInfos", {"trace_ids": ids[:2]}))
    do("infos of nothing", lambda: _post(session, "traces/batchGetInfos", {}))
    correlation = {
        "experiment_ids": [experiment],
        "filter_string1": "status = 'OK'",
        "filter_string2": "tags.color = 'red'",
    }
    do("correlation", lambda: _post(session, "traces/calculate-filter-correlation", correlation))
    base = {"experiment_ids": [experiment], "start_time_ms": AT_S * 1000, "end_time_ms": AT_S * 1000 + 9000}
    for view, name in (
        ("TRACES", "trace_count"),
        ("TRACES", "latency"),
        ("SPANS", "span_count"),
        ("ASSESSMENTS", "assessment_count"),
    ):
        kind = "AVG" if name == "latency" else "COUNT"
        body = {**base, "view_type": view, "metric_name": name, "aggregations": [{"aggregation_type": kind}]}
        do(f"metric {name}", lambda: _post(session, "traces/metrics", body))
    body = {
        **base,
        "view_type": "TRACES",
        "metric_name": "odd",
        "aggregations": [{"aggregation_type": "COUNT"}],
    }
    do("metric odd", lambda: _post(session, "traces/metrics", body))
    do("start again", lambda: _post(session, "traces", {"trace": {"trace_info": _trace_info(experiment, 0)}}))
    do("start of nothing", lambda: _post(session, "traces", {}))
    do(
        "start in absent",
        lambda: _post(
            session,
            "traces",
            {"trace": {"trace_info": {**_trace_info("4711", 0), "trace_id": "tr-" + "9" * 32}}},
        ),
    )


def _ingested(session, experiment):
    do = session.do
    url = session.url + "/v1/traces"
    head = {"Content-Type": "application/x-protobuf", "x-mlflow-experiment-id": experiment}

    def send(data=b"", **headers):
        def call():
            sent = {name: value for name, value in {**head, **headers}.items() if value is not None}
            answer = requests.post(url, data=data, headers=sent, timeout=60)
            return {"status": answer.status_code, "text": answer.text[:300]}

        return call

    do("otlp empty", send())
    do("otlp garbage", send(b"garbage"))
    do("otlp of another type", send(b"x", **{"Content-Type": "text/plain"}))
    do("otlp bad json", send(b"{", **{"Content-Type": "application/json"}))
    do("otlp without experiment", lambda: _export(session.url, "", _spans(0)))
    do("otlp absent experiment", lambda: _export(session.url, "4711", _spans(7)))
    do("otlp spans again", lambda: _export(session.url, experiment, _spans(0)))
    do("otlp spans without trace", lambda: _export(session.url, experiment, _spans(8)))


def steps(session):
    client = MlflowClient()
    experiment = session.do("experiment", lambda: client.create_experiment("searched traces"))
    _make(session, experiment)
    _searched(session.do, client, experiment)
    _gotten(session, experiment)
    _ingested(session, experiment)
