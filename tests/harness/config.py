"""The configuration of a running server, as people change it."""


class RunningConfig:
    def __init__(self, server, path):
        self.server = server
        self.path = path  # of its penstock.yaml

    def now(self):
        return self.server.get("/api/v1/config").json()

    def version(self):
        return self.now()["version"]

    def apply(self, text, base=None, comment=""):
        change = {"text": text, "comment": comment, "base_version": self.version() if base is None else base}
        return self.server.post("/api/v1/config/apply", change)

    def undo(self):
        return self.server.post("/api/v1/config/undo")

    def models(self):
        return {model["id"] for model in self.server.get("/v1/models").json()["data"]}


def with_model(text, name):
    """`text` with one more route, which answers as the others do."""
    route = f"  {name}: {{ targets: [{{ provider: mock, model: gpt-x-mini }}] }}\n"
    return text.replace("models:\n", "models:\n" + route)
