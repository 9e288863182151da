#include "providers/provider_type.h"

#include <algorithm>
#include <array>

namespace penstock::providers {
namespace {

constexpr std::string_view kAzureApiVersion = "2024-10-21";  // the newest that is no preview
constexpr std::string_view kAnthropicVersion = "2023-06-01";

// Sorted by name.
constexpr ProviderType kTypes[] = {
    {.name = "anthropic",
     .protocol = Protocol::kAnthropic,
     .default_base_url = "https://api.anthropic.com/v1",
     .key_header = KeyHeader::kXApiKey},
    {.name = "azure", .key_header = KeyHeader::kApiKey},
    {.name = "openai", .default_base_url = "https://api.openai.com/v1"},
};

std::string_view operation_target(Operation operation, Protocol protocol) {
  if (protocol == Protocol::kAnthropic) {
    return operation == Operation::kCountTokens ? "/messages/count_tokens" : "/messages";
  }
  switch (operation) {
    case Operation::kCompletions:
      return "/completions";
    case Operation::kEmbeddings:
      return "/embeddings";
    case Operation::kModerations:
      return "/moderations";
    case Operation::kRerank:
      return "/rerank";
    default:
      return "/chat/completions";
  }
}

}  // namespace

const ProviderType* find_provider_type(std::string_view name) {
  const auto* found = std::ranges::find(kTypes, name, &ProviderType::name);
  return found == std::end(kTypes) ? nullptr : found;
}

std::span<const ProviderType> provider_types() { return kTypes; }

WireTarget wire_target(const ProviderType& type, Operation operation, std::string_view upstream_model,
                       std::string_view key, const ProviderOptions& options) {
  WireTarget wire;
  wire.target = operation_target(operation, type.protocol);
  if (type.key_header == KeyHeader::kApiKey) {
    std::string_view version = options.api_version.empty() ? kAzureApiVersion : options.api_version;
    wire.target = "/openai/deployments/" + std::string(upstream_model) + wire.target +
                  "?api-version=" + std::string(version);
  }
  if (type.protocol == Protocol::kAnthropic) {
    std::string_view version = options.api_version.empty() ? kAnthropicVersion : options.api_version;
    wire.headers.add("anthropic-version", std::string(version));
    if (!options.anthropic_beta.empty()) wire.headers.add("anthropic-beta", options.anthropic_beta);
  }
  if (key.empty()) return wire;
  switch (type.key_header) {
    case KeyHeader::kBearer:
      wire.headers.add("authorization", "Bearer " + std::string(key));
      break;
    case KeyHeader::kXApiKey:
      wire.headers.add("x-api-key", std::string(key));
      break;
    case KeyHeader::kApiKey:
      wire.headers.add("api-key", std::string(key));
      break;
  }
  return wire;
}

}  // namespace penstock::providers
