"""Model versions: sources, stages, aliases, tags, search, deletion and numbers that are never used again."""

import mlflow
from mlflow import MlflowClient

AT = 1_600_000_000_000

FILTERS = (
    None,
    "",
    "name = 'v one'",
    "name LIKE 'v%'",
    "name ILIKE 'V%'",
    "name != 'v one'",
    "version_number = 1",
    "version_number > 1",
    "version_number >= 2 AND name = 'v one'",
    "version_number IN (1, 2)",
    "source_path LIKE '%files%'",
    "run_id = 'x'",
    "run_id IN ('x', 'y')",
    "tags.k = 'v'",
    "tags.k != 'v'",
    "tag.k = 'v'",
    "tags.k LIKE 'v%'",
    "tags.k = 'v' AND name = 'v one'",
    "name = 'v one' AND version_number = 1 AND tags.k = 'v'",
)
BAD_FILTERS = (
    "name",
    "name > 'a'",
    "version_number = 'x'",
    "version_number LIKE '1'",
    "version = 1",
    "run_id LIKE 'x%'",
    "run_id IN ()",
    "color = 'x'",
    "name = 'a' OR name = 'b'",
    "current_stage = 'Production'",
    "tags.k > 'a'",
    "name = 5",
)
ORDERS = (
    ["name"],
    ["name DESC", "version_number"],
    ["version_number"],
    ["version_number DESC"],
    ["creation_timestamp"],
    ["creation_timestamp DESC"],
    ["last_updated_timestamp DESC"],
    ["color"],
    ["version_number UP"],
    [""],
)


def _sources(do, client, run):
    id = run.info.run_id
    root = run.info.artifact_uri
    do("model", lambda: client.create_registered_model("v one"))
    do(
        "own files",
        lambda: client.create_model_version("v one", f"{root}/files", id, {"k": "v"}, description="about"),
    )
    do("runs uri", lambda: client.create_model_version("v one", f"runs:/{id}/files", id))
    do("without run", lambda: client.create_model_version("v one", f"{root}/files"))
    do("runs uri without run", lambda: client.create_model_version("v one", f"runs:/{id}/files"))
    do("another version", lambda: client.create_model_version("v one", "models:/v one/1"))
    do("another version absent", lambda: client.create_model_version("v one", "models:/v one/99"))
    do("absent model", lambda: client.create_model_version("absent", f"{root}/files", id))
    do("absent run", lambda: client.create_model_version("v one", f"{root}/files", "0" * 32))
    do("with a link", lambda: client.create_model_version("v one", "s3://b/p", run_link="http://x/run"))
    for source in (
        "s3://bucket/path",
        "/etc/passwd",
        "file:///etc/passwd",
        "../up",
        "http://host/model",
        "mlflow-artifacts:/x",
        "mlflow-artifacts:/../x",
        "mlflow-artifacts://host/x",
        "s3://bucket/../x",
        "s3://bucket/%2e%2e/x",
        "dbfs:/x",
        "",
        "relative/path",
        "models:/m-" + "0" * 32,
        "gs://b/p?x=1#f",
    ):
        do(f"source {source}"[:60], lambda: client.create_model_version("v one", source))
    do("model of long sources", lambda: client.create_registered_model("v long"))
    for length in (400, 1100):
        long = "s3://" + "x" * length
        do(f"source of {length}", lambda: client.create_model_version("v long", long).version)
    do("without it", lambda: client.delete_registered_model("v long"))
    do("long tag", lambda: client.create_model_version("v one", "s3://b/p", tags={"k": "v" * 100_001}))


def _read(do, client):
    do("get 1", lambda: client.get_model_version("v one", "1"))
    do("get 2", lambda: client.get_model_version("v one", 2))
    do("get 99", lambda: client.get_model_version("v one", "99"))
    do("get a word", lambda: client.get_model_version("v one", "first"))
    do("get 0", lambda: client.get_model_version("v one", "0"))
    do("get 1.5", lambda: client.get_model_version("v one", "1.5"))
    do("get of absent", lambda: client.get_model_version("absent", "1"))
    do("get nothing", lambda: client.get_model_version("v one", ""))
    do("uri", lambda: client.get_model_version_download_uri("v one", "1"))
    do("uri of 99", lambda: client.get_model_version_download_uri("v one", "99"))
    do("stages", lambda: client.get_model_version_stages("v one", "1"))
    do("latest", lambda: client.get_latest_versions("v one"))
    do("latest of stages", lambda: client.get_latest_versions("v one", ["Production", "None"]))
    do("latest of an odd stage", lambda: client.get_latest_versions("v one", ["Odd"]))
    do("latest of absent", lambda: client.get_latest_versions("absent"))
    do("describe", lambda: client.update_model_version("v one", "1", "other words"))
    do("describe with nothing", lambda: client.update_model_version("v one", "1", ""))
    do("describe 99", lambda: client.update_model_version("v one", "99", "x"))


def _staged(do, client):
    def to(version, stage, archive=False):
        return lambda: client.transition_model_version_stage("v one", version, stage, archive)

    do("to staging", to("1", "Staging"))
    do("to production", to("1", "Production"))
    do("second to production", to("2", "Production"))
    do("latest in production", lambda: client.get_latest_versions("v one", ["Production"]))
    do("in lower case", to("2", "staging"))
    do("archiving others", to("2", "Production", True))
    do("first then", lambda: client.get_model_version("v one", "1"))
    do("to none", to("2", "None"))
    do("to odd", to("2", "Odd"))
    do("to nothing", to("2", ""))
    do("archiving with archived", to("2", "Archived", True))
    do("archiving with none", to("2", "None", True))
    do("99", to("99", "Staging"))
    do("in model", lambda: client.get_registered_model("v one"))


def _aliased(do, client):
    def set_alias(alias, version="1", name="v one"):
        return lambda: client.set_registered_model_alias(name, alias, version)

    do("alias", set_alias("champion"))
    do("alias again", set_alias("champion"))
    do("alias moved", set_alias("champion", "2"))
    do("second alias", set_alias("Challenger_1-a", 2))
    for alias in (
        "latest",
        "LATEST",
        "v1",
        "V23",
        "v",
        "va1",
        "",
        "a b",
        "a.b",
        "ä",
        "a" * 255,
        "a" * 256,
        "1",
    ):
        do(f"alias {alias!r}"[:40], set_alias(alias))
    do("alias to 99", set_alias("x", "99"))
    do("alias of absent", set_alias("x", "1", "absent"))
    do("by alias", lambda: client.get_model_version_by_alias("v one", "champion"))
    do("by alias of another case", lambda: client.get_model_version_by_alias("v one", "Champion"))
    do("by absent alias", lambda: client.get_model_version_by_alias("v one", "nobody"))
    do("by alias of absent", lambda: client.get_model_version_by_alias("absent", "champion"))
    do("model with aliases", lambda: client.get_registered_model("v one"))
    do("version with aliases", lambda: client.get_model_version("v one", "2"))
    do("delete alias", lambda: client.delete_registered_model_alias("v one", "Challenger_1-a"))
    do("delete alias again", lambda: client.delete_registered_model_alias("v one", "Challenger_1-a"))
    do("delete alias of absent", lambda: client.delete_registered_model_alias("absent", "x"))


def _tagged(do, client):
    do("tag", lambda: client.set_model_version_tag("v one", "1", "k", "v2"))
    do("tag with a number", lambda: client.set_model_version_tag("v one", 1, "n", 5))
    do("tag of 99", lambda: client.set_model_version_tag("v one", "99", "k", "v"))
    do("tag by stage", lambda: client.set_model_version_tag("v one", key="s", value="v", stage="Archived"))
    do("tag without key", lambda: client.set_model_version_tag("v one", "1", "", "v"))
    do("tag of 100001", lambda: client.set_model_version_tag("v one", "1", "long", "v" * 100_001))
    do("delete tag", lambda: client.delete_model_version_tag("v one", "1", "n"))
    do("delete tag again", lambda: client.delete_model_version_tag("v one", "1", "n"))
    do("delete tag of 99", lambda: client.delete_model_version_tag("v one", "99", "n"))
    do("tags", lambda: client.get_model_version("v one", "1").tags)


def _searched(do, client):
    def names(versions):
        return [f"{v.name} {v.version}" for v in versions] + ["more" if versions.token else "end"]

    def within(order):
        return (
            [*order, "name", "version_number DESC"] if order[0].split(" ")[0].endswith("timestamp") else order
        )

    for text in (*FILTERS, *BAD_FILTERS):
        do(f"search {text}", lambda: client.search_model_versions(text), show=names)
    for order in ORDERS:
        do(f"order {order}", lambda: client.search_model_versions(order_by=within(order)), show=names)
    do("whole objects", lambda: client.search_model_versions("name = 'v one' AND version_number < 3"))
    page = do(
        "first page", lambda: client.search_model_versions(max_results=2, order_by=["name"]), show=names
    )
    do(
        "second page",
        lambda: client.search_model_versions(max_results=2, order_by=["name"], page_token=page.token),
        show=names,
    )
    do("a bad page", lambda: client.search_model_versions(page_token="x!"), show=names)
    for count in (0, -1, 200_001):
        do(f"{count} results", lambda: client.search_model_versions(max_results=count), show=names)
    do("top level", lambda: mlflow.search_model_versions(filter_string="name = 'v one'"), show=len)
    do("top level models", lambda: mlflow.search_registered_models(filter_string="name = 'v one'"), show=len)


def _ended(do, client):
    newest = do("newest", lambda: client.create_model_version("v one", "s3://b/last"))
    do("alias newest", lambda: client.set_registered_model_alias("v one", "newest", newest.version))
    do("delete newest", lambda: client.delete_model_version("v one", newest.version))
    do("its alias", lambda: client.get_model_version_by_alias("v one", "newest"))
    do("delete again", lambda: client.delete_model_version("v one", newest.version))
    do("deleted", lambda: client.get_model_version("v one", newest.version))
    do("next", lambda: client.create_model_version("v one", "s3://b/next"))
    do("rename model", lambda: client.rename_registered_model("v one", "v renamed"))
    do("version moved", lambda: client.get_model_version("v renamed", "1"))
    do("alias moved along", lambda: client.get_model_version_by_alias("v renamed", "champion"))
    do("old name", lambda: client.get_model_version("v one", "1"))
    do("delete model", lambda: client.delete_registered_model("v renamed"))
    do("version of deleted", lambda: client.get_model_version("v renamed", "1"))
    do("model anew", lambda: client.create_registered_model("v renamed"))
    do("first anew", lambda: client.create_model_version("v renamed", "s3://b/p"))


def _of_logged_model(do, client, experiment):
    model = do(
        "logged model", lambda: client.create_logged_model(experiment, name="for version", params={"p": "1"})
    )
    id = model.model_id
    do("from models uri", lambda: client.create_model_version("v renamed", f"models:/{id}"))
    do(
        "from its files",
        lambda: client.create_model_version("v renamed", model.artifact_location, model_id=id),
    )
    do(
        "with absent model",
        lambda: client.create_model_version("v renamed", "s3://b/p", model_id="m-" + "0" * 32),
    )
    do("version of it", lambda: client.search_model_versions("name = 'v renamed'"))
    do("register", lambda: mlflow.register_model(f"models:/{id}", "v renamed"))


def steps(session):
    do, client = session.do, MlflowClient()
    experiment = do("experiment", lambda: client.create_experiment("versions"))
    run = do("run", lambda: client.create_run(experiment, AT, run_name="versions"))
    do("files", lambda: client.log_text(run.info.run_id, "weights", "files/w.txt"))
    _sources(do, client, run)
    for part in (_read, _staged, _aliased, _tagged, _searched, _ended):
        part(do, client)
    if session.major >= 3:
        _of_logged_model(do, client, experiment)
