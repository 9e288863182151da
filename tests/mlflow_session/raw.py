"""Rows of raw HTTP requests: sent as they stand, with the names of what was made before put in."""

import requests


class Rows:
    def __init__(self, session, places):
        self._session = session
        self._places = places  # {run} -> its id

    def filled(self, value):
        if isinstance(value, str):
            for place, real in self._places.items():
                value = value.replace("{" + place + "}", str(real))
            return value
        if isinstance(value, dict):
            return {self.filled(key): self.filled(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.filled(item) for item in value]
        return value

    def send(self, prefix, method, path, content=None, headers=None):
        """`content`: a dict is the query of a GET, the JSON body of others; text is a body as it stands."""
        url = self._session.url + (
            self.filled(path) if path.startswith("/") else f"/{prefix}/{self.filled(path)}"
        )
        options = {"headers": headers or {}, "timeout": 60}
        if isinstance(content, (str, bytes)):
            options["data"] = self.filled(content) if isinstance(content, str) else content
            options["headers"] = {"Content-Type": "application/json", **options["headers"]}
        elif content is not None and method == "GET":
            options["params"] = self.filled(content)
        elif content is not None:
            options["json"] = self.filled(content)
        answer = requests.request(method, url, **options)
        return {"status": answer.status_code, **_body(answer)}

    def run(self, prefix, rows, hidden=("next_page_token",)):
        for method, path, *more in rows:
            content = more[0] if more else None
            name = f"{prefix} {method} {path} {content if content is not None else ''}"
            self._session.do(name[:160], lambda: self.send(prefix, method, path, *more), hidden)


def _body(answer):
    kind = answer.headers.get("content-type", "").split(";")[0]
    if kind == "application/json":
        return {"json": answer.json()}
    # What a page of HTML says of an error is no part of the contract; that there is none on success is.
    return {"text": answer.text[:200] if answer.status_code < 400 else "<page>"}
