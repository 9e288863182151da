"""`penstock data validate` against the real Great Expectations: generated cases, equal field by field."""

import json
import math
import os
import re
import subprocess
from collections import defaultdict

import pytest
from expectations import cases, data
from harness.programs import ROOT, binary

CASES_MIN = 600
TOLERANCE = 1e-9

# Lists whose order the package takes from a Python set.
UNORDERED = {"partial_missing_list"}


@pytest.fixture(scope="session")
def data_python(clients):
    """Runs the interpreter that has Great Expectations and pandas."""
    return lambda arguments: subprocess.run([clients["python_data"], *arguments], check=True)


@pytest.fixture(scope="session")
def judged(data_python, tmp_path_factory):
    """All cases, each with the package's result and ours."""
    folder = tmp_path_factory.mktemp("parity")
    every = cases.generate(data.write(folder, data_python))
    (folder / "cases.json").write_text(json.dumps(every))
    data_python([ROOT / "tests/expectations/oracle.py", folder / "cases.json", folder / "theirs.json"])
    theirs = json.loads((folder / "theirs.json").read_text())
    return list(zip(every, theirs, ours(folder, every), strict=True))


def ours(folder, every):
    """One run of the command per file, with all its cases as one suite."""
    by_file = defaultdict(list)
    for index, case in enumerate(every):
        by_file[case["data"]].append(index)
    results = [None] * len(every)
    for path, indices in by_file.items():
        suite = folder / "suite.json"
        expectations = [
            {
                "type": every[i]["type"],
                "kwargs": {**every[i]["kwargs"], "result_format": every[i]["result_format"]},
            }
            for i in indices
        ]
        suite.write_text(json.dumps({"name": "parity", "expectations": expectations}))
        command = [binary(), "data", "validate", path, "--suite", suite, "--json"]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=300)
        assert done.returncode in (0, 1), done.stderr
        for index, result in zip(indices, json.loads(done.stdout)["results"], strict=True):
            raised = result["exception_info"]["exception_message"]
            results[index] = {"success": result["success"], "result": result["result"], "raised": raised}
    return results


def in_order(key, value):
    return sorted(value, key=str) if key in UNORDERED and isinstance(value, list) else value


def equal(theirs, mine):
    if isinstance(theirs, bool) or isinstance(mine, bool):
        return theirs == mine
    if isinstance(theirs, int | float) and isinstance(mine, int | float):
        return math.isclose(theirs, mine, rel_tol=TOLERANCE, abs_tol=TOLERANCE)
    if isinstance(theirs, dict) and isinstance(mine, dict):
        return theirs.keys() == mine.keys() and all(
            equal(in_order(key, value), in_order(key, mine[key])) for key, value in theirs.items()
        )
    if isinstance(theirs, list) and isinstance(mine, list):
        return len(theirs) == len(mine) and all(map(equal, theirs, mine))
    if theirs == "NaT":  # a missing time, which the package writes as a text
        return mine is None
    return theirs == mine


def difference(case, theirs, mine):
    """Why a case is not equal; None where it is."""
    if bool(theirs["raised"]) != bool(mine["raised"]):
        return f"raised {theirs['raised']!r} | {mine['raised']!r}"
    if theirs["raised"]:
        return None
    if theirs["success"] != mine["success"]:
        return f"success {theirs['success']} | {mine['success']}, {theirs['result']} | {mine['result']}"
    for key in theirs["result"].keys() | mine["result"].keys():
        a, b = theirs["result"].get(key, "absent"), mine["result"].get(key, "absent")
        if not equal({key: a}, {key: b}):
            return f"{key}: {a} | {b}"
    return None


def test_results_are_those_of_great_expectations(judged):
    assert len(judged) >= CASES_MIN
    differing = []
    for case, theirs, mine in judged:
        why = difference(case, theirs, mine)
        if why:
            name = case["data"].rsplit("/", 1)[-1]
            differing.append(f"{name} {case['type']} {case['kwargs']} {case['result_format']}\n    {why}")
    print(f"{len(judged) - len(differing)} of {len(judged)} cases are equal")
    assert not differing, f"{len(differing)} of {len(judged)} differ:\n" + "\n".join(differing[:40])


def test_a_suite_that_great_expectations_wrote_is_read(data_python, tmp_path):
    script = (
        "import os, sys; os.environ['GX_ANALYTICS_ENABLED'] = 'False'\n"
        "import great_expectations as gx\n"
        "gx.get_context(mode='ephemeral')\n"
        "suite = gx.ExpectationSuite(name='users')\n"
        "suite.add_expectation(gx.expectations.ExpectColumnValuesToNotBeNull(column='user_id'))\n"
        "suite.add_expectation(gx.expectations.ExpectColumnMeanToBeBetween(column='age', min_value=18,"
        " max_value=65))\n"
        "import json; json.dump(suite.to_json_dict(), open(sys.argv[1], 'w'))\n"
    )
    suite = tmp_path / "suite.json"
    data_python(["-c", script, suite])
    (tmp_path / "users.csv").write_text("user_id,age\n1,30\n2,40\n")
    command = [binary(), "data", "validate", tmp_path / "users.csv", "--suite", suite]
    assert subprocess.run(command, timeout=60).returncode == 0
    (tmp_path / "users.csv").write_text("user_id,age\n1,30\n,40\n")
    assert subprocess.run(command, timeout=60).returncode == 1


def test_a_proposed_suite_is_read_by_great_expectations(data_python, tmp_path):
    (tmp_path / "users.csv").write_text("user_id,age\n1,30\n2,40\n")
    proposed = tmp_path / "profile.json"
    command = [binary(), "data", "profile", tmp_path / "users.csv", "--output", proposed]
    assert subprocess.run(command, timeout=60).returncode == 0
    script = (
        "import os, sys, json; os.environ['GX_ANALYTICS_ENABLED'] = 'False'\n"
        "import great_expectations as gx, pandas as pd\n"
        "context = gx.get_context(mode='ephemeral')\n"
        "suite = context.suites.add(gx.ExpectationSuite(**json.load(open(sys.argv[1]))))\n"
        "asset = context.data_sources.add_pandas('p').add_dataframe_asset('a')\n"
        "batch = asset.add_batch_definition_whole_dataframe('b')\n"
        "batch = batch.get_batch({'dataframe': pd.read_csv(sys.argv[2])})\n"
        "assert batch.validate(suite).success\n"
    )
    data_python(["-c", script, proposed, tmp_path / "users.csv"])


def test_the_documented_python_halts_a_pipeline(data_python, clients, tmp_path):
    page = (ROOT / "docs/data_validation.md").read_text()
    script = re.search(r"^```python\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)[1]
    (tmp_path / "penstock").symlink_to(binary())
    env = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    command = [clients["python_data"], "-c", script]
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    halted = [line.rsplit(" ", 1)[1] for line in done.stdout.splitlines()]
    assert halted == [
        "expect_column_values_to_not_be_null",
        "expect_column_mean_to_be_between",
        "expect_column_values_to_be_in_set",
    ]
