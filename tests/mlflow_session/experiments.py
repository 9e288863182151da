"""Experiments: made, found, changed, deleted, restored, searched; tags."""

import mlflow
from mlflow import MlflowClient
from mlflow.entities import ViewType

FILTERS = (
    None,
    "",
    "name = 'alpha'",
    "name != 'alpha'",
    "name LIKE 'al%'",
    "name ILIKE 'AL%'",
    "name LIKE '%_ta'",
    "attribute.name = 'beta'",
    "attr.name = 'beta'",
    'name = "beta"',
    "creation_time > 0",
    "creation_time < 1000",
    "last_update_time >= 0",
    "creation_time = 5",
    "tags.team = 'search'",
    "tag.team != 'search'",
    "tags.team LIKE 'sea%'",
    "tags.`with space` = 'x'",
    "tags.team = 'search' AND name = 'alpha'",
    "name = 'alpha' and tags.team = 'search'",
    "name = 'it''s'",
    "name LIKE 'a\\_%'",
    "tags.absent != 'x'",
    "name IS NULL",
    "tags.team IS NULL",
    "tags.team IS NOT NULL",
)
BAD_FILTERS = (
    "name",
    "name =",
    "= 'alpha'",
    "name = alpha",
    "name > 'alpha'",
    "name = 5",
    "creation_time = 'x'",
    "creation_time LIKE '1%'",
    "metrics.m > 1",
    "params.p = 'x'",
    "color = 'x'",
    "name = 'a' OR name = 'b'",
    "name = 'a', name = 'b'",
    "(name = 'a')",
    "NOT name = 'a'",
    "name IN ('alpha', 'beta')",
    "name = 'a' AND",
    "name == 'a'",
    "tags. = 'a'",
    "name = 'unclosed",
    "name ~ 'a'",
    "1 = 1",
    "tags.team = 5",
    ";",
)
ORDERS = (
    ["name ASC"],
    ["name DESC"],
    ["experiment_id ASC"],
    ["experiment_id DESC"],
    ["creation_time ASC"],
    ["last_update_time DESC"],
    ["creation_time DESC", "name"],
    ["attribute.name"],
    ["name asc"],
)
BAD_ORDERS = (["color"], ["name UP"], ["tags.team"], [""], ["name ASC DESC"], ["metrics.a"])


def _made(do, client):
    do("create alpha", lambda: client.create_experiment("alpha"))
    do(
        "create beta with tags",
        lambda: client.create_experiment("beta", tags={"team": "search", "with space": "x"}),
    )
    do(
        "create with location",
        lambda: client.create_experiment("elsewhere", artifact_location="mlflow-artifacts:/own"),
    )
    do("create alpha again", lambda: client.create_experiment("alpha"))
    do("create without name", lambda: client.create_experiment(""))
    do("create with null name", lambda: client.create_experiment(None))
    do("create with number as name", lambda: client.create_experiment(5))
    do("create of 500 characters", lambda: client.create_experiment("n" * 500))
    do("create of 501 characters", lambda: client.create_experiment("n" * 501))
    do("create with a slash", lambda: client.create_experiment("team/one"))
    do("create in Greek", lambda: client.create_experiment("πείραμα"))
    do("create with a quote", lambda: client.create_experiment("it's"))
    do("create with an escape", lambda: client.create_experiment("a_b"))
    do("create with spaces around", lambda: client.create_experiment("  spaced  "))
    do(
        "create at a bad location",
        lambda: client.create_experiment("bad1", artifact_location="mlflow-artifacts:/a#b"),
    )
    do(
        "create at a climbing location",
        lambda: client.create_experiment("bad2", artifact_location="mlflow-artifacts:/../x"),
    )
    do("create with too long a tag", lambda: client.create_experiment("bad3", tags={"k": "v" * 5001}))
    do("create with a tag of 5000", lambda: client.create_experiment("tag5000", tags={"k": "v" * 5000}))
    do("create with too long a tag key", lambda: client.create_experiment("bad4", tags={"k" * 251: "v"}))


def _found(do, client):
    do("default", lambda: client.get_experiment("0"))
    do("get alpha", lambda: client.get_experiment("1"))
    do("by name alpha", lambda: client.get_experiment_by_name("alpha"))
    do("by name beta", lambda: client.get_experiment_by_name("beta"))
    do("by name of another case", lambda: client.get_experiment_by_name("Alpha"))
    do("by absent name", lambda: client.get_experiment_by_name("nowhere"))
    do("get absent", lambda: client.get_experiment("4711"))
    do("get a word", lambda: client.get_experiment("alpha"))
    do("get nothing", lambda: client.get_experiment(""))
    do("get a negative", lambda: client.get_experiment("-1"))
    do("own location", lambda: client.get_experiment_by_name("elsewhere"))
    do("top level get", lambda: mlflow.get_experiment("2"))
    do("top level by name", lambda: mlflow.get_experiment_by_name("beta"))


def _tagged(do, client):
    do("set tag", lambda: client.set_experiment_tag("1", "team", "search"))
    do("set tag again", lambda: client.set_experiment_tag("1", "team", "ranking"))
    do("set number as tag", lambda: client.set_experiment_tag("1", "count", 5))
    do("set empty tag", lambda: client.set_experiment_tag("1", "empty", ""))
    do("set tag of 5000", lambda: client.set_experiment_tag("1", "long", "v" * 5000))
    do("set tag of 5001", lambda: client.set_experiment_tag("1", "long", "v" * 5001))
    do("set tag without key", lambda: client.set_experiment_tag("1", "", "x"))
    do("set tag with a bad key", lambda: client.set_experiment_tag("1", "a*b", "x"))
    do("set tag with a climbing key", lambda: client.set_experiment_tag("1", "../a", "x"))
    do("set tag of absent", lambda: client.set_experiment_tag("4711", "a", "x"))
    do("tags now", lambda: client.get_experiment("1"))
    do("delete tag", lambda: client.delete_experiment_tag("1", "count"))
    do("delete absent tag", lambda: client.delete_experiment_tag("1", "count"))
    do("delete tag of absent", lambda: client.delete_experiment_tag("4711", "count"))
    do("delete long tag", lambda: client.delete_experiment_tag("1", "long"))
    do("tags after", lambda: client.get_experiment("1").tags)


def _ended(do, client):
    gone = do("create for deletion", lambda: client.create_experiment("gone"))
    run = do("a run in it", lambda: client.create_run(gone, start_time=1000))
    do("delete", lambda: client.delete_experiment(gone))
    do("delete again", lambda: client.delete_experiment(gone))
    do("deleted by id", lambda: client.get_experiment(gone))
    do("deleted by name", lambda: client.get_experiment_by_name("gone"))
    do("its run", lambda: client.get_run(run.info.run_id).info)
    do("create over deleted", lambda: client.create_experiment("gone"))
    do("tag of deleted", lambda: client.set_experiment_tag(gone, "a", "b"))
    do("run in deleted", lambda: client.create_run(gone))
    do("set deleted", lambda: mlflow.set_experiment("gone"))
    do("restore", lambda: client.restore_experiment(gone))
    do("restore again", lambda: client.restore_experiment(gone))
    do("its run restored", lambda: client.get_run(run.info.run_id).info)
    do("rename", lambda: client.rename_experiment(gone, "came back"))
    do("rename to another's", lambda: client.rename_experiment(gone, "alpha"))
    do("rename to nothing", lambda: client.rename_experiment(gone, ""))
    do("rename to the same", lambda: client.rename_experiment(gone, "came back"))
    do("rename absent", lambda: client.rename_experiment("4711", "x"))
    do("renamed", lambda: client.get_experiment(gone))
    do("delete absent", lambda: client.delete_experiment("4711"))
    do("restore absent", lambda: client.restore_experiment("4711"))
    do("delete for good", lambda: client.delete_experiment(gone))


def _searched(do, client):
    for text in (*FILTERS, *BAD_FILTERS):
        do(f"search {text}", lambda: client.search_experiments(filter_string=text), show=_names)
    for order in (*ORDERS, *BAD_ORDERS):
        do(f"order {order}", lambda: client.search_experiments(order_by=order), show=_names)
    for view in (ViewType.ACTIVE_ONLY, ViewType.DELETED_ONLY, ViewType.ALL):
        do(f"view {view}", lambda: client.search_experiments(view_type=view), show=_names)
    do("whole objects", lambda: client.search_experiments(filter_string="name LIKE '%eta'"))
    page = do("first page", lambda: client.search_experiments(max_results=3), show=_names)
    do("second page", lambda: client.search_experiments(max_results=3, page_token=page.token), show=_names)
    do("a bad page", lambda: client.search_experiments(max_results=3, page_token="abc"), hidden=())
    for count in (0, -1, 50_000, 50_001):
        do(f"{count} results", lambda: client.search_experiments(max_results=count), show=_names)
    do("top level search", lambda: mlflow.search_experiments(max_results=2), show=len)


def _names(experiments):
    return [e.name for e in experiments] + ["more" if experiments.token else "end"]


def _chosen(do):
    do("set new", lambda: mlflow.set_experiment("chosen"))
    do("set again", lambda: mlflow.set_experiment("chosen"))
    do("set by id", lambda: mlflow.set_experiment(experiment_id="1"))
    do("set absent id", lambda: mlflow.set_experiment(experiment_id="4711"))
    do("set neither", lambda: mlflow.set_experiment())
    do("set both", lambda: mlflow.set_experiment("alpha", experiment_id="1"))
    do("set tags", lambda: mlflow.set_experiment_tags({"a": "1", "b": 2}))
    do("set tag", lambda: mlflow.set_experiment_tag("c", 3.5))
    do("create at top level", lambda: mlflow.create_experiment("top level", tags={"x": "y"}))
    do("delete at top level", lambda: mlflow.delete_experiment("1"))
    do("back", lambda: MlflowClient().restore_experiment("1"))
    do("chosen now", lambda: MlflowClient().get_experiment("1"))


def steps(session):
    client = MlflowClient()
    for part in (_made, _found, _tagged, _ended, _searched):
        part(session.do, client)
    _chosen(session.do)
