"""search_runs: every operator and entity of its grammar, orders, pages, and filters that are refused."""

import math

import mlflow
from mlflow import MlflowClient
from mlflow.entities import Metric, Param, RunTag, ViewType

AT = 1_600_000_000_000

FILTERS = (
    "",
    *(f"metrics.acc {op} 0.5" for op in (">", ">=", "=", "!=", "<", "<=")),
    "metrics.acc > -1",
    "metrics.acc = 0.50",
    "metrics.acc > 1e-3",
    "metric.acc > 0.5",
    "metrics.`with space` > 1",
    'metrics."with space" > 1',
    "metrics.odd > 0",
    "metrics.odd = 0",
    "metrics.absent > 0",
    "params.lr = '0.1'",
    "params.lr != '0.1'",
    'params.lr = "0.1"',
    "parameters.lr = '0.1'",
    "param.lr = '0.1'",
    "parameter.lr = '0.1'",
    "params.lr LIKE '0%'",
    "params.lr ILIKE '0%'",
    "params.model LIKE 'Tr%'",
    "params.model LIKE 'tr%'",
    "params.model ILIKE 'tr%'",
    "params.model LIKE '%e_'",
    "params.model LIKE 'tr_e'",
    "params.absent = 'x'",
    "params.absent != 'x'",
    "tags.team = 'a'",
    "tags.team != 'a'",
    "tag.team = 'a'",
    "tags.team LIKE '%'",
    "tags.team ILIKE 'A'",
    "tags.`mlflow.runName` = 'run 3'",
    "tags.mlflow.runName = 'run 3'",
    "tags.quote = 'it''s'",
    'tags.quote = "it\'s"',
    "tags.unicode = 'größe'",
    "tags.percent LIKE '50%'",
    "attributes.run_name = 'run 2'",
    "attribute.run_name LIKE 'run%'",
    "attr.run_name ILIKE 'RUN%'",
    "run.run_name = 'run 2'",
    "run_name = 'run 2'",
    "`run name` = 'run 2'",
    "run_name != 'run 2'",
    "run_name IN ('run 1', 'run 2')",
    "status = 'FINISHED'",
    "status != 'FINISHED'",
    "status IN ('FINISHED', 'FAILED')",
    "status NOT IN ('FINISHED', 'FAILED')",
    "status LIKE 'F%'",
    "user_id = 'nobody'",
    "start_time > 1600000000002",
    "start_time <= 1600000000002",
    "start_time = 1600000000003",
    "created > 1600000000002",
    "Created > 1600000000002",
    "end_time > 0",
    "end_time != 1600000005001",
    "artifact_uri LIKE 'mlflow-artifacts:/%'",
    "lifecycle_stage = 'active'",
    "run_id = 'absent'",
    "run_id != 'absent'",
    "run_id IN ('absent', 'other')",
    "run_id NOT IN ('absent', 'other')",
    "run_id LIKE '%'",
    "experiment_id = '1'",
    "metrics.acc > 0.2 AND params.lr = '0.1'",
    "metrics.acc > 0.2 and tags.team = 'a' and status = 'FINISHED'",
    "metrics.acc > 0.2 AND metrics.acc < 0.6",
    "params.lr = '0.1' AND params.model = 'tree'",
    "datasets.name = 'train'",
    "dataset.name = 'train'",
    "datasets.name != 'train'",
    "datasets.name LIKE 'tr%'",
    "datasets.digest = 'digest1'",
    "datasets.digest IN ('digest1', 'digest2')",
    "datasets.name NOT IN ('train')",
    "datasets.context = 'training'",
    "datasets.context ILIKE 'TRAIN%'",
    "  metrics.acc   >   0.5  ",
    "metrics.acc>0.5",
    "params.lr='0.1'",
    "tags.team IS NULL",
    "tags.team IS NOT NULL",
    "params.lr IS NULL",
    "params.absent IS NOT NULL",
    "params.lr IN ('0.1', '0.01')",
    "tags.team IN ('a', 'b')",
    "metrics.acc IN (0.5)",
)

BAD_FILTERS = (
    "metrics.acc",
    "metrics.acc >",
    "> 0.5",
    "metrics.acc > high",
    "metrics.acc > '0.5'",
    "metrics.acc LIKE '0%'",
    "metrics.acc > nan",
    "metrics. > 1",
    "metrics.acc > 0.5 0.6",
    "metrics.acc > params.lr",
    "params.lr = 0.1",
    "params.lr > '0.1'",
    "params.lr = 0.1abc",
    "params.lr == '0.1'",
    "params.lr = lr",
    "tags.team < 'a'",
    "tags.team = 5",
    "status > 'FINISHED'",
    "status = FINISHED",
    "start_time = 'now'",
    "start_time LIKE '1%'",
    "start_time = 1.5",
    "run_id IN ('a', 5)",
    "run_id IN 'a'",
    "run_id IN ()",
    "run_id IN ('a',)",
    "run_id IN (a)",
    "run_id > 'a'",
    "color = 'red'",
    "attributes.color = 'red'",
    "things.a = 'b'",
    "metrics.acc > 0.5 OR params.lr = '0.1'",
    "(metrics.acc > 0.5)",
    "NOT metrics.acc > 0.5",
    "metrics.acc > 0.5, params.lr = '0.1'",
    "metrics.acc > 0.5;",
    "metrics.acc > 0.5 AND",
    "AND metrics.acc > 0.5",
    "metrics.acc > 0.5 AND AND params.lr = '1'",
    "params.lr = 'unclosed",
    "params.`lr = 'a'",
    "datasets.source = 'x'",
    "datasets.name > 'x'",
    "datasets.name = 5",
    "0.5 < metrics.acc",
    "metrics.acc BETWEEN 0 AND 1",
    "select * from runs",
    "--",
    "metrics.acc <> 0.5",
    "metrics.a.b.c = 'x'",
    "''",
    "🎈 = 'x'",
    "params.lr RLIKE '0'",
)

ORDERS = (
    [],
    ["metrics.acc"],
    ["metrics.acc ASC"],
    ["metrics.acc DESC"],
    ["metrics.odd"],
    ["metrics.odd DESC"],
    ["metrics.absent DESC"],
    ["params.lr"],
    ["params.lr DESC"],
    ["tags.team ASC", "metrics.acc DESC"],
    ["attributes.start_time"],
    ["start_time DESC"],
    ["attribute.end_time DESC"],
    ["run_name"],
    ["run_name DESC"],
    ["`Run Name` DESC"],
    ["status", "start_time ASC"],
    ["created asc"],
    ["metrics.`with space` desc"],
    ["user_id"],
)

BAD_ORDERS = (
    ["color"],
    ["metrics.acc UP"],
    ["metrics"],
    [""],
    ["metrics.acc ASC DESC"],
    ["datasets.name"],
    ["metrics.acc, params.lr"],
    ["things.a"],
)


def _make(do, client, experiment):
    """Runs that differ in all that can be searched."""
    models = ("tree", "Tree", "forest", "trxe", "boost", "tree")
    for i in range(6):
        run = do(f"run {i}", lambda: client.create_run(experiment, AT + i, run_name=f"run {i}"))
        id = run.info.run_id
        metrics = [Metric("acc", i / 10 + 0.1, AT, 0), Metric("with space", i, AT, 0)]
        odd = {1: 0.0, 2: math.nan, 3: math.inf, 4: -math.inf, 5: 7.0}
        if i in odd:
            metrics.append(Metric("odd", odd[i], AT, 0))
        params = [Param("lr", ("0.1", "0.01", "1")[i % 3]), Param("model", models[i])]
        tags = [RunTag("quote", "it's"), RunTag("unicode", "größe"), RunTag("percent", "50% off")]
        if i % 2:
            tags.append(RunTag("team", "aAb"[i // 2]))
        do(f"values of {i}", lambda: client.log_batch(id, metrics, params, tags))
        if i < 4:
            status = ("FINISHED", "FAILED", "KILLED", "FINISHED")[i]
            do(f"end {i}", lambda: client.set_terminated(id, status, AT + 5000 + i))
        if i in (1, 2):
            _log_dataset(do, client, id, i)
    deleted = do("run deleted", lambda: client.create_run(experiment, AT + 50, run_name="deleted"))
    do("delete", lambda: client.delete_run(deleted.info.run_id))


def _log_dataset(do, client, id, i):
    from mlflow.entities import Dataset, DatasetInput, InputTag

    dataset = Dataset(("train", "other")[i - 1], f"digest{i}", "local", "{}")
    tag = InputTag("mlflow.data.context", ("training", "testing")[i - 1])
    do(f"dataset of {i}", lambda: client.log_inputs(id, [DatasetInput(dataset, [tag])]))


def _names(runs):
    return [run.info.run_name for run in runs] + ["more" if runs.token else "end"]


def steps(session):
    do, client = session.do, MlflowClient()
    experiment = do("experiment", lambda: client.create_experiment("searched runs"))
    other = do("other experiment", lambda: client.create_experiment("other runs"))
    _make(do, client, experiment)
    do("run elsewhere", lambda: client.create_run(other, AT + 99, run_name="elsewhere"))

    def search(experiments=(experiment,), filter_string="", **options):
        return lambda: client.search_runs(list(experiments), filter_string, **options)

    for text in (*FILTERS, *BAD_FILTERS):
        do(f"search {text}", search(filter_string=text), show=_names)
    for order in (*ORDERS, *BAD_ORDERS):
        do(f"order {order}", search(order_by=order), show=_names)
    for view in (ViewType.ACTIVE_ONLY, ViewType.DELETED_ONLY, ViewType.ALL):
        do(f"view {view}", search(run_view_type=view), show=_names)
    do("both experiments", search((experiment, other)), show=_names)
    do("no experiments", search(()), show=_names)
    do("absent experiment", search(("4711",)), show=_names)
    do("a word as experiment", search(("alpha",)), show=_names)
    do("whole objects", search(filter_string="metrics.acc > 0.4"))
    _pages(do, search)
    _frames(do, experiment)
    first = client.search_runs([experiment], order_by=["start_time"])[0].info.run_id
    do("by id", search(filter_string=f"run_id = '{first}'"), show=_names)
    do("by ids", search(filter_string=f"run_id IN ('{first}', 'other')"), show=_names)
    do("by other ids", search(filter_string=f"attributes.run_id NOT IN ('{first}')"), show=_names)
    do("by id alike", search(filter_string=f"run_id LIKE '{first[:8]}%'"), show=_names)


def _pages(do, search):
    token = None
    for page in range(4):
        found = do(
            f"page {page}",
            search(max_results=2, page_token=token, order_by=["metrics.acc DESC"]),
            show=_names,
        )
        token = found.token
    token = None
    for page in range(3):
        found = do(
            f"odd page {page}", search(max_results=3, page_token=token, order_by=["metrics.odd"]), show=_names
        )
        token = found.token
    do("a bad page", search(page_token="@@@"), show=_names)
    for count in (0, -1, 1, 50_000, 50_001):
        do(f"{count} results", search(max_results=count), show=_names)


def _frames(do, experiment):
    hidden = ("tags.mlflow.source.git.commit",)
    do("frame", lambda: mlflow.search_runs([experiment], order_by=["start_time"]), hidden)
    do("frame by name", lambda: mlflow.search_runs(experiment_names=["searched runs"], max_results=2), hidden)
    do("frame of absent", lambda: mlflow.search_runs(experiment_names=["nowhere"]))
    do("frame of nothing", lambda: mlflow.search_runs([experiment], "metrics.acc > 100"))
    do("list", lambda: mlflow.search_runs([experiment], output_format="list", max_results=1))
    do("odd form", lambda: mlflow.search_runs([experiment], output_format="csv"))
