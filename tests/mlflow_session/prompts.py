"""Prompts: text and chat, versions, aliases, tags, response formats, search, links."""

import mlflow
from mlflow import MlflowClient
from pydantic import BaseModel


CHAT = [
    {"role": "system", "content": "You are {{ style }}."},
    {"role": "user", "content": "{{ question }}"},
]


class Answer(BaseModel):
    text: str
    score: float = 0.5


def _made(do, genai):
    register = genai.register_prompt
    do("register", lambda: register("greet", "Hello {{ name }}!", commit_message="first", tags={"team": "a"}))
    do("second version", lambda: register("greet", "Hi {{name}}, {{ user.title }}!", tags={"k": "v"}))
    do("chat", lambda: register("chat", CHAT))
    do("with response format", lambda: register("formed", "Say {{ x }}", response_format=Answer))
    do("with a schema", lambda: register("formed", "Say {{ x }}", response_format={"type": "object"}))
    do(
        "with a model",
        lambda: register("modelled", "Say", model_config={"model_name": "gpt-x", "temperature": 0.5}),
    )
    do("without variables", lambda: register("plain", "Nothing here"))
    do("in Greek", lambda: register("greek", "Γεια {{ name }} 🎈"))
    for name in ("bad name", "a/b", "", "a:b", "a.b-c_D", "ü", "n" * 256, "..", "x@y"):
        do(f"register {name!r}"[:40], lambda: register(name, "text"))
    do("empty text", lambda: register("empty", ""))
    do("too long", lambda: register("long", "x" * 100_001))
    do("as long as may be", lambda: register("long", "x" * 100_000), show=lambda p: p.version)
    do("broken chat", lambda: register("broken", [{"role": "user"}]))
    do("conditional", lambda: register("cond", "{% if a %}x{{ b }}{% endif %}"))
    do("over a model", lambda: MlflowClient().create_registered_model("not a prompt but a model"))
    do("model in the way", lambda: MlflowClient().create_registered_model("taken"))
    do("register over it", lambda: register("taken", "text"))
    do("model over prompt", lambda: MlflowClient().create_registered_model("greet"))


def _loaded(do, genai):
    load = genai.load_prompt
    do("load", lambda: load("prompts:/greet/1"))
    do("load by name and version", lambda: load("greet", version=2))
    do("load latest", lambda: load("prompts:/greet@latest"))
    do("load by name", lambda: load("greet"))
    do("load absent version", lambda: load("prompts:/greet/99"))
    do("load absent version quietly", lambda: load("prompts:/greet/99", allow_missing=True))
    do("load absent", lambda: load("prompts:/nobody/1"))
    do("load a model", lambda: load("prompts:/taken/1"))
    do("load odd", lambda: load("prompts:/greet"))
    do("load very odd", lambda: load("prompts://greet//1"))
    do("load chat", lambda: load("prompts:/chat/1"))
    do("load formed", lambda: load("prompts:/formed/1"))
    do("format", lambda: load("prompts:/greet/1").format(name="Ann"))
    do("format chat", lambda: load("prompts:/chat/1").format(style="kind", question="Why?"))
    do("format without", lambda: load("prompts:/greet/1").format())
    do("load modelled", lambda: load("prompts:/modelled/1"))


def _aliased(do, genai):
    do("alias", lambda: genai.set_prompt_alias("greet", "prod", 1))
    do("load by alias", lambda: genai.load_prompt("prompts:/greet@prod"))
    do("alias moved", lambda: genai.set_prompt_alias("greet", "prod", 2))
    do(
        "load moved",
        lambda: genai.load_prompt("prompts:/greet@prod", cache_ttl_seconds=0),
        show=lambda p: p.version,
    )
    do("alias to 99", lambda: genai.set_prompt_alias("greet", "prod", 99))
    do("alias latest", lambda: genai.set_prompt_alias("greet", "latest", 1))
    do("alias odd", lambda: genai.set_prompt_alias("greet", "a b", 1))
    do("alias of absent", lambda: genai.set_prompt_alias("nobody", "prod", 1))
    do("load by absent alias", lambda: genai.load_prompt("prompts:/greet@nobody"))
    do("version with alias", lambda: MlflowClient().get_prompt_version("greet", 2))
    do("delete alias", lambda: genai.delete_prompt_alias("greet", "prod"))
    do("delete alias again", lambda: genai.delete_prompt_alias("greet", "prod"))
    do("delete alias of absent", lambda: genai.delete_prompt_alias("nobody", "prod"))


def _tagged(do, genai, client):
    do("tag", lambda: genai.set_prompt_tag("greet", "owner", "me"))
    do("tags", lambda: genai.get_prompt_tags("greet"))
    do("delete tag", lambda: genai.delete_prompt_tag("greet", "owner"))
    do("delete tag of absent", lambda: genai.delete_prompt_tag("nobody", "owner"))
    do("version tag", lambda: genai.set_prompt_version_tag("greet", 1, "score", "5"))
    do("version tags", lambda: client.get_prompt_version("greet", 1))
    do("delete version tag", lambda: genai.delete_prompt_version_tag("greet", 1, "score"))
    do("version tag of 99", lambda: genai.set_prompt_version_tag("greet", 99, "score", "5"))
    do("tag of absent", lambda: genai.set_prompt_tag("nobody", "a", "b"))
    do("get", lambda: client.get_prompt("greet"))
    do("get absent", lambda: client.get_prompt("nobody"))
    do("get a model", lambda: client.get_prompt("taken"))
    do("get version 99", lambda: client.get_prompt_version("greet", 99))
    do("create", lambda: client.create_prompt("bare", "about", {"a": "b"}))
    do("create again", lambda: client.create_prompt("bare"))
    do("create version", lambda: client.create_prompt_version("bare", "T {{ x }}", "words", {"c": "d"}))
    do("create version of absent", lambda: client.create_prompt_version("nobody", "T"))
    do("set model", lambda: genai.set_prompt_model_config("greet", 1, {"model_name": "gpt-x"}))
    do("with model", lambda: client.get_prompt_version("greet", 1))
    do("without model", lambda: genai.delete_prompt_model_config("greet", 1))


def _searched(do, genai, client):
    def names(prompts):
        return [p.name for p in prompts] + ["more" if getattr(prompts, "token", None) else "end"]

    for text in (None, "name = 'greet'", "name LIKE 'g%'", "tags.team = 'a'", "color = 'x'", "name > 'a'"):
        do(f"search {text}", lambda: client.search_prompts(text), show=names)
    do("page", lambda: client.search_prompts(max_results=2), show=names)
    do("models do not show them", lambda: [m.name for m in client.search_registered_models("name LIKE 'g%'")])
    do("versions do not show them", lambda: len(client.search_model_versions("name = 'greet'")))
    do(
        "models by tag",
        lambda: names(client.search_registered_models("tags.`mlflow.prompt.is_prompt` = 'true'")),
    )
    do(
        "versions by tag",
        lambda: len(client.search_model_versions("tags.`mlflow.prompt.is_prompt` = 'true'")),
    )
    do("versions of one", lambda: client.search_prompt_versions("greet"))
    do("as a model", lambda: client.get_registered_model("greet"))
    do("as a version", lambda: client.get_model_version("greet", "1"))


def _linked(do, genai, client):
    mlflow.set_experiment("prompt links")
    with mlflow.start_run(run_name="links") as run:
        do("load in run", lambda: genai.load_prompt("prompts:/greet/1").version)
        do("register in run", lambda: genai.register_prompt("in run", "x"), hidden=("run_id",))
        do("register in run well", lambda: genai.register_prompt("in_run", "x"))
    do("link", lambda: client.link_prompt_version_to_run(run.info.run_id, "prompts:/greet/2"))
    do("link again", lambda: client.link_prompt_version_to_run(run.info.run_id, "prompts:/greet/2"))
    do("link absent", lambda: client.link_prompt_version_to_run(run.info.run_id, "prompts:/nobody/2"))
    do("links", lambda: client.get_run(run.info.run_id).data.tags.get("mlflow.linkedPrompts"))
    do(
        "logged prompts",
        lambda: client.list_logged_prompts(run.info.run_id),
        show=lambda ps: [p.name for p in ps],
    )


def _ended(do, client):
    do("delete version", lambda: client.delete_prompt_version("greet", "2"))
    do("deleted version", lambda: client.get_prompt_version("greet", "2"))
    do("delete version 99", lambda: client.delete_prompt_version("greet", "99"))
    do("delete with versions", lambda: client.delete_prompt("greet"))
    do("delete last version", lambda: client.delete_prompt_version("greet", "1"))
    do("delete", lambda: client.delete_prompt("greet"))
    do("deleted", lambda: client.get_prompt("greet"))
    do("delete absent", lambda: client.delete_prompt("nobody"))


def steps(session):
    do, client = session.do, MlflowClient()
    genai = mlflow.genai
    for part in (_made, _loaded, _aliased):
        part(do, genai)
    for part in (_tagged, _searched, _linked):
        part(do, genai, client)
    _ended(do, client)
