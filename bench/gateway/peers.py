"""The gateways that are measured beside each other, each as its own documentation says to run it."""

import os
import shutil
import socket
import sys
import urllib.error
import urllib.request
from pathlib import Path

from measure.programs import ROOT, Program, binary
from work import KEY, MODELS

sys.path.insert(0, str(ROOT / "tools"))
from made_once import node_packages, python_environment  # noqa: E402

PACKAGES = Path(__file__).resolve().parent / "packages"

# Everything that an operator would switch on: a key in a group with limits and a budget, prices, retries, a
# breaker, a second target, and one record per request.
PENSTOCK = """
version: 1
embedded: false
loops: 1
log: {{ level: warn }}
providers:
  mock: {{ type: openai, base_url: "http://127.0.0.1:{upstream}/v1", keys: [{{ env: MOCK_KEY }}] }}
models:
  "gpt-*":
    targets:
      - {{ id: stable, provider: mock, model: {model} }}
      - {{ id: canary, provider: mock, model: {model}, weight: 0.05 }}
    retry: {{ attempts: 2 }}
    breaker: {{ window_s: 30, cooldown_s: [5, 60] }}
    timeouts: {{ connect_ms: 1000, ttft_ms: 30000, idle_ms: 60000, total_ms: 120000 }}
prices:
  models:
    gpt-x: {{ input_usd_per_mtok: 0.15, output_usd_per_mtok: 0.60 }}
    gpt-x-mini: {{ input_usd_per_mtok: 0.05, output_usd_per_mtok: 0.20 }}
  unknown_model: deny
groups:
  acme: {{ budget: {{ usd: 1000000, per: month }} }}
  acme/search:
    limits: {{ requests_per_minute: 100000000, tokens_per_minute: 100000000000, concurrent: 100000 }}
keys: [{{ name: bench, env: PENSTOCK_KEY, group: acme/search }}]
records: {{ bodies: {bodies} }}
"""

NGINX = """
daemon off; worker_processes 1; worker_rlimit_nofile 65536; pid {folder}/nginx.pid; error_log stderr crit;
events {{ worker_connections 32768; }}
http {{
  access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  keepalive_requests 1000000000; client_max_body_size 0;
  upstream mock {{ server 127.0.0.1:{upstream}; keepalive 256; keepalive_requests 1000000000; }}
  server {{
    listen 127.0.0.1:{port} backlog=4096;
    client_body_buffer_size 512k;
    proxy_http_version 1.1; proxy_set_header Connection ""; proxy_buffering off;
    location / {{ proxy_pass http://mock; }}
  }}
}}
"""

LITELLM = """
model_list:
  - model_name: gpt-x
    litellm_params: {{ model: openai/gpt-x, api_base: "http://127.0.0.1:{upstream}/v1", api_key: key-of-the-upstream }}
litellm_settings: {{ telemetry: false, num_retries: 0 }}
general_settings: {{ master_key: {key} }}
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answers(url):
    try:
        with urllib.request.urlopen(url, timeout=5):
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False


class Direct:
    """The upstream itself: what the machine does without any gateway."""

    name = "direct"
    # Loads that are borne with some room. They matter: the busier a server, the less each wake-up costs.
    rate = 12_000  # requests/s
    streams = 400  # at a time, an event each PACE_MS
    headers = ()
    program = None

    def start(self, folder, upstream, cores):
        return self

    def port(self, upstream):
        return self.program.port if self.program else upstream.port

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.program:
            self.program.stop()
            self.program = None


class Peer(Direct):
    """A gateway in front of an upstream."""

    headers = (f"authorization: Bearer {KEY}",)

    @staticmethod
    def is_there():
        return True


class Penstock(Peer):
    name = "Penstock"
    bodies = "true"

    def start(self, folder, upstream, cores):
        self.config = folder / f"penstock-{self.bodies}-{upstream.port}.yaml"
        self.write_config(upstream, MODELS[0])
        data = self.config.with_suffix(".data")
        command = [binary(), "serve", "--data", data, "--listen", "127.0.0.1:0", "--config", self.config]
        keys = {"MOCK_KEY": "key-of-the-upstream", "PENSTOCK_KEY": KEY}
        self.program = Program(command, folder, cores, env=keys).wait_for_port()
        return self

    def write_config(self, upstream, model):
        """Whole or not at all, as an editor or a ConfigMap does."""
        staged = self.config.with_suffix(".new")
        staged.write_text(PENSTOCK.format(upstream=upstream.port, bodies=self.bodies, model=model))
        staged.rename(self.config)


class PenstockWithoutBodies(Penstock):
    name = "Penstock, no bodies"
    bodies = "false"


class Nginx(Peer):
    """Looks at nothing: what any HTTP proxy costs."""

    name = "nginx"

    @staticmethod
    def is_there():
        return shutil.which("nginx") is not None

    def start(self, folder, upstream, cores):
        port = free_port()
        folder = folder / f"nginx-{port}"
        folder.mkdir()
        config = folder / "nginx.conf"
        config.write_text(NGINX.format(folder=folder, upstream=upstream.port, port=port))
        command = ["nginx", "-c", config, "-p", folder]
        self.program = Program(command, folder, cores, port_file=False, port=port)
        self.program.wait_until((folder / "nginx.pid").exists)
        return self


class LiteLlm(Peer):
    name = "LiteLLM"
    rate = 25
    streams = 4

    def start(self, folder, upstream, cores):
        python = python_environment("bench-litellm", PACKAGES / "litellm.txt")
        config = folder / f"litellm-{upstream.port}.yaml"
        config.write_text(LITELLM.format(upstream=upstream.port, key=KEY))
        port = free_port()
        command = [python.parent / "litellm", "--config", config, "--host", "127.0.0.1", "--port", port]
        quiet = {"LITELLM_MODE": "PRODUCTION", "LITELLM_LOG": "ERROR", "LITELLM_LOCAL_MODEL_COST_MAP": "True"}
        self.program = Program(
            [*command, "--telemetry", "False"], folder, cores, env=quiet, port_file=False, port=port
        )
        self.program.wait_until(lambda: answers(f"http://127.0.0.1:{port}/health/liveliness"), 180)
        return self


class Portkey(Peer):
    name = "Portkey"
    rate = 120
    streams = 32

    @staticmethod
    def is_there():
        return shutil.which("node") is not None and shutil.which("npm") is not None

    def start(self, folder, upstream, cores):
        # Its only install script patches nothing in a published package.
        modules = node_packages("bench-portkey", PACKAGES / "portkey", os.environ["PATH"], "--ignore-scripts")
        port = free_port()
        command = [
            "node",
            modules / "@portkey-ai/gateway/build/start-server.js",
            "--headless",
            f"--port={port}",
        ]
        env = {"NODE_ENV": "production"}
        self.program = Program(command, folder, cores, env=env, port_file=False, port=port)
        self.program.wait_until(lambda: answers(f"http://127.0.0.1:{port}/"))
        host = f"x-portkey-custom-host: http://127.0.0.1:{upstream.port}/v1"
        self.headers = ("authorization: Bearer key-of-the-upstream", "x-portkey-provider: openai", host)
        return self


GATEWAYS = [Penstock, PenstockWithoutBodies, Nginx, Portkey, LiteLlm]
