"""A named test for each class of vulnerability that gateways of this kind have had, by the first of its kind.

What concerns keys, roles and sessions themselves is in the tests of access; framing, Host and Origin are in
test_hostile_requests.py. SEED repeats the fuzz."""

import http.server
import json
import os
import random
import re
import shutil
import signal
import subprocess
import threading

import httpx
import pytest
from harness.clients import ANSWER, USER
from harness.doors import PATHS, ask
from harness.programs import binary
from harness.server import DOORS_CONFIG, KEY, NO_ENGINES, UPSTREAM_KEY, Penstock
from harness.wire import RawConnection, post_bytes

FUZZ_BODIES = 150  # at each door; the fuzz programs beside the parsers try many more
SEED = int(os.environ.get("PENSTOCK_TEST_SEED", "1"))
LOCKED = DOORS_CONFIG + "keys: [{{ name: dev, env: PENSTOCK_KEY, role: owner }}]\n"
OPEN_PATHS = {"/health", "/api/v1/health"}  # that answer without a key


@pytest.fixture(scope="module")
def locked(session_folder, upstream):
    """A server that asks for a key."""
    folder = session_folder / "locked"
    folder.mkdir()
    with Penstock(folder, LOCKED.format(upstream=upstream.port, engines=NO_ENGINES)) as server:
        yield server


@pytest.fixture
def with_key(locked):
    with httpx.Client(base_url=locked.url, headers={"authorization": f"Bearer {KEY}"}, timeout=30) as client:
        yield client


class Trap(threading.Thread):
    """A server that nobody may call; it notes who does, and redirects upstream calls to itself."""

    def __init__(self):
        super().__init__(daemon=True)
        self.calls = calls = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def answer(self):
                self.rfile.read(int(self.headers.get("content-length") or 0))
                calls.append(self.path)
                self.send_response(302)
                self.send_header("location", f"http://127.0.0.1:{self.server.server_port}/metadata")
                self.send_header("content-length", "0")
                self.end_headers()

            do_GET = do_POST = answer

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_port
        self.start()

    def run(self):
        self.server.serve_forever()


@pytest.fixture
def trap():
    made = Trap()
    yield made
    made.server.shutdown()


# --- What is sent before anybody is authenticated


@pytest.mark.parametrize("header", ["authorization", "x-api-key", "api-key"])
@pytest.mark.parametrize(
    "key",
    [
        "' OR '1'='1",
        "sk-ps-'; DROP TABLE access_keys; --",
        "sk-ps-' UNION SELECT secret_sha256 FROM access_keys --",
        'x"; ATTACH DATABASE "/tmp/x" AS x; --',
        "%27%20OR%201=1",
        "sk-ps-" + "A" * 7000,
    ],
)
def test_cve_2026_42208_a_key_is_never_part_of_sql(locked, header, key):
    value = f"Bearer {key}" if header == "authorization" else key
    for path in ("/v1/models", "/api/v1/requests"):
        answer = locked.get(path, headers={header: value})
        assert answer.status_code in (400, 401), answer.text
        assert not re.search(r"sqlite|syntax error|access_keys|SELECT|table", answer.text, re.IGNORECASE)
    assert locked.get("/v1/models", headers={"authorization": f"Bearer {KEY}"}).status_code == 200


@pytest.mark.parametrize(
    "start, headers",
    [
        ("GET /v1/models", "Host: localhost/health"),
        ("GET /v1/models", "Host: 127.0.0.1@localhost"),
        ("GET /v1/models", "Host: localhost#/health"),
        ("GET http://localhost/v1/models", "Host: localhost"),
        ("GET /v1/models", "Host: localhost\r\nX-Forwarded-Host: localhost/health"),
        ("GET /health", "Host: localhost\r\nX-Original-URL: /v1/models\r\nX-Rewrite-URL: /v1/models"),
        ("GET /v1/models", "Host: localhost\r\nX-Forwarded-For: 127.0.0.1\r\nX-Real-IP: 127.0.0.1"),
    ],
)
def test_cve_2026_49468_no_header_opens_a_door(locked, start, headers):
    with RawConnection(locked.port) as connection:
        connection.send(f"{start} HTTP/1.1\r\n{headers}\r\nConnection: close\r\n\r\n")
        status, _, body = connection.response()
    assert status in (400, 401, 403, 421) or start.startswith("GET /health")
    assert b"gpt-" not in body


@pytest.mark.parametrize(
    "target",
    [
        "//v1/models",
        "/v1//models",
        "/V1/models",
        "/v1/models/",
        "/v1/models;/health",
        "/v1%2fmodels",
        "/%76%31/models",
        "/health/../v1/models",
        "/health/%2e%2e/v1/models",
        "/assets/../api/v1/requests",
        "/api/v1/requests/",
        "/API/V1/requests",
        "/api/v1/requests%00/health",
        "/v1/models?/health",
    ],
)
def test_cve_2026_0545_no_spelling_of_a_path_goes_around_authentication(locked, target):
    with RawConnection(locked.port) as connection:
        connection.send(f"GET {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        status, headers, body = connection.response()
    is_page = status == 200 and headers.get("content-type", "").startswith("text/html")
    assert status >= 300 or is_page, (status, body[:300])
    assert b'"object"' not in body and b'"requests"' not in body


def test_cve_2026_0545_every_route_of_the_api_asks_for_a_key(locked, with_key):
    document = with_key.get("/api/v1/openapi.json").json()
    routes = [(method, path) for path, methods in document["paths"].items() for method in methods]
    routes += [("post", path) for path in PATHS.values()]
    routes += [
        ("post", f"/v1/{p}") for p in ("embeddings", "completions", "responses", "moderations", "rerank")
    ]
    routes += [("get", "/v1/models"), ("get", "/metrics"), ("post", "/v1/messages/count_tokens")]
    assert len(routes) > 20
    opened = []
    for method, path in routes:
        filled = re.sub(r"\{[^}]*\}", "x", path)
        answer = httpx.request(method, locked.url + filled, timeout=30, json=None if method == "get" else {})
        if answer.status_code not in (401, 403) and path not in OPEN_PATHS:
            opened.append((method, path, answer.status_code))
    sessions = [r for r in opened if re.search(r"login|session|oidc|auth|openapi", r[1])]
    assert opened == sessions, opened


# --- What a request may not decide


FOREIGN_ADDRESS_FIELDS = [
    "api_base",
    "base_url",
    "custom_host",
    "api_key",
    "azure_endpoint",
    "proxy",
    "organization",
]
FOREIGN_ADDRESS_HEADERS = ["x-portkey-custom-host", "x-base-url", "x-forwarded-host", "x-litellm-api-base"]


@pytest.mark.parametrize("door", PATHS)
def test_cve_2024_6587_a_client_cannot_say_where_the_providers_key_goes(locked, with_key, ledger, trap, door):
    address = f"http://127.0.0.1:{trap.port}/v1"
    limit = {"max_tokens": 100} if door == "messages" else {}
    body = {"model": "gpt-x", "messages": USER, **limit, **dict.fromkeys(FOREIGN_ADDRESS_FIELDS, address)}
    answer = with_key.post(PATHS[door], json=body, headers=dict.fromkeys(FOREIGN_ADDRESS_HEADERS, address))
    assert answer.status_code == 200, answer.text
    assert ledger.only_request()["authorization"] == f"Bearer {UPSTREAM_KEY}"
    assert not trap.calls and "x-portkey-custom-host" not in ledger.only_request()["headers"]


@pytest.mark.parametrize("model", ["gpt-x", "claude-x"])
@pytest.mark.parametrize("door", PATHS)
def test_cve_2026_2393_no_address_in_a_prompt_is_fetched(with_key, ledger, trap, door, model):
    address = f"http://127.0.0.1:{trap.port}/latest/meta-data/x.png"
    image = {"type": "image_url", "image_url": {"url": address}}
    if door == "messages":
        image = {"type": "image", "source": {"type": "url", "url": address}}
    turns = [{"role": "user", "content": [image, {"type": "text", "text": f"See {address}"}]}]
    with_key.post(PATHS[door], json={"model": model, "messages": turns, "max_tokens": 100})
    assert ledger.ledger()["calls"] <= 1 and not trap.calls


def test_ssrf_an_upstreams_redirect_is_not_followed(start_server, trap):
    server = start_server(f"""
version: 1
providers: {{{{ trap: {{{{ type: openai, base_url: "http://127.0.0.1:{trap.port}/v1" }}}} }}}}
{{engines}}
models: {{{{ m: {{{{ targets: [{{{{ provider: trap }}}}] }}}} }}}}
""")
    answer = server.chat("m")
    assert answer.status_code >= 500 or answer.status_code == 302 and "metadata" not in answer.text
    assert set(trap.calls) == {"/v1/chat/completions"}


TEMPLATES = [
    "{{7*7}}",
    "${7*7}",
    "{% for x in ().__class__.__base__.__subclasses__() %}x{% endfor %}",
    "<%= 7*7 %>",
]


@pytest.mark.parametrize("template", TEMPLATES)
@pytest.mark.parametrize("model", ["gpt-x", "claude-x"])
def test_ghsa_xqmj_j6mv_4862_templates_are_text(with_key, ledger, template, model):
    body = {"model": model, "messages": [{"role": "user", "content": template}], "user": template}
    assert with_key.post(PATHS["chat"], json=body).status_code == 200
    assert template in json.loads(ledger.only_request()["body"])["messages"][0]["content"] or (
        template in ledger.only_request()["body"]
    )
    refused = with_key.post(PATHS["chat"], json={"model": template, "messages": USER})
    assert refused.status_code == 404 and "49" not in refused.text


@pytest.mark.parametrize(
    "path", ["/mcp-rest/test/connection", "/mcp/test", "/prompts/test", "/api/v1/prompts/test", "/v1/mcp/run"]
)
def test_ghsa_v4p8_mg3p_g94g_no_endpoint_runs_commands(with_key, tmp_path, path):
    mark = tmp_path / "mark"
    body = {"command": "touch", "args": [str(mark)], "transport": "stdio", "prompt": f"$(touch {mark})"}
    assert with_key.post(path, json=body).status_code in (404, 405)
    assert not mark.exists()


NASTY_NAMES = [
    "azure-x\r\nX-Injected: 1",
    "azure-x HTTP/1.1\r\nX-Injected: 1\r\n\r\nGET /admin",
    "azure-../../../../admin",
    "azure-x/../../y",
    "azure-x?api-version=evil&",
    "azure-x#",
    "azure-%2e%2e%2fadmin",
    "azure-\x00",
    "azure-\u2028é",
]


@pytest.mark.parametrize("model", NASTY_NAMES)
def test_cwe_113_a_models_name_stays_inside_its_place_upstream(with_key, ledger, model):
    answer = with_key.post(PATHS["chat"], json={"model": model, "messages": USER})
    assert answer.status_code < 500 or answer.status_code in (502, 503), answer.text
    assert "x-injected" not in answer.headers
    for request in ledger.ledger()["requests"]:
        assert "x-injected" not in request["headers"]
        path, _, query = request["target"].partition("?")
        assert re.fullmatch(r"/openai/deployments/[A-Za-z0-9._~%-]+/chat/completions", path), request[
            "target"
        ]
        assert "evil" not in query and path.count("/") == 5


def test_cwe_113_what_comes_back_in_headers_has_no_line_of_its_own(locked):
    fields = {"user": "a\r\nX-Injected: 1", "metadata": {"feature": "b\r\nX-Injected: 1"}}
    body = {"model": "gpt-x", "messages": USER, **fields}
    with RawConnection(locked.port) as connection:
        headers = "x-request-id: c\td\r\nx-penstock-feature: e%0d%0aX-Injected: 1\r\n"
        headers += f"Authorization: Bearer {KEY}\r\n"
        connection.send(post_bytes(PATHS["chat"], body, headers=headers))
        status, found, _ = connection.response()
    assert status == 200 and "x-injected" not in found
    assert re.fullmatch(r"[0-9a-f-]{36}", found["x-request-id"])


# --- What may not come out


def test_cve_2026_22778_errors_tell_no_address_path_or_line(with_key, ledger):
    wrong = [
        {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:,x"}}]}]},
        {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": 5}]}]},
        {"messages": [{"role": "tool", "content": None}]},
        {"messages": "x"},
        {"messages": [[]]},
        {"messages": USER, "tools": [{"type": "function", "function": {"name": 5}}]},
        {"messages": USER, "tools": {"a": 1}},
        {"messages": USER, "max_tokens": "many"},
        {"messages": USER, "stream_options": 7, "stream": True},
    ]
    for fields in wrong:
        for model in ("gpt-x+strict", "claude-x"):
            for path in PATHS.values():
                answer = with_key.post(path, json={"model": model, "max_tokens": 9, **fields})
                assert answer.status_code in (200, 400, 404, 422, 501), (fields, answer.text)
                assert not re.search(r"0x[0-9a-f]{6,}|\.cc\b|/src/|/work/|std::|terminate", answer.text)


def test_secrets_stand_in_no_answer_of_the_api(locked, with_key, ledger):
    with_key.post(PATHS["chat"], json={"model": "fault-401", "messages": USER})
    with_key.post(PATHS["chat"], json={"model": "gpt-x", "messages": USER})
    paths = with_key.get("/api/v1/openapi.json").json()["paths"]
    listed = [path for path, methods in paths.items() if "get" in methods and "{" not in path]
    record = with_key.get("/api/v1/requests").json()["requests"][0]["id"]
    for path in [*listed, "/metrics", "/v1/models", f"/api/v1/requests/{record}"]:
        with with_key.stream("GET", path) as answer:
            if answer.headers.get("content-type", "").startswith("text/event-stream"):
                continue  # it has no end
            text = answer.read().decode("utf-8", "replace")
        assert KEY not in text and UPSTREAM_KEY not in text, path
    assert KEY not in locked.log() and UPSTREAM_KEY not in locked.log()


def test_litellm_35666_scanners_do_not_grow_the_metrics(with_key):
    def lines():
        return len(with_key.get("/metrics").text.splitlines())

    with_key.post(PATHS["chat"], json={"model": "scanned-0", "messages": USER})
    with_key.get("/scanned/0")
    before = lines()
    for number in range(1, 60):
        with_key.post(
            PATHS["chat"], json={"model": f"scanned-{number}", "messages": USER, "user": f"u{number}"}
        )
        with_key.get(f"/scanned/{number}", headers={"x-penstock-feature": f"scan-{number}"})
    assert lines() <= before + 5


def test_cwe_117_a_log_line_cannot_be_forged(locked, with_key):
    before = len(locked.log().splitlines())
    forged = "2026-01-01T00:00:00Z error the server is mine"
    for path in (f"/v1/x%0a{forged.replace(' ', '%20')}", "/v1/chat/completions"):
        with_key.post(path, json={"model": f"m\n{forged}\n", "messages": USER, "user": f"\n{forged}"})
    new = locked.log().splitlines()[before:]
    assert not any(line.startswith(forged) for line in new)


# --- What may not bring it down


def mutated(random_source, value):
    """Something like `value` with one thing in it exchanged for a thing of another type or size."""
    others = [
        None,
        True,
        -1,
        10**30,
        -0.5,
        "",
        "x" * 5000,
        [],
        {},
        [[[]]],
        {"type": "text"},
        "\u0000\ud83d",
        [None],
    ]
    if isinstance(value, dict) and value and random_source.random() < 0.85:
        key = random_source.choice(list(value))
        if random_source.random() < 0.1:
            return {k: v for k, v in value.items() if k != key}
        return {**value, key: mutated(random_source, value[key])}
    if isinstance(value, list) and value and random_source.random() < 0.8:
        index = random_source.randrange(len(value))
        return [*value[:index], mutated(random_source, value[index]), *value[index + 1 :]]
    return random_source.choice(others)


PARAMETERS = {"type": "object", "properties": {"city": {"type": "string"}}}
RICH = {
    "chat": {
        "messages": [
            {"role": "system", "content": "s"},
            {
                "role": "user",
                "content": [{"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}}],
            },
            {
                "role": "assistant",
                "content": None,
                "tool_calls": [{"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}],
            },
            {"role": "tool", "tool_call_id": "c", "content": [{"type": "text", "text": "t"}]},
        ],
        "tools": [{"type": "function", "function": {"name": "f", "parameters": PARAMETERS}}],
        "tool_choice": {"type": "function", "function": {"name": "f"}},
        "response_format": {"type": "json_schema", "json_schema": {"name": "n", "schema": PARAMETERS}},
        "stop": ["a"],
        "n": 1,
        "stream_options": {"include_usage": True},
        "metadata": {"feature": "f"},
        "temperature": 1,
    },
    "messages": {
        "max_tokens": 9,
        "system": [{"type": "text", "text": "s", "cache_control": {"type": "ephemeral"}}],
        "messages": [
            {
                "role": "user",
                "content": [
                    {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "AA=="}}
                ],
            },
            {
                "role": "assistant",
                "content": [
                    {"type": "thinking", "thinking": "t", "signature": "s"},
                    {"type": "tool_use", "id": "c", "name": "f", "input": {"a": 1}},
                ],
            },
            {
                "role": "user",
                "content": [{"type": "tool_result", "tool_use_id": "c", "content": [{"type": "text"}]}],
            },
        ],
        "tools": [{"name": "f", "input_schema": PARAMETERS}],
        "tool_choice": {"type": "tool", "name": "f"},
        "stop_sequences": ["a"],
        "thinking": {"type": "enabled", "budget_tokens": 1024},
        "metadata": {"user_id": "u"},
    },
}


@pytest.mark.parametrize("door", PATHS)
def test_cve_2025_48944_no_body_brings_the_server_down(locked, with_key, door):
    """Tools, images and parameters of wrong types and sizes, at both doors, passed on and translated."""
    random_source = random.Random(SEED)
    for number in range(FUZZ_BODIES):
        model = random_source.choice(["gpt-x", "claude-x", "gpt-x+tools", "claude-x+tools+reasoning"])
        body = RICH[door]
        for _ in range(random_source.randrange(1, 4)):
            body = mutated(random_source, body)
        if not isinstance(body, dict):
            continue
        body = {"model": model, "stream": random_source.random() < 0.3, **body}
        text = json.dumps(body).encode("utf-8", "surrogatepass")
        answer = with_key.post(PATHS[door], content=text, headers={"content-type": "application/json"})
        where = f"seed {SEED}, body {number}: {text[:1500]}"
        assert answer.status_code in (200, 400, 404, 413, 422, 501), f"{where}: {answer.text}"
    assert ask(locked.port, door, "gpt-x", headers=f"Authorization: Bearer {KEY}\r\n").text == ANSWER


@pytest.mark.parametrize("field", ["max_tokens", "n", "top_logprobs", "seed", "n_discard", "n_keep", "top_k"])
@pytest.mark.parametrize("value", [-1, -(2**31), 2**31, -(2**63), 2**63, 10**40, 1e308])
def test_cve_2026_21869_numbers_out_of_range_are_refused_or_passed_on(with_key, field, value):
    for path in PATHS.values():
        answer = with_key.post(path, json={"model": "gpt-x", "messages": USER, field: value})
        assert answer.status_code in (200, 400), answer.text


def test_litellm_21048_a_budget_without_an_end_is_no_budget(tmp_path):
    config = tmp_path / "penstock.yaml"
    for amount in (".inf", "-1", ".nan", "1e400"):
        config.write_text(f"version: 1\ngroups: {{ acme: {{ budget: {{ usd: {amount}, per: month }} }} }}\n")
        done = subprocess.run(
            [binary(), "config", "check", config], capture_output=True, text=True, timeout=30
        )
        assert done.returncode != 0, amount


@pytest.mark.skipif(not shutil.which("strace"), reason="strace is not installed")
def test_mal_2026_2144_nothing_is_fetched_at_run_time(tmp_path, upstream):
    """No code, price list or model comes from elsewhere unless the operator says so: no connection leaves."""
    trace = tmp_path / "trace"
    config = tmp_path / "penstock.yaml"
    config.write_text(DOORS_CONFIG.format(upstream=upstream.port, engines=NO_ENGINES))
    port_file = tmp_path / "port"
    command = [
        "strace",
        "-f",
        "-qq",
        "-e",
        "trace=connect",
        "-o",
        trace,
        binary(),
        "serve",
        "--listen",
        "127.0.0.1:0",
    ]
    command += ["--data", tmp_path / "data", "--config", config, "--port-file", port_file]
    process = subprocess.Popen(
        list(map(str, command)), env={**os.environ, "MOCK_KEY": "k"}, start_new_session=True
    )
    try:
        for _ in range(400):
            if port_file.exists():
                break
            threading.Event().wait(0.1)
        url = f"http://127.0.0.1:{port_file.read_text().strip()}"
        assert (
            httpx.post(url + PATHS["chat"], json={"model": "gpt-x", "messages": USER}, timeout=60).status_code
            == 200
        )
    finally:
        os.killpg(process.pid, signal.SIGTERM)  # strace itself keeps what is sent to it alone
        process.wait(30)
    connects = [line for line in trace.read_text().splitlines() if "AF_INET" in line]
    assert connects and all('inet_addr("127.0.0.1")' in line for line in connects), connects
