"""`penstock serve` with its own data directory, and its native API as tests use it."""

import os
import signal

import httpx

from .programs import Program, binary, wait_until

CHAT = "smollm2-135m-instruct"
EMBEDDER = "all-minilm-l6-v2"
KEY = "key-of-the-test-client"
UPSTREAM_KEY = "key-for-the-mock-upstream"

NO_ENGINES = "embedded: false"
# One thread each: two that spin on a busy machine lose a factor of ten.
DEFAULT_ENGINES = f"engines: {{ {CHAT}: {{ threads: 1 }}, {EMBEDDER}: {{ threads: 1 }} }}"

# What most tests serve: the mock upstream under its own names, and under a public name with a price.
GATEWAY_CONFIG = """
version: 1
providers:
  mock: {{ type: openai, base_url: "http://127.0.0.1:{upstream}/v1", keys: [{{ env: MOCK_KEY }}] }}
{engines}
models:
  fast: {{ targets: [{{ provider: mock, model: gpt-x-mini }}] }}
  "gpt-*": {{ targets: [{{ provider: mock }}] }}
  "fault-*": {{ targets: [{{ provider: mock }}], breaker: {{ trip: {{ min: 1000000 }} }} }}
  tools: {{ targets: [{{ provider: mock }}] }}
prices: {{ models: {{ gpt-x-mini: {{ input_usd_per_mtok: 0.15, output_usd_per_mtok: 0.60 }} }} }}
records: {{ bodies: true, body_bytes_max: 65536 }}
"""

# The mock upstream in both protocols and in Azure's paths: models of any name, by their first word.
DOORS_CONFIG = """
version: 1
providers:
  mock: {{ type: openai, base_url: "http://127.0.0.1:{upstream}/v1", keys: [{{ env: MOCK_KEY }}] }}
  claude: {{ type: anthropic, base_url: "http://127.0.0.1:{upstream}/v1", keys: [{{ env: MOCK_KEY }}] }}
  azure: {{ type: azure, base_url: "http://127.0.0.1:{upstream}", keys: [{{ env: MOCK_KEY }}] }}
{engines}
models:
  "gpt-*": {{ targets: [{{ provider: mock }}] }}
  "claude-*": {{ targets: [{{ provider: claude }}] }}
  "azure-*": {{ targets: [{{ provider: azure }}] }}
  "fault-*": {{ targets: [{{ provider: mock }}] }}
  claude-429: {{ targets: [{{ provider: claude, model: fault-429 }}] }}
  claude-529: {{ targets: [{{ provider: claude, model: fault-529 }}] }}
  claude-cut: {{ targets: [{{ provider: claude, model: fault-cut-3 }}] }}
  claude-400: {{ targets: [{{ provider: claude, model: fault-context-window }}] }}
records: {{ bodies: true, body_bytes_max: 65536 }}
"""


class Penstock(Program):
    def __init__(self, folder, config, name="penstock", data=None, arguments=(), env=None, **options):
        self.data = data or folder / "data"
        config_path = folder / f"{name}.yaml"
        config_path.write_text(config)
        command = [binary(), "serve", "--data", self.data, "--listen", "127.0.0.1:0", "--config", config_path]
        keys = {"MOCK_KEY": UPSTREAM_KEY, "PENSTOCK_KEY": KEY}
        super().__init__([*command, *arguments], folder, name, env={**keys, **(env or {})}, **options)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def get(self, path, **options):
        return httpx.get(self.url + path, timeout=30, **options)

    def post(self, path, json=None, **options):
        return httpx.post(self.url + path, json=json, timeout=60, **options)

    def chat(self, model="gpt-x", content="Hello", **fields):
        body = {"model": model, "messages": [{"role": "user", "content": content}], **fields}
        return self.post("/v1/chat/completions", body)

    def record(self, request_id):
        """The whole record of a request; None where there is none."""
        answer = self.get(f"/api/v1/requests/{request_id}")
        assert answer.status_code in (200, 404), answer.text
        return answer.json() if answer.status_code == 200 else None

    def record_when_written(self, request_id):
        return wait_until(lambda: self.record(request_id), f"record of {request_id}")

    def records(self, **query):
        """All records' summaries, newest first, over all pages."""
        found, cursor = [], None
        while True:
            page = self.get(
                "/api/v1/requests", params={"limit": 200, **query, **({"cursor": cursor} if cursor else {})}
            )
            assert page.status_code == 200, page.text
            found += page.json()["requests"]
            cursor = page.json()["next_cursor"]
            if cursor is None:
                return found

    def wait_for_models(self, *names):
        """Until these embedded models answer."""

        def ready():
            states = {m["name"]: m["status"] for m in self.get("/api/v1/models").json()["models"]}
            return all(states.get(name) == "ready" for name in names)

        wait_until(ready, f"models {names} are ready", 90)
        return self

    def engines(self):
        """Process ids of the `penstock engine` children, by the arguments that they were started with."""
        found = {}
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{pid}/stat") as stat, open(f"/proc/{pid}/cmdline") as cmdline:
                    parent = int(stat.read().rpartition(")")[2].split()[1])
                    words = cmdline.read().split("\0")
            except OSError:
                continue  # it ended meanwhile
            if parent == self.process.pid and "engine" in words:
                found[int(pid)] = words
        return found

    def kill_engine(self, of):
        """SIGKILL to the engine whose command line names `of`."""
        victims = [pid for pid, words in self.engines().items() if any(of in word.lower() for word in words)]
        assert len(victims) == 1, f"engines: {self.engines()}"
        os.kill(victims[0], signal.SIGKILL)
        return victims[0]
