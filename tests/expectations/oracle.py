"""Judges cases with the real Great Expectations. Runs in the environment of requirements_data.txt:

    python oracle.py CASES.json RESULTS.json

A case is {"data": PATH, "type": ..., "kwargs": ..., "result_format": ...}; its result {"success", "result",
"raised"}. Where the package itself raises, by pydantic or later, `raised` is the message.
"""

import json
import os
import sys
import warnings

os.environ["GX_ANALYTICS_ENABLED"] = "False"  # or it waits for a host that no test may reach
warnings.filterwarnings("ignore")

import great_expectations as gx  # noqa: E402
import pandas as pd  # noqa: E402

READERS = {
    ".csv": pd.read_csv,
    ".parquet": pd.read_parquet,
    ".jsonl": lambda path: pd.read_json(path, lines=True),
}
CLASSES = {"expect_column_kl_divergence_to_be_less_than": "ExpectColumnKLDivergenceToBeLessThan"}


def expectation_of(case):
    name = CLASSES.get(case["type"]) or "".join(part.title() for part in case["type"].split("_"))
    return getattr(gx.expectations, name)(**case["kwargs"])


def message_of(info):
    """The exceptions of a result stand under the ids of its metrics, or alone."""
    if info.get("raised_exception"):
        return info["exception_message"]
    found = [entry["exception_message"] for entry in info.values() if isinstance(entry, dict)]
    return found[0] if found else None


def judge(batch, case):
    try:
        result = batch.validate(expectation_of(case), result_format=case["result_format"]).to_json_dict()
    except Exception as error:  # what the package raises is what is compared
        return {"success": False, "result": {}, "raised": f"{type(error).__name__}: {error}"}
    raised = message_of(result["exception_info"])
    success = result["success"] in (True, "True")  # a numpy bool of quantiles comes as text
    return {"success": success, "result": result["result"], "raised": raised}


def main(cases_path, results_path):
    with open(cases_path) as file:
        cases = json.load(file)
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    source = context.data_sources.add_pandas("source")
    batches = {}
    results = []
    for case in cases:
        path = case["data"]
        if path not in batches:
            frame = READERS[os.path.splitext(path)[1]](path)
            asset = source.add_dataframe_asset(f"asset {len(batches)}")
            definition = asset.add_batch_definition_whole_dataframe("whole")
            batches[path] = definition.get_batch({"dataframe": frame})
        results.append(judge(batches[path], case))
    with open(results_path, "w") as file:
        json.dump(results, file, default=lambda value: None if value is pd.NaT else str(value))


if __name__ == "__main__":
    main(*sys.argv[1:])
