#include "app/litellm_import.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>

#include "app/settings.h"
#include "gateway/route_table.h"

namespace penstock::app {
namespace {

class LitellmImportTest : public testing::Test {
 protected:
  // Imports `text` and loads the result, as a server would, with every variable set.
  void import(std::string_view text) {
    auto imported = import_litellm(text, "config.yaml");
    ASSERT_TRUE(imported) << imported.error().message;
    made_ = std::move(*imported);
    auto settings = read_settings(made_.yaml, "penstock.yaml",
                                  [](const std::string& name) { return "http://value.of." + name; });
    ASSERT_TRUE(settings) << settings.error().message << "\n" << made_.yaml;
    settings_ = std::move(*settings);
    gateway::TargetStates states;
    auto routes = gateway::RouteTable::create(settings_.gateway, {}, states);
    EXPECT_TRUE(routes) << routes.error().message << "\n" << made_.yaml;
  }
  const gateway::RouteConfig& route(std::string_view name) {
    auto found = std::ranges::find(settings_.gateway.routes, name, &gateway::RouteConfig::name);
    if (found != settings_.gateway.routes.end()) return *found;
    ADD_FAILURE() << "no route " << name << "\n" << made_.yaml;
    static const gateway::RouteConfig kNone;
    return kNone;
  }
  const gateway::ProviderConfig& provider_of(const gateway::TargetConfig& target) {
    return settings_.gateway.providers.at(target.provider);
  }
  bool noted(int line, std::string_view setting) {
    return std::ranges::any_of(made_.notes, [&](const ImportNote& note) {
      return note.line == line && note.setting.starts_with(setting);
    });
  }
  std::string all_notes() {
    std::string out;
    for (const ImportNote& note : made_.notes)
      out += std::to_string(note.line) + " " + note.setting + ": " + note.message + "\n";
    return out;
  }

  LitellmImport made_;
  Settings settings_;
};

TEST_F(LitellmImportTest, AFirstConfigOfOneModel) {
  import(R"(model_list:
  - model_name: gpt-4o
    litellm_params:
      model: openai/gpt-4o
      api_key: os.environ/OPENAI_API_KEY
)");
  EXPECT_TRUE(made_.notes.empty()) << all_notes();
  const auto& target = route("gpt-4o").targets.at(0);
  EXPECT_EQ(target.model, "gpt-4o");
  EXPECT_EQ(provider_of(target).type->name, "openai");
  EXPECT_EQ(provider_of(target).keys.at(0).secret, "http://value.of.OPENAI_API_KEY");
  EXPECT_NE(made_.yaml.find("# config.yaml:2"), std::string::npos) << made_.yaml;
}

TEST_F(LitellmImportTest, AzureRegionsBalancedByRateWithAFallbackToOpenAi) {
  import(R"(model_list:
  - model_name: gpt-4o
    litellm_params:
      model: azure/gpt-4o-eu
      api_base: https://my-endpoint-europe.openai.azure.com/
      api_version: "2024-08-01-preview"
      api_key: os.environ/AZURE_API_KEY_EU
      rpm: 6
      timeout: 300
      stream_timeout: 60
  - model_name: gpt-4o
    litellm_params:
      model: azure/gpt-4o-ca
      api_base: os.environ/AZURE_CA_BASE
      api_version: "2024-08-01-preview"
      api_key: os.environ/AZURE_API_KEY_CA
      rpm: 2
  - model_name: gpt-4o-direct
    litellm_params: {model: gpt-4o, api_key: os.environ/OPENAI_API_KEY, max_retries: 3}
router_settings:
  routing_strategy: simple-shuffle
  num_retries: 2
  fallbacks: [{"gpt-4o": ["gpt-4o-direct"]}]
  cooldown_time: 30
  allowed_fails: 3
  redis_host: os.environ/REDIS_HOST
)");
  const auto& shared = route("gpt-4o");
  ASSERT_EQ(shared.targets.size(), 2U);
  EXPECT_EQ(shared.targets[0].model, "gpt-4o-eu");
  EXPECT_EQ(shared.targets[0].weight, 6);
  EXPECT_EQ(shared.targets[1].weight, 2);
  EXPECT_EQ(provider_of(shared.targets[0]).type->name, "azure");
  EXPECT_EQ(provider_of(shared.targets[0]).options.api_version, "2024-08-01-preview");
  EXPECT_EQ(provider_of(shared.targets[0]).endpoint.host, "my-endpoint-europe.openai.azure.com");
  EXPECT_EQ(provider_of(shared.targets[1]).endpoint.host, "value.of.AZURE_CA_BASE");
  EXPECT_EQ(shared.timeouts.total_ms, 300'000);
  EXPECT_EQ(shared.timeouts.ttft_ms, 60'000);
  EXPECT_EQ(shared.retry.attempts, 3);
  EXPECT_EQ(shared.breaker.cooldown_min_us, 30'000'000);
  EXPECT_EQ(shared.breaker.calls_min, 4);
  EXPECT_EQ(shared.fallback.error, std::vector<std::string>{"gpt-4o-direct"});
  EXPECT_EQ(route("gpt-4o-direct").retry.attempts, 4);
  EXPECT_TRUE(noted(8, "model_list.litellm_params.rpm")) << all_notes();
  EXPECT_TRUE(noted(26, "router_settings.redis_host")) << all_notes();
}

TEST_F(LitellmImportTest, SecretsInTheFileAreNamedAndNeverCopied) {
  import(R"(model_list:
  - model_name: claude
    litellm_params:
      model: anthropic/claude-3-5-sonnet-20241022
      api_key: sk-ant-very-secret
  - model_name: claude-b
    litellm_params: {model: anthropic/claude-3-haiku-20240307, api_key: sk-ant-other-secret}
general_settings:
  master_key: sk-1234-secret
  database_url: "postgresql://llm:pass-secret@host:5432/litellm"
environment_variables:
  OPENAI_API_KEY: sk-env-secret
)");
  EXPECT_EQ(made_.yaml.find("secret\""), std::string::npos);
  for (std::string_view secret :
       {"very-secret", "other-secret", "1234-secret", "pass-secret", "env-secret"}) {
    EXPECT_EQ(made_.yaml.find(secret), std::string::npos) << made_.yaml;
    EXPECT_EQ(all_notes().find(secret), std::string::npos) << all_notes();
  }
  EXPECT_TRUE(noted(5, "model_list.litellm_params.api_key")) << all_notes();
  EXPECT_TRUE(noted(7, "model_list.litellm_params.api_key"));
  EXPECT_TRUE(noted(9, "general_settings.master_key"));
  EXPECT_TRUE(noted(10, "general_settings.database_url"));
  EXPECT_TRUE(noted(12, "environment_variables.OPENAI_API_KEY"));
  EXPECT_EQ(settings_.gateway.providers.size(), 2U);
  ASSERT_EQ(settings_.access.keys.size(), 1U);
  EXPECT_EQ(settings_.access.keys[0].role, access::Role::kOwner);
}

TEST_F(LitellmImportTest, OwnServersOfManyKinds) {
  import(R"(model_list:
  - model_name: llama
    litellm_params: {model: hosted_vllm/meta-llama/Llama-3.1-8B, api_base: "http://vllm:8000/v1"}
  - model_name: local
    litellm_params: {model: ollama_chat/llama3.2, api_base: "http://localhost:11434"}
  - model_name: tgi
    litellm_params: {model: huggingface/mistralai/Mistral-7B, api_base: "http://tgi:80"}
  - model_name: mine
    litellm_params: {model: openai/my-model, api_base: "http://10.0.0.5:9000/v1", api_key: none}
  - model_name: router
    litellm_params: {model: openrouter/meta-llama/llama-3.3-70b-instruct}
  - model_name: pplx
    litellm_params: {model: perplexity/sonar}
)");
  EXPECT_TRUE(made_.notes.empty()) << all_notes();
  auto base = [&](std::string_view name) { return provider_of(route(name).targets.at(0)).endpoint.text(); };
  auto type = [&](std::string_view name) { return provider_of(route(name).targets.at(0)).type->name; };
  EXPECT_EQ(type("llama"), "vllm");
  EXPECT_EQ(route("llama").targets[0].model, "meta-llama/Llama-3.1-8B");
  EXPECT_EQ(type("local"), "ollama");
  EXPECT_EQ(base("local"), "http://localhost:11434/v1");
  EXPECT_EQ(type("tgi"), "tgi");
  EXPECT_EQ(base("tgi"), "http://tgi:80/v1");
  EXPECT_EQ(type("mine"), "openai_compatible");
  EXPECT_TRUE(provider_of(route("mine").targets[0]).keys.empty());
  EXPECT_EQ(type("router"), "openrouter");
  EXPECT_EQ(base("pplx"), "https://api.perplexity.ai:443");
}

TEST_F(LitellmImportTest, FallbacksByCauseAliasesRetriesCacheAndLog) {
  import(R"(model_list:
  - {model_name: small, litellm_params: {model: openai/gpt-4o-mini}}
  - {model_name: big, litellm_params: {model: openai/gpt-4o}}
  - {model_name: safe, litellm_params: {model: anthropic/claude-3-haiku}}
litellm_settings:
  drop_params: true
  set_verbose: true
  json_logs: true
  request_timeout: 45.5
  num_retries: 3
  default_fallbacks: ["big"]
  context_window_fallbacks: [{"small": ["big", "absent"]}]
  content_policy_fallbacks: [{"small": ["safe"]}]
  cache: true
  cache_params: {type: redis, ttl: 600, host: redis.local}
  success_callback: ["langfuse"]
router_settings:
  routing_strategy: usage-based-routing-v2
  model_group_alias: {"gpt-4": "big", "gpt-3.5": {"model": "small", "hidden": true}}
  retry_policy: {RateLimitErrorRetries: 4, TimeoutErrorRetries: 2, BadRequestErrorRetries: 1}
  enable_pre_call_checks: true
)");
  const auto& small = route("small");
  EXPECT_EQ(small.fallback.error, std::vector<std::string>{"big"});
  EXPECT_EQ(small.fallback.context_window, std::vector<std::string>{"big"});
  EXPECT_EQ(small.fallback.content_policy, std::vector<std::string>{"safe"});
  EXPECT_TRUE(route("big").fallback.error.empty());
  EXPECT_EQ(small.timeouts.total_ms, 45'500);
  EXPECT_EQ(small.strategy, gateway::Strategy::kLeastBusy);
  EXPECT_EQ(small.cache.exact_ttl_s, 600);
  EXPECT_EQ(route("gpt-4").targets.at(0).model, "gpt-4o");
  EXPECT_EQ(route("gpt-3.5").targets.at(0).model, "gpt-4o-mini");
  EXPECT_EQ(route("gpt-3.5").fallback.content_policy, std::vector<std::string>{"safe"});
  EXPECT_EQ(settings_.log_level, LogLevel::kDebug);
  EXPECT_EQ(settings_.log_format, LogFormat::kJson);
  EXPECT_TRUE(noted(12, "litellm_settings.context_window_fallbacks")) << all_notes();
  EXPECT_TRUE(noted(15, "litellm_settings.cache_params.host")) << all_notes();
  EXPECT_TRUE(noted(16, "litellm_settings.success_callback"));
  EXPECT_TRUE(noted(18, "router_settings.routing_strategy"));
  EXPECT_TRUE(noted(20, "router_settings.retry_policy.BadRequestErrorRetries"));
  EXPECT_TRUE(noted(21, "router_settings.enable_pre_call_checks"));
}

TEST_F(LitellmImportTest, OrderMakesAPriorityAndPricesComeAlong) {
  import(R"(x-shared: &shared
  api_key: os.environ/OPENAI_API_KEY
model_list:
  - model_name: chat
    litellm_params: {<<: *shared, model: openai/second, order: 2}
  - model_name: chat
    litellm_params: {<<: *shared, model: openai/first, order: 1}
    model_info: {id: best, mode: chat, input_cost_per_token: 0.0000025, output_cost_per_token: 1.0e-05}
)");
  const auto& chat = route("chat");
  EXPECT_EQ(chat.strategy, gateway::Strategy::kPriority);
  EXPECT_EQ(chat.targets.at(0).id, "best");
  EXPECT_EQ(chat.targets.at(0).model, "first");
  EXPECT_EQ(chat.targets.at(1).model, "second");
  EXPECT_NE(made_.yaml.find("first: { input_usd_per_mtok: 2.5, output_usd_per_mtok: 10 }"), std::string::npos)
      << made_.yaml;
  EXPECT_EQ(settings_.gateway.providers.size(), 1U);
  EXPECT_TRUE(noted(8, "model_list.model_info.mode")) << all_notes();
  EXPECT_TRUE(noted(1, "x-shared"));
}

TEST_F(LitellmImportTest, WhatHasNoCounterpartIsLeftOutByNameAndLine) {
  import(R"(model_list:
  - model_name: titan
    litellm_params: {model: bedrock/amazon.titan-text, aws_region_name: us-east-1}
  - model_name: "openai/*"
    litellm_params: {model: "openai/*", api_key: os.environ/OPENAI_API_KEY}
  - model_name: "gpt-*"
    litellm_params: {model: "openai/gpt-*", temperature: 0.2}
  - model_name: nothing
guardrails:
  - guardrail_name: presidio
router_settings:
  fallbacks: [{"titan": ["gpt-x"]}]
general_settings: {alerting: ["slack"], unheard_of: 1}
)");
  EXPECT_EQ(settings_.gateway.routes.size(), 1U);
  EXPECT_EQ(route("gpt-*").targets.at(0).model, "");
  for (auto [line, setting] : {std::pair{3, "model_list: bedrock/amazon.titan-text"},
                               {4, "model_list"},
                               {7, "model_list.litellm_params.temperature"},
                               {8, "model_list"},
                               {9, "guardrails"},
                               {12, "router_settings.fallbacks"},
                               {13, "general_settings.alerting"},
                               {13, "general_settings.unheard_of"}}) {
    bool found = noted(line, setting) || (line == 4 && noted(5, setting));
    EXPECT_TRUE(found) << line << " " << setting << "\n" << all_notes();
  }
  EXPECT_NE(made_.yaml.find("guardrails"), std::string::npos);
}

TEST_F(LitellmImportTest, NamesThatYamlWouldMisreadStayNames) {
  import(R"(model_list:
  - {model_name: "true", litellm_params: {model: "openai/1.5"}}
  - {model_name: "cost: $5 #1", litellm_params: {model: openai/a}}
)");
  EXPECT_EQ(route("true").targets.at(0).model, "1.5");
  EXPECT_EQ(route("cost: $5 #1").targets.at(0).model, "a");
}

TEST_F(LitellmImportTest, NoTextOfTheFileLeavesItsComment) {
  import(
      "model_list:\n  - {model_name: a, litellm_params: {model: openai/a}}\n\"x\\nlisten: 0.0.0.0:1\": 1\n");
  EXPECT_EQ(made_.notes.size(), 1U);
  EXPECT_EQ(settings_.listen, Settings().listen);
}

TEST_F(LitellmImportTest, RefusesWhatIsNoConfiguration) {
  EXPECT_FALSE(import_litellm("[1, 2]", "f"));
  EXPECT_FALSE(import_litellm("", "f"));
  auto broken = import_litellm("a: [", "config.yaml");
  ASSERT_FALSE(broken);
  EXPECT_TRUE(broken.error().message.starts_with("config.yaml:"));
  import("model_list: []\n");
  EXPECT_TRUE(settings_.gateway.routes.empty());
}

}  // namespace
}  // namespace penstock::app
