"""Traces as @mlflow.trace makes them: spans, tags, links to runs, deletion."""

import mlflow
from mlflow import MlflowClient
from mlflow.entities import SpanType

HIDDEN = (
    "execution_duration",
    "execution_duration_ms",
    "execution_time_ms",
    "start_time_unix_nano",
    "end_time_unix_nano",
    "mlflow.trace.sizeBytes",
    "mlflow.trace.sizeStats",
)


def _functions():
    @mlflow.trace
    def add(x, y):
        return x + y

    @mlflow.trace(name="outer", span_type=SpanType.CHAIN, attributes={"kind": "test"})
    def outer(question):
        with mlflow.start_span(name="retrieve", span_type=SpanType.RETRIEVER) as span:
            span.set_inputs({"query": question})
            span.set_outputs([{"page_content": "text", "metadata": {"n": 1}}])
        return inner(question)

    @mlflow.trace(span_type=SpanType.LLM)
    def inner(question):
        span = mlflow.get_current_active_span()
        span.set_attribute(
            "mlflow.chat.tokenUsage", {"input_tokens": 5, "output_tokens": 7, "total_tokens": 12}
        )
        return {"answer": question.upper()}

    @mlflow.trace
    def fails():
        raise ValueError("as planned")

    @mlflow.trace
    def stream():
        yield from ("a", "b", "c")

    return add, outer, fails, stream


def _traced(do):
    add, outer, fails, stream = _functions()
    do("add", lambda: add(1, 2))
    first = do("its id", lambda: mlflow.get_last_active_trace_id())
    do("its trace", lambda: mlflow.get_trace(first))
    do("nested", lambda: outer("why?"))
    nested = do("nested id", lambda: mlflow.get_last_active_trace_id())
    do("nested trace", lambda: mlflow.get_trace(nested))
    do("fails", fails)
    failed = do("failed id", lambda: mlflow.get_last_active_trace_id())
    do("failed state", lambda: mlflow.get_trace(failed).info.state)
    do("failed trace", lambda: mlflow.get_trace(failed).info)
    do("stream", lambda: list(stream()))
    do("streamed", lambda: mlflow.get_trace(mlflow.get_last_active_trace_id()).info.response_preview)
    do("big", lambda: add("x" * 20_000, "y" * 20_000), show=len)
    do("big preview", lambda: mlflow.get_trace(mlflow.get_last_active_trace_id()).info.request_preview)
    do("absent", lambda: mlflow.get_trace("tr-" + "0" * 32, silent=True))
    do("odd", lambda: MlflowClient().get_trace("odd"))
    return first, nested


def _updated(do):
    @mlflow.trace
    def updates():
        mlflow.update_current_trace(
            tags={"color": "red"},
            metadata={"mlflow.trace.session": "s1", "mlflow.trace.user": "ann", "own": "x"},
            client_request_id="request-1",
        )
        return "done"

    do("updates", updates)
    id = do("updated id", lambda: mlflow.get_last_active_trace_id())
    do("updated", lambda: mlflow.get_trace(id).info)

    with mlflow.start_run(run_name="traced") as run:
        do("in a run", updates)
        do("run's trace", lambda: mlflow.get_trace(mlflow.get_last_active_trace_id()).info)
    place = [run.info.experiment_id]
    do("found by run", lambda: len(MlflowClient().search_traces(locations=place, run_id=run.info.run_id)))
    return id, run.info.run_id


def _imperative(do, client, experiment):
    span = do(
        "start trace",
        lambda: client.start_trace("by hand", inputs={"a": 1}, experiment_id=experiment, tags={"t": "1"}),
        show=lambda s: s.name,
    )
    id = span.trace_id
    child = do(
        "start span",
        lambda: client.start_span("child", id, span.span_id, inputs={"b": 2}),
        show=lambda s: s.name,
    )
    do("end span", lambda: client.end_span(id, child.span_id, outputs={"c": 3}, attributes={"z": [1, 2]}))
    do("end trace", lambda: client.end_trace(id, outputs={"d": 4}, status="OK"))
    do("by hand", lambda: client.get_trace(id))
    do("end again", lambda: client.end_trace(id))
    do("span of absent", lambda: client.start_span("x", "tr-" + "0" * 32, "0"))


def _tagged(do, client, id):
    do("tag", lambda: client.set_trace_tag(id, "k", "v"))
    do("tag again", lambda: client.set_trace_tag(id, "k", "v2"))
    do("tag with a number", lambda: client.set_trace_tag(id, "n", 5))
    do("tag of absent", lambda: client.set_trace_tag("tr-" + "0" * 32, "k", "v"))
    do("tag without key", lambda: client.set_trace_tag(id, "", "v"))
    do("long tag", lambda: client.set_trace_tag(id, "long", "v" * 9000))
    do("long key", lambda: client.set_trace_tag(id, "k" * 300, "v"))
    do("tag that is kept", lambda: client.set_trace_tag(id, "mlflow.traceName", "renamed"))
    do("delete tag", lambda: client.delete_trace_tag(id, "n"))
    do("delete tag again", lambda: client.delete_trace_tag(id, "n"))
    do("delete tag of absent", lambda: client.delete_trace_tag("tr-" + "0" * 32, "n"))
    do("tags", lambda: client.get_trace(id).info.tags)


def _linked(do, client, ids, run_id):
    do("link to run", lambda: client.link_traces_to_run(list(ids), run_id))
    do("link again", lambda: client.link_traces_to_run(list(ids), run_id))
    do("link absent", lambda: client.link_traces_to_run(["tr-" + "0" * 32], run_id))
    do("link to absent run", lambda: client.link_traces_to_run(list(ids), "0" * 32))
    do("link 101", lambda: client.link_traces_to_run(["tr-" + f"{i:032x}" for i in range(101)], run_id))
    do("link none", lambda: client.link_traces_to_run([], run_id))


def _deleted(do, client, experiment, ids):
    do("delete one", lambda: client.delete_traces(experiment, trace_ids=[ids[0]]))
    do("gone", lambda: mlflow.get_trace(ids[0], silent=True))
    do("delete it again", lambda: client.delete_traces(experiment, trace_ids=[ids[0]]))
    do("delete nothing", lambda: client.delete_traces(experiment))
    do("delete both ways", lambda: client.delete_traces(experiment, 5, trace_ids=["x"]))
    do("delete elsewhere", lambda: client.delete_traces("4711", trace_ids=[ids[1]]))
    do("delete before 1970", lambda: client.delete_traces(experiment, max_timestamp_millis=1))
    do("delete at most 0", lambda: client.delete_traces(experiment, max_timestamp_millis=2**52, max_traces=0))
    do("delete at most 1", lambda: client.delete_traces(experiment, max_timestamp_millis=2**52, max_traces=1))
    do("delete rest", lambda: client.delete_traces(experiment, max_timestamp_millis=2**52))
    do("left", lambda: len(client.search_traces([experiment])))


def steps(session):
    do, client = session.do, MlflowClient()
    experiment = do("experiment", lambda: mlflow.set_experiment("traced").experiment_id)
    do("none yet", lambda: mlflow.search_traces(max_results=5))
    first, nested = _traced(do)
    if session.major >= 3:
        id, run_id = _updated(do)
        _linked(do, client, (first, nested), run_id)
        _imperative(do, client, experiment)
    _tagged(do, client, nested)
    do("frame", lambda: sorted(mlflow.search_traces(max_results=3).columns))
    if session.major >= 3:
        _deleted(do, client, experiment, (first, nested))
