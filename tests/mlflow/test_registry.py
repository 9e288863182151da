"""Registered models, versions, stages, aliases: MLflow's client. Run by tests/test_mlflow_tracking.py."""

import uuid

import pytest
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException


@pytest.fixture
def client():
    return MlflowClient()


@pytest.fixture
def name():
    return f"model-{uuid.uuid4().hex}"


@pytest.fixture
def model(client, name):
    """The name of a new model with three versions."""
    client.create_registered_model(name, tags={"team": "support"}, description="answers")
    for n in range(3):
        client.create_model_version(name, f"s3://bucket/{n}", tags={"n": str(n)})
    return name


def refused(code, call, *arguments, **options):
    with pytest.raises(MlflowException) as refusal:
        call(*arguments, **options)
    assert refusal.value.error_code == code, refusal.value
    return str(refusal.value)


def test_a_model_reads_back(client, model):
    read = client.get_registered_model(model)
    assert (read.name, read.description, read.tags) == (model, "answers", {"team": "support"})
    assert [v.version for v in read.latest_versions] in ([3], ["3"])
    assert read.creation_timestamp <= read.last_updated_timestamp


def test_a_name_is_taken_once(client, model):
    assert "already exists" in refused("RESOURCE_ALREADY_EXISTS", client.create_registered_model, model)


def test_what_is_not_there_does_not_exist(client, name):
    refused("RESOURCE_DOES_NOT_EXIST", client.get_registered_model, name)
    refused("RESOURCE_DOES_NOT_EXIST", client.get_model_version, name, "1")
    refused("RESOURCE_DOES_NOT_EXIST", client.create_model_version, name, "s3://bucket/x")


def test_a_model_is_renamed_described_and_deleted(client, model, name):
    new_name = name + "-renamed"
    client.rename_registered_model(model, new_name)
    client.update_registered_model(new_name, "better answers")
    assert client.get_registered_model(new_name).description == "better answers"
    assert client.get_model_version(new_name, "2").source == "s3://bucket/1"
    client.delete_registered_model(new_name)
    refused("RESOURCE_DOES_NOT_EXIST", client.get_registered_model, new_name)


def test_a_version_reads_back_and_changes(client, model):
    version = client.get_model_version(model, "2")
    assert (version.source, version.tags, version.status) == ("s3://bucket/1", {"n": "1"}, "READY")
    client.update_model_version(model, "2", "second")
    assert client.get_model_version(model, "2").description == "second"
    client.set_model_version_tag(model, "2", "checked", "yes")
    client.delete_model_version_tag(model, "2", "n")
    assert client.get_model_version(model, "2").tags == {"checked": "yes"}
    assert client.get_model_version_download_uri(model, "2") == "s3://bucket/1"


def test_a_deleted_number_is_not_given_again(client, model):
    client.delete_model_version(model, "3")
    refused("RESOURCE_DOES_NOT_EXIST", client.get_model_version, model, "3")
    assert int(client.create_model_version(model, "s3://bucket/4").version) == 4


def test_aliases_move(client, model):
    client.set_registered_model_alias(model, "champion", "1")
    assert int(client.get_model_version_by_alias(model, "champion").version) == 1
    client.set_registered_model_alias(model, "champion", "2")
    assert client.get_registered_model(model).aliases in ({"champion": 2}, {"champion": "2"})
    assert client.get_model_version(model, "2").aliases == ["champion"]
    client.delete_registered_model_alias(model, "champion")
    refused("INVALID_PARAMETER_VALUE", client.get_model_version_by_alias, model, "champion")


def test_stages_of_old_clients(client, model):
    client.transition_model_version_stage(model, "1", "Production")
    client.transition_model_version_stage(model, "2", "Production", archive_existing_versions=True)
    stages = {int(v.version): v.current_stage for v in client.search_model_versions(f"name = '{model}'")}
    assert stages == {1: "Archived", 2: "Production", 3: "None"}
    assert [int(v.version) for v in client.get_latest_versions(model, ["Production"])] == [2]
    refused("INVALID_PARAMETER_VALUE", client.transition_model_version_stage, model, "1", "Elsewhere")


def test_versions_are_searched(client, model):
    def found(text, **options):
        versions = client.search_model_versions(f"name = '{model}' AND {text}", **options)
        return [int(v.version) for v in versions]

    assert found("tags.n = '1'") == [2]
    assert found("source_path LIKE '%/2'") == [3]
    assert sorted(found("tags.n != '1'")) == [1, 3]
    assert found("name ILIKE 'MODEL-%'", order_by=["version_number ASC"]) == [1, 2, 3]
    refused("INVALID_PARAMETER_VALUE", client.search_model_versions, "colour = 'red'")


def test_models_are_searched_in_pages(client, name):
    for n in range(5):
        client.create_registered_model(f"{name}-{n}", tags={"n": str(n)})
    names, token = [], None
    while True:
        page = client.search_registered_models(f"name LIKE '{name}%'", max_results=2, page_token=token)
        names += [m.name for m in page]
        token = page.token
        if not token:
            break
    assert names == [f"{name}-{n}" for n in range(5)]
    tagged = client.search_registered_models(f"name LIKE '{name}%' AND tags.n = '3'")
    assert [m.name for m in tagged] == [f"{name}-3"]


def test_a_version_is_copied(client, model, name):
    copy = client.copy_model_version(f"models:/{model}/1", name + "-copy")
    assert int(copy.version) == 1
    assert client.get_model_version_download_uri(name + "-copy", "1") == "s3://bucket/0"


def test_local_and_foreign_sources_are_refused(client, model):
    for source in ("/etc/passwd", "http://169.254.169.254/x", "s3://bucket/../x", "models:/none/1"):
        with pytest.raises(MlflowException):
            client.create_model_version(model, source)
