"""Webhooks: made, changed, listed, refused."""

from mlflow import MlflowClient

URL = "https://93.184.215.14/hook"  # public, so allowed; nothing is sent while it is there


def _made(do, client):
    hook = do(
        "create", lambda: client.create_webhook("one", URL, ["registered_model.created"], "about", "secret")
    )
    do(
        "create with two events",
        lambda: client.create_webhook("two", URL, ["model_version.created", "model_version_tag.set"]),
    )
    do("create disabled", lambda: client.create_webhook("three", URL, ["prompt.created"], status="DISABLED"))
    do("create again", lambda: client.create_webhook("one", URL, ["registered_model.created"]))
    do("create without events", lambda: client.create_webhook("none", URL, []))
    do("create with an odd event", lambda: client.create_webhook("odd", URL, ["model.created"]))
    do("create with an odd action", lambda: client.create_webhook("odd", URL, ["registered_model.deleted"]))
    do("create twice the same event", lambda: client.create_webhook("twice", URL, ["prompt.created"] * 2))
    do("create without name", lambda: client.create_webhook("", URL, ["prompt.created"]))
    do("create with an odd name", lambda: client.create_webhook("a b/c", URL, ["prompt.created"]))
    do("create with a long name", lambda: client.create_webhook("n" * 300, URL, ["prompt.created"]))
    for url in (
        "",
        "ftp://93.184.215.14",
        "http://93.184.215.14/x",
        "http://127.0.0.1/x",
        "https://10.0.0.1/x",
        "nonsense",
        "https://",
        "javascript:alert(1)",
    ):
        do(f"create to {url!r}", lambda: client.create_webhook(f"to-{len(url)}", url, ["prompt.created"]))
    do(
        "create with an odd status",
        lambda: client.create_webhook("odd", URL, ["prompt.created"], status="ASLEEP"),
    )
    return hook.webhook_id


def _changed(do, client, id):
    do("get", lambda: client.get_webhook(id))
    do("get absent", lambda: client.get_webhook("0" * 32))
    do("update name", lambda: client.update_webhook(id, name="renamed"))
    do(
        "update all",
        lambda: client.update_webhook(
            id, "all", "words", URL + "/2", ["prompt_alias.created"], "new", "DISABLED"
        ),
    )
    do("update nothing", lambda: client.update_webhook(id))
    do("update url badly", lambda: client.update_webhook(id, url="nonsense"))
    do("update events badly", lambda: client.update_webhook(id, events=["x.y"]))
    do("update name badly", lambda: client.update_webhook(id, name=""))
    do("update absent", lambda: client.update_webhook("0" * 32, name="x"))
    do("then", lambda: client.get_webhook(id))


def steps(session):
    do, client = session.do, MlflowClient()

    def names(hooks):
        return [hook.name for hook in hooks] + ["more" if hooks.token else "end"]

    do("list none", lambda: client.list_webhooks(), show=names)
    id = _made(do, client)
    _changed(do, client, id)
    do("list", lambda: client.list_webhooks(), show=lambda hooks: sorted(names(hooks)))
    do("list a page", lambda: client.list_webhooks(max_results=1), show=len)
    for count in (0, -1, 1001):
        do(f"list {count}", lambda: client.list_webhooks(max_results=count), show=len)
    do("list a bad page", lambda: client.list_webhooks(page_token="x!"), show=names)
    do("test absent", lambda: client.test_webhook("0" * 32))
    do("delete", lambda: client.delete_webhook(id))
    do("deleted", lambda: client.get_webhook(id))
    do("delete again", lambda: client.delete_webhook(id))
    for hook in client.list_webhooks():
        client.delete_webhook(hook.webhook_id)
