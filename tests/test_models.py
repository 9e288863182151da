"""Models on the command line: importing, listing, and fewer bits per weight with what that loses."""

import json

import pytest
from harness.programs import run


def test_an_imported_model_is_listed_once_however_often_it_is_imported(weights, tmp_path):
    for _ in range(2):
        done = run(
            "models",
            "import",
            weights,
            "--name",
            "mine",
            "--licence",
            "Apache-2.0",
            "--data",
            tmp_path,
            "--json",
        )
        assert done.returncode == 0, done.stderr
    imported = json.loads(done.stdout)
    listed = json.loads(run("models", "list", "--data", tmp_path, "--json").stdout)["models"]
    assert [(model["name"], model["version"]) for model in listed] == [("mine", 1)]
    assert imported["digest"] == listed[0]["digest"] and listed[0]["licence"] == "Apache-2.0"


@pytest.mark.parametrize("content", [b"", b"GGUF", b"GGUFbroken", b"\x00" * 100, b"not a model"], ids=repr)
def test_a_file_that_is_no_model_is_refused_with_its_name(tmp_path, content):
    file = tmp_path / "model.gguf"
    file.write_bytes(content)
    done = run("models", "import", file, "--data", tmp_path / "data")
    assert done.returncode != 0 and "model.gguf" in done.stderr
    assert json.loads(run("models", "list", "--data", tmp_path / "data", "--json").stdout)["models"] == []


def test_quantising_what_is_quantised_already_has_to_be_allowed(weights, tmp_path):
    done = run("models", "quantize", weights, tmp_path / "q.gguf", "--to", "q4_0")
    assert done.returncode != 0 and "quantised already" in done.stderr
    assert not (tmp_path / "q.gguf").exists()


def test_quantising_tells_sizes_and_what_is_lost(weights, tmp_path):
    allowed = ["--to", "q4_0", "--requantize", "--threads", "1", "--json"]
    done = run("models", "quantize", weights, tmp_path / "q.gguf", *allowed, timeout=110)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["input_bytes"] == weights.stat().st_size
    assert report["output_bytes"] == (tmp_path / "q.gguf").stat().st_size < report["input_bytes"]
    assert 0 < report["mean_kl"] < report["p99_kl"] <= report["max_kl"]
    assert 0.3 < report["top1_agreement"] < 1
    assert report["perplexity_candidate"] > report["perplexity_reference"] > 1
