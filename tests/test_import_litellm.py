"""`penstock import litellm`: from LiteLLM's config.yaml to a server that answers."""

import json

from harness.programs import run
from harness.server import UPSTREAM_KEY

CONFIG = """
model_list:
  - model_name: chat
    litellm_params:
      model: openai/gpt-x-mini
      api_base: http://127.0.0.1:{upstream}/v1
      api_key: os.environ/MOCK_KEY
      weight: 9
      rpm: 100
  - model_name: chat
    litellm_params:
      model: anthropic/claude-x
      api_base: http://127.0.0.1:{upstream}
      api_key: os.environ/MOCK_KEY
      weight: 1
  - model_name: paid
    litellm_params:
      model: openai/gpt-x
      api_base: http://127.0.0.1:{upstream}/v1
      api_key: sk-literal-secret
router_settings:
  num_retries: 2
  fallbacks: [{{"chat": ["paid"]}}]
  redis_host: localhost
litellm_settings:
  drop_params: true
  success_callback: ["langfuse"]
general_settings:
  master_key: os.environ/LITELLM_MASTER_KEY
"""

KEYS = {
    "MOCK_KEY": UPSTREAM_KEY,
    "LITELLM_MASTER_KEY": "sk-the-master-key",
    "PENSTOCK_OPENAI_COMPATIBLE_2_API_KEY": "sk-new-secret",
}


def imported(tmp_path, upstream):
    source = tmp_path / "config.yaml"
    source.write_text(CONFIG.format(upstream=upstream.port))
    target = tmp_path / "imported.yaml"
    done = run("import", "litellm", source, "-o", target)
    assert done.returncode == 0, done.stderr
    return done, target


def test_the_result_is_valid_and_names_what_is_not_as_it_was(tmp_path, upstream):
    done, target = imported(tmp_path, upstream)
    text = target.read_text()
    assert "sk-literal-secret" not in text + done.stderr + done.stdout
    source = tmp_path / "config.yaml"
    for line, setting in (
        (9, "model_list.litellm_params.rpm"),
        (20, "model_list.litellm_params.api_key"),
        (24, "router_settings.redis_host"),
        (27, "litellm_settings.success_callback"),
    ):
        assert f"{source}:{line}: " in done.stderr and setting in done.stderr, done.stderr
        assert f"{source}:{line}: {setting}" in text
    checked = run("config", "check", target, env=KEYS)
    assert checked.returncode == 0, checked.stderr + text


def test_a_server_answers_by_the_result(tmp_path, upstream, start_server):
    _, target = imported(tmp_path, upstream)
    text = target.read_text() + "embedded: false\n"
    config = text.replace("{", "{{").replace("}", "}}")
    server = start_server(config, env=KEYS)
    bearer = {"authorization": "Bearer sk-the-master-key"}
    body = {"model": "chat", "messages": [{"role": "user", "content": "Hello"}]}
    for _ in range(20):
        answer = server.post("/v1/chat/completions", body, headers=bearer)
        assert answer.status_code == 200, answer.text
    assert server.post("/v1/chat/completions", body).status_code == 401


def test_the_report_is_also_json_and_the_text_goes_to_standard_output(tmp_path, upstream):
    imported(tmp_path, upstream)
    report = json.loads(run("import", "litellm", tmp_path / "config.yaml", "--json").stdout)
    assert {note["kind"] for note in report["notes"]} == {"left out", "secret"}
    plain = run("import", "litellm", tmp_path / "config.yaml").stdout
    assert plain == report["yaml"]


def test_what_is_no_configuration_is_refused(tmp_path):
    broken = tmp_path / "config.yaml"
    broken.write_text("model_list: [\n")
    done = run("import", "litellm", broken)
    assert done.returncode == 3
    assert "config.yaml:" in done.stderr
    assert run("import", "litellm").returncode == 2
    assert run("import", "litellm", tmp_path / "absent.yaml").returncode == 1
