#include "providers/provider_type.h"

#include <algorithm>
#include <array>

namespace penstock::providers {
namespace {

constexpr std::string_view kAzureApiVersion = "2024-10-21";   // the newest that is no preview
constexpr std::string_view kAnthropicVersion = "2023-06-01";  // what translated requests are written in

// Servers that know only the older name of the limit, and ignore or refuse the newer.
constexpr Rename kMaxTokens[] = {{"max_completion_tokens", "max_tokens"}};

constexpr std::string_view kCerebrasRefused[] = {"frequency_penalty", "presence_penalty", "logit_bias"};
// "Invalid JSON payload received. Unknown name ..."
constexpr std::string_view kGeminiRefused[] = {
    "logit_bias",   "metadata",          "prediction", "prompt_cache_key",
    "service_tier", "safety_identifier", "store",      "verbosity"};
constexpr std::string_view kGroqRefused[] = {"logit_bias", "logprobs", "top_logprobs"};
// Gemini 3 refuses earlier calls without a signature; other contracts lose it, and this one is not verified
// (ai.google.dev/gemini-api/docs/thought-signatures).
constexpr std::string_view kGeminiCallExtra =
    R"({"google":{"thought_signature":"skip_thought_signature_validator"}})";
// 422, "extra_forbidden"
constexpr std::string_view kMistralRefused[] = {"audio",
                                                "logit_bias",
                                                "logprobs",
                                                "modalities",
                                                "prompt_cache_key",
                                                "reasoning_effort",
                                                "service_tier",
                                                "safety_identifier",
                                                "store",
                                                "top_logprobs",
                                                "user",
                                                "verbosity",
                                                "web_search_options"};
constexpr Rename kMistralRenamed[] = {{"max_completion_tokens", "max_tokens"}, {"seed", "random_seed"}};

// Sorted by name.
constexpr ProviderType kTypes[] = {
    {.name = "anthropic",
     .protocol = Protocol::kAnthropic,
     .default_base_url = "https://api.anthropic.com/v1",
     .key_header = KeyHeader::kXApiKey},
    {.name = "azure",
     .key_header = KeyHeader::kApiKey,
     .deployments = true,
     .reasoning_effort = ReasoningEffort::kReasoningModels},
    {.name = "azure_v1",  // https://RESOURCE.openai.azure.com/openai/v1
     .key_header = KeyHeader::kApiKey,
     .reasoning_effort = ReasoningEffort::kReasoningModels},
    {.name = "cerebras",
     .default_base_url = "https://api.cerebras.ai/v1",
     .refused_fields = kCerebrasRefused},
    {.name = "cohere",
     .default_base_url = "https://api.cohere.com",
     .path_prefix = "/compatibility/v1",
     .rerank_target = "/v2/rerank",
     .renamed_fields = kMaxTokens},
    {.name = "deepseek",
     .default_base_url = "https://api.deepseek.com/v1",
     .renamed_fields = kMaxTokens,
     .reasoning_history = "reasoning_content"},
    {.name = "fireworks",
     .default_base_url = "https://api.fireworks.ai/inference/v1",
     .renamed_fields = kMaxTokens,
     .takes_top_k = true},
    {.name = "gemini",
     .default_base_url = "https://generativelanguage.googleapis.com/v1beta/openai",
     .refused_fields = kGeminiRefused,
     .reasoning_effort = ReasoningEffort::kYes,
     .call_extra = kGeminiCallExtra},
    {.name = "groq", .default_base_url = "https://api.groq.com/openai/v1", .refused_fields = kGroqRefused},
    {.name = "jina", .default_base_url = "https://api.jina.ai/v1"},
    {.name = "llama_server", .takes_top_k = true, .reasoning_history = "reasoning_content"},
    {.name = "mistral",
     .default_base_url = "https://api.mistral.ai/v1",
     .takes_stream_options = false,
     .refused_fields = kMistralRefused,
     .renamed_fields = kMistralRenamed},
    {.name = "ollama", .default_base_url = "http://127.0.0.1:11434/v1", .renamed_fields = kMaxTokens},
    {.name = "openai",
     .default_base_url = "https://api.openai.com/v1",
     .reasoning_effort = ReasoningEffort::kReasoningModels},
    {.name = "openai_compatible"},
    {.name = "openrouter",
     .default_base_url = "https://openrouter.ai/api/v1",
     .reasoning_effort = ReasoningEffort::kYes,
     .takes_top_k = true,
     .takes_cache_control = true,
     .reasoning_history = "reasoning"},
    {.name = "penstock", .takes_top_k = true},
    {.name = "sglang", .takes_top_k = true, .reasoning_history = "reasoning_content"},
    {.name = "tgi", .renamed_fields = kMaxTokens},
    {.name = "together",
     .default_base_url = "https://api.together.xyz/v1",
     .renamed_fields = kMaxTokens,
     .takes_top_k = true},
    {.name = "vllm",
     .reasoning_effort = ReasoningEffort::kYes,
     .takes_top_k = true,
     .reasoning_history = "reasoning_content"},
    {.name = "xai", .default_base_url = "https://api.x.ai/v1"},
};

std::string target_of(const ProviderType& type, Operation operation) {
  if (type.protocol == Protocol::kAnthropic) {
    return operation == Operation::kCountTokens ? "/messages/count_tokens" : "/messages";
  }
  std::string prefix(type.path_prefix);
  switch (operation) {
    case Operation::kRerank:
      return std::string(type.rerank_target);
    case Operation::kCompletions:
      return prefix + "/completions";
    case Operation::kEmbeddings:
      return prefix + "/embeddings";
    case Operation::kModerations:
      return prefix + "/moderations";
    default:
      return prefix + "/chat/completions";
  }
}

// RFC 3986 §2.3: everything but unreserved characters.
std::string percent_encoded(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  constexpr std::string_view kPlain = "-._~";
  std::string out;
  for (char c : text) {
    auto byte = static_cast<unsigned char>(c);
    bool plain =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || kPlain.contains(c);
    if (plain) {
      out += c;
    } else {
      out.append({'%', kHex[byte >> 4], kHex[byte & 15]});
    }
  }
  return out;
}

void add_key(Headers& headers, KeyHeader header, std::string_view key) {
  if (key.empty()) return;
  switch (header) {
    case KeyHeader::kBearer:
      return headers.add("authorization", "Bearer " + std::string(key));
    case KeyHeader::kXApiKey:
      return headers.add("x-api-key", std::string(key));
    case KeyHeader::kApiKey:
      return headers.add("api-key", std::string(key));
  }
}

}  // namespace

const ProviderType* find_provider_type(std::string_view name) {
  const auto* found = std::ranges::find(kTypes, name, &ProviderType::name);
  return found == std::end(kTypes) ? nullptr : found;
}

std::span<const ProviderType> provider_types() { return kTypes; }

bool is_openai_reasoning_model(std::string_view model) {
  constexpr std::string_view kPrefixes[] = {"o1", "o3", "o4", "gpt-5", "gpt-6"};
  if (model.contains("-chat")) return false;  // gpt-5-chat-latest does not reason
  return std::ranges::any_of(kPrefixes,
                             [model](std::string_view prefix) { return model.starts_with(prefix); });
}

WireTarget wire_target(const ProviderType& type, Operation operation, std::string_view upstream_model,
                       std::string_view key, const ProviderOptions& options) {
  WireTarget wire{.target = target_of(type, operation), .headers = {}};
  if (type.deployments) {
    std::string version(options.api_version.empty() ? kAzureApiVersion : options.api_version);
    wire.target = "/openai/deployments/" + percent_encoded(upstream_model) + wire.target +
                  "?api-version=" + percent_encoded(version);
  }
  if (type.protocol == Protocol::kAnthropic) {
    std::string version(options.api_version.empty() ? kAnthropicVersion : options.api_version);
    wire.headers.add("anthropic-version", std::move(version));
    if (!options.anthropic_beta.empty()) wire.headers.add("anthropic-beta", options.anthropic_beta);
  }
  add_key(wire.headers, type.key_header, key);
  return wire;
}

void keep_client_version(WireTarget& wire, const ProviderType& type, Operation operation,
                         const Headers& client) {
  if (type.protocol != Protocol::kAnthropic || !is_native(operation, type.protocol)) return;
  if (client.has("anthropic-version")) {
    wire.headers.set("anthropic-version", std::string(client.get("anthropic-version")));
  }
  if (!client.has("anthropic-beta")) return;
  std::string betas(wire.headers.get("anthropic-beta"));  // the operator's
  betas.append(betas.empty() ? "" : ",").append(client.get("anthropic-beta"));
  wire.headers.set("anthropic-beta", std::move(betas));
}

}  // namespace penstock::providers
