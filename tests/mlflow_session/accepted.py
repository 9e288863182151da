"""Differences that are meant, each with its reason."""

from plain import DATABASE

# By chapter and step, as fnmatch reads "chapter: step".
STEPS = (
    ("run_search: search params.lr = 0.1abc", "which words of a broken filter are blamed"),
    ("run_search: search metrics.acc > 0.5, params.lr = '0.1'", "which words of a broken filter are blamed"),
    ("run_search: search params.lr = 'unclosed", "which words of a broken filter are blamed"),
    ("run_search: search params.`lr = 'a'", "which words of a broken filter are blamed"),
    ("run_search: search select [*] from runs", "which words of a broken filter are blamed"),
    ("run_search: search --", "which words of a broken filter are blamed"),
    ("run_search: search 🎈 = 'x'", "a name is a name, whatever its letters"),
    ("experiments: search name = 'a', name = 'b'", "which words of a broken filter are blamed"),
    ("experiments: search name = 'unclosed", "which words of a broken filter are blamed"),
    ("experiments: search name ~ 'a'", "which words of a broken filter are blamed"),
    ("trace_search: search text *LIKE '%*", "mlflow's parser takes the word text for a keyword"),
    ("trace_search: search timestamp_ms = 'x'", "refused; mlflow finds nothing"),
    ("evaluation: search name > 'x'", "refused; mlflow finds nothing"),
    ("models: * 'nnn*", "names have at most 256 characters, as many as mlflow's column"),
    ("models: * 'xxx*", "names have at most 256 characters, as many as mlflow's column"),
    ("model_versions: search version = 1", "which words of a broken filter are blamed"),
    ("artifacts: *%2e%2e*", "refused before any route is looked for"),
    ("artifacts: *..%2f*", "refused before any route is looked for"),
    ("artifacts: get a folder", "as all errors are, by code and message"),
    ("artifacts: get a//b", "the same file by its normal name"),
    ("logged_models: param again", "the same value again is no change"),
    (
        "logged_models: search status *",
        "mlflow compares a name with its number of the status, and finds nothing",
    ),
    ("logged_models: search name = 5", "refused; mlflow finds nothing"),
    ("logged_models: page of another search", "page tokens are of another kind, and refused in other words"),
    ("raw_requests: * runs/create *", "no outputs is an empty object, here as in every answer about a run"),
    (
        "raw_requests: *{'start_time': 1600000000003, 'run_name': 'in default'}",
        "Default is meant where none is named",
    ),
    ("raw_requests: *logged-models/{model}*", "the path names the model: the body need not"),
    ("raw_errors: *logged-models/{model} {}", "the path names the model: the body need not"),
    ("*: a bad page", "page tokens are of another kind, and refused in other words"),
    ("scorers: register own", "in Penstock's words: there is no setting that allows it"),
    ("scorers: raw *register*", "in Penstock's words: there is no setting that allows it"),
    ("scorers: raw in absent", "in Penstock's words: there is no setting that allows it"),
    ("raw_requests: *server-info*", "what this server offers besides"),
    ("raw_errors: *'filter': 'x y z'*", "which words of a broken filter are blamed"),
)


def _status(answer):
    """Of a raw request; None of anything else, such as an entity that has a status of its own."""
    status = answer.get("status") if isinstance(answer, dict) else None
    return status if isinstance(status, int) else None


def _crashed(answer):
    return _status(answer) == 500 or "too many 500 error responses" in str(answer)


def _orderly(answer):
    """Whether this is a refusal with a code that says what was wrong."""
    if _status(answer) is not None:
        return 400 <= answer["status"] < 500 and "error_code" in str(answer)
    return isinstance(answer, dict) and answer.get("error_code") not in (None, "INTERNAL_ERROR")


def _refuses_what_was_taken(expected, actual):
    return _status(expected) == 200 and _status(actual) == 400 and "Invalid value" in str(actual)


def _refused_otherwise(expected, actual, *words):
    both = _status(expected) == _status(actual) == 400
    return both and any(word in str(actual) for word in words)


OWN_WORDS = ("not valid JSON", "Hint: Value was of type", "It must be one of", "Invalid page token")

# By what both answered.
RULES = (
    (
        "mlflow answers 500 to what the client did wrong; here it is an orderly 4xx",
        lambda expected, actual: _crashed(expected) and _orderly(actual),
    ),
    (
        "mlflow passes on what its database refused; here the refusal has a code of its own",
        lambda expected, actual: DATABASE in str(expected) and _orderly(actual),
    ),
    (
        "no client sends values of another type than the message says; mlflow drops them in silence",
        _refuses_what_was_taken,
    ),
    (
        "a page of HTML is JSON here",
        lambda expected, actual: "<page>" in str(expected) and _status(expected) == _status(actual),
    ),
    (
        "says what is wrong with the JSON, a value's type, an enum's name or a page token",
        lambda expected, actual: _refused_otherwise(expected, actual, *OWN_WORDS),
    ),
)
