"""Registered models: made, changed, searched, their tags and aliases."""

from mlflow import MlflowClient

FILTERS = (
    None,
    "",
    "name = 'm one'",
    "name != 'm one'",
    "name LIKE 'm%'",
    "name ILIKE 'M%'",
    "name LIKE '%two'",
    "tags.team = 'a'",
    "tags.team != 'a'",
    "tag.team = 'a'",
    "tags.team LIKE 'a%'",
    "tags.team = 'a' AND name LIKE 'm%'",
    "tags.`with space` = 'x'",
    "name = 'it''s'",
    "tags.absent = 'x'",
    "tags.`mlflow.prompt.is_prompt` = 'true'",
    "tags.`mlflow.prompt.is_prompt` != 'true'",
)
BAD_FILTERS = (
    "name",
    "name > 'a'",
    "name = a",
    "name = 5",
    "color = 'x'",
    "name = 'a' OR name = 'b'",
    "tags.team > 'a'",
    "tags.team = 5",
    "name IN ('a')",
    "creation_timestamp > 5",
    "metrics.a > 1",
    "attribute.name = 'm one'",
    "version_number = 1",
    "name = 'a' AND",
)
ORDERS = (
    ["name"],
    ["name DESC"],
    ["creation_timestamp"],
    ["creation_timestamp DESC"],
    ["last_updated_timestamp"],
    ["timestamp DESC"],
    ["last_updated_timestamp DESC", "name"],
    ["color"],
    ["name UP"],
    ["tags.team"],
    [""],
    ["name", "name DESC"],
)


def _made(do, client):
    do("create", lambda: client.create_registered_model("m one", {"team": "a", "n": 5}, "about one"))
    do("create again", lambda: client.create_registered_model("m one"))
    do("create plain", lambda: client.create_registered_model("m two"))
    for name in (
        "",
        "a/b",
        "a:b",
        "a.b",
        "it's",
        "größe",
        " spaced ",
        "n" * 256,
        "n" * 257,
        "..",
        "x" * 1001,
    ):
        do(f"create {name!r}"[:40], lambda: client.create_registered_model(name))
    for name in ("n" * 257, "x" * 1001):  # so that what follows is the same where they are refused
        do(f"delete {name!r}"[:40], lambda: client.delete_registered_model(name))
    do("create with null", lambda: client.create_registered_model(None))
    do("create with a number", lambda: client.create_registered_model(5))
    do("create with a long tag", lambda: client.create_registered_model("lt", {"t": "v" * 100_001}))
    do("create with a long tag key", lambda: client.create_registered_model("lk", {"k" * 251: "v"}))
    do("create with an empty tag key", lambda: client.create_registered_model("ek", {"": "v"}))
    do("get", lambda: client.get_registered_model("m one"))
    do("get absent", lambda: client.get_registered_model("absent"))
    do("get nothing", lambda: client.get_registered_model(""))
    do("get of another case", lambda: client.get_registered_model("M ONE"))


def _changed(do, client):
    do("describe", lambda: client.update_registered_model("m one", "new words"))
    do("describe with nothing", lambda: client.update_registered_model("m one", ""))
    do("describe with null", lambda: client.update_registered_model("m one", None))
    do("describe absent", lambda: client.update_registered_model("absent", "x"))
    do("create to rename", lambda: client.create_registered_model("old name", {"team": "a"}))
    do("rename", lambda: client.rename_registered_model("old name", "new name"))
    do("rename absent", lambda: client.rename_registered_model("old name", "x"))
    do("rename onto another", lambda: client.rename_registered_model("new name", "m one"))
    do("rename to nothing", lambda: client.rename_registered_model("new name", ""))
    do("rename to itself", lambda: client.rename_registered_model("new name", "new name"))
    do("rename to odd", lambda: client.rename_registered_model("new name", "a/b"))
    do("renamed", lambda: client.get_registered_model("new name"))
    do("delete", lambda: client.delete_registered_model("new name"))
    do("deleted", lambda: client.get_registered_model("new name"))
    do("delete again", lambda: client.delete_registered_model("new name"))
    do("create after deletion", lambda: client.create_registered_model("new name"))


def _tagged(do, client):
    do("tag", lambda: client.set_registered_model_tag("m two", "team", "b"))
    do("tag again", lambda: client.set_registered_model_tag("m two", "team", "ab"))
    do("tag with a number", lambda: client.set_registered_model_tag("m two", "n", 7))
    do("tag with a space", lambda: client.set_registered_model_tag("m two", "with space", "x"))
    do("tag of 100000", lambda: client.set_registered_model_tag("m two", "long", "v" * 100_000))
    do("tag of 100001", lambda: client.set_registered_model_tag("m two", "long", "v" * 100_001))
    do("tag without key", lambda: client.set_registered_model_tag("m two", "", "x"))
    do("tag of absent", lambda: client.set_registered_model_tag("absent", "a", "x"))
    do("tag of nothing", lambda: client.set_registered_model_tag("", "a", "x"))
    do("delete tag", lambda: client.delete_registered_model_tag("m two", "long"))
    do("delete tag again", lambda: client.delete_registered_model_tag("m two", "long"))
    do("delete tag of absent", lambda: client.delete_registered_model_tag("absent", "long"))
    do("tags", lambda: client.get_registered_model("m two").tags)


def _searched(do, client):
    def names(models):
        return [model.name for model in models] + ["more" if models.token else "end"]

    for text in (*FILTERS, *BAD_FILTERS):
        do(f"search {text}", lambda: client.search_registered_models(text), show=names)
    for order in ORDERS:
        do(f"order {order}", lambda: client.search_registered_models(order_by=order), show=names)
    page = do("first page", lambda: client.search_registered_models(max_results=2), show=names)
    do(
        "second page",
        lambda: client.search_registered_models(max_results=2, page_token=page.token),
        show=names,
    )
    do("a bad page", lambda: client.search_registered_models(page_token="x!"), show=names)
    for count in (0, -1, 1000, 1001):
        do(f"{count} results", lambda: client.search_registered_models(max_results=count), show=names)


def steps(session):
    client = MlflowClient()
    for part in (_made, _changed, _tagged, _searched):
        part(session.do, client)
