"""Feedback and expectations on traces."""

import mlflow
from mlflow import MlflowClient
from mlflow.entities import AssessmentError, AssessmentSource, Expectation, Feedback

HUMAN = AssessmentSource("HUMAN", "ann")
JUDGE = AssessmentSource("LLM_JUDGE", "gpt-x")
HIDDEN = ("execution_duration", "execution_duration_ms", "stack_trace")


def _trace():
    @mlflow.trace
    def asked(x):
        return x

    asked(1)
    return mlflow.get_last_active_trace_id()


def _logged(do, id):
    log = mlflow.log_feedback
    values = (True, False, 5, 0.5, "text", ["a", "b"], {"a": 1}, None)
    for index, value in enumerate(values):
        do(f"feedback {index}", lambda: log(trace_id=id, name=f"f{index}", value=value, source=HUMAN))
    first = do(
        "feedback", lambda: log(trace_id=id, name="quality", value=0.9, source=JUDGE, rationale="because")
    )
    do("same name again", lambda: log(trace_id=id, name="quality", value=0.1, source=JUDGE))
    do("default source", lambda: log(trace_id=id, name="code", value=1))
    do("default name", lambda: log(trace_id=id, value=1, source=HUMAN))
    do("with metadata", lambda: log(trace_id=id, name="meta", value=1, metadata={"k": "v"}, source=HUMAN))
    error = AssessmentError("E1", "it failed", "a stack")
    do("with error", lambda: log(trace_id=id, name="failed", error=error, source=JUDGE))
    do("with an exception", lambda: log(trace_id=id, name="raised", error=ValueError("x"), source=JUDGE))
    do("with neither", lambda: log(trace_id=id, name="neither", source=HUMAN))
    do("on a span", lambda: log(trace_id=id, name="span", value=1, span_id="0" * 16, source=HUMAN))
    do("of absent", lambda: log(trace_id="tr-" + "0" * 32, name="x", value=1, source=HUMAN))
    do("without name", lambda: log(trace_id=id, name="", value=1, source=HUMAN))
    do("with a long name", lambda: log(trace_id=id, name="n" * 300, value=1, source=HUMAN))
    for value in (42, "text", {"a": [1]}, [1, 2], True):
        do(
            f"expectation {value}",
            lambda: mlflow.log_expectation(trace_id=id, name="answer", value=value, source=HUMAN),
        )
    do(
        "expectation of nothing",
        lambda: mlflow.log_expectation(trace_id=id, name="none", value=None, source=HUMAN),
    )
    do("expectation of absent", lambda: mlflow.log_expectation(trace_id="tr-" + "0" * 32, name="x", value=1))
    do("bad source", lambda: log(trace_id=id, name="x", value=1, source=AssessmentSource("ROBOT", "r2")))
    return first


def _changed(do, id, first):
    own = first.assessment_id
    do("get", lambda: mlflow.get_assessment(id, own))
    do("get absent", lambda: mlflow.get_assessment(id, "a-" + "0" * 32))
    do("get of absent", lambda: mlflow.get_assessment("tr-" + "0" * 32, own))
    changed = Feedback(name="quality", value=0.2, rationale="on reflection", metadata={"m": "1"})
    do("update", lambda: mlflow.update_assessment(id, own, changed))
    do(
        "update as expectation",
        lambda: mlflow.update_assessment(id, own, Expectation(name="quality", value=1)),
    )
    do("update absent", lambda: mlflow.update_assessment(id, "a-" + "0" * 32, changed))
    do("update of absent", lambda: mlflow.update_assessment("tr-" + "0" * 32, own, changed))
    over = do(
        "override", lambda: mlflow.override_feedback(trace_id=id, assessment_id=own, value=1.0, source=HUMAN)
    )
    do("overridden", lambda: mlflow.get_assessment(id, own))
    do(
        "override absent",
        lambda: mlflow.override_feedback(trace_id=id, assessment_id="a-" + "0" * 32, value=1),
    )
    do("delete overriding", lambda: mlflow.delete_assessment(id, over.assessment_id))
    do("restored", lambda: mlflow.get_assessment(id, own))
    do("delete", lambda: mlflow.delete_assessment(id, own))
    do("delete again", lambda: mlflow.delete_assessment(id, own))
    do("delete of absent", lambda: mlflow.delete_assessment("tr-" + "0" * 32, own))
    do("deleted", lambda: mlflow.get_assessment(id, own))


def steps(session):
    do = session.do
    do("experiment", lambda: mlflow.set_experiment("assessed"))
    id = do("trace", _trace)
    first = _logged(do, id)
    _changed(do, id, first)
    found = do("in trace", lambda: mlflow.get_trace(id).info)
    do("names", lambda: [a.name for a in found.assessments])
    do(
        "in search",
        lambda: len(
            MlflowClient().search_traces([mlflow.get_trace(id).info.experiment_id])[0].info.assessments
        ),
    )
