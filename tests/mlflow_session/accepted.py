"""Differences that are meant, each with its reason. A pattern is of "chapter: step", as fnmatch reads it."""

CRASHES = "mlflow answers 500 to what the client did wrong; here it is an orderly 4xx"

ACCEPTED = ()


def crashed(answer):
    """Whether this is a server's 500, seen by the client or by a raw request."""
    if not isinstance(answer, dict):
        return False
    return answer.get("status") == 500 or "too many 500 error responses" in str(answer.get("message"))


def orderly(answer):
    """Whether this is a refusal with a code that says what was wrong."""
    if not isinstance(answer, dict):
        return False
    if "status" in answer:
        return 400 <= answer["status"] < 500 and "error_code" in str(answer)
    return answer.get("error_code") not in (None, "INTERNAL_ERROR") and "message" in answer
