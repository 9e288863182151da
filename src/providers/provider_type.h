#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/http_message.h"
#include "providers/protocol.h"

namespace penstock::providers {

// How a provider is shown its key.
enum class KeyHeader : uint8_t { kBearer, kXApiKey, kApiKey };

// Whether a provider takes `reasoning_effort`; kReasoningModels: from OpenAI's models that reason, while its
// others refuse the field.
enum class ReasoningEffort : uint8_t { kNo, kYes, kReasoningModels };

// A request field that a provider calls otherwise.
struct Rename {
  std::string_view from;
  std::string_view to;
};

// One row per `type` of a provider in penstock.yaml. Everything in which a provider differs from its protocol
// stands in its row; docs/providers.md says how to add one.
struct ProviderType {
  std::string_view name;
  Protocol protocol = Protocol::kOpenAi;
  std::string_view default_base_url{};  // empty: base_url must be given
  KeyHeader key_header = KeyHeader::kBearer;
  bool deployments = false;        // the model stands in the path, an api-version in the query: Azure
  std::string_view path_prefix{};  // between base_url and the paths of OpenAI's API
  std::string_view rerank_target = "/rerank";
  // Of chat and completions requests. Refused fields are answered with an error there, so they are left out
  // and named in x-penstock-dropped-fields; a renamed one gives way where the client sent its new name, too.
  bool takes_stream_options = true;  // false: usage comes unasked
  std::span<const std::string_view> refused_fields{};
  std::span<const Rename> renamed_fields{};
  // Of translated requests, which take only what the provider is known to understand.
  ReasoningEffort reasoning_effort = ReasoningEffort::kNo;
  bool takes_top_k = false;
  bool takes_cache_control = false;      // Anthropic's cache marks on messages and tools
  std::string_view reasoning_history{};  // the member of a message for earlier reasoning; empty: not taken
  // JSON that stands in the `extra_content` of earlier tool calls which come without the provider's own;
  // empty: none.
  std::string_view call_extra{};
};

// nullptr: there is no such type.
const ProviderType* find_provider_type(std::string_view name);
// Every type, by name.
std::span<const ProviderType> provider_types();

// Is it one of OpenAI's models that reason? They take max_completion_tokens and reasoning_effort, and refuse
// max_tokens and temperature.
bool is_openai_reasoning_model(std::string_view model);

// What the operator set for one provider or target, beyond address and keys.
struct ProviderOptions {
  std::string api_version;            // Azure: query parameter; Anthropic: header. Empty: the type's default
  std::string anthropic_beta;         // header of that name; empty: none
  std::optional<int64_t> max_tokens;  // sent where the protocol demands a limit and the client gave none
};

// Where a request goes below the provider's base URL, and the headers that name its caller.
struct WireTarget {
  std::string target;  // "/chat/completions"; Azure: "/openai/deployments/M/chat/completions?api-version=V"
  Headers headers;     // the key and the protocol's version; no content-type
};

// `key` may be empty: no key header. `upstream_model` is percent-encoded where it stands in the path.
WireTarget wire_target(const ProviderType& type, Operation operation, std::string_view upstream_model,
                       std::string_view key, const ProviderOptions& options);

// A native call keeps the version and the betas of the contract that its client speaks (anthropic-version,
// anthropic-beta): puts them from the client's headers into `wire`, betas beside the operator's.
void keep_client_version(WireTarget& wire, const ProviderType& type, Operation operation,
                         const Headers& client);

}  // namespace penstock::providers
