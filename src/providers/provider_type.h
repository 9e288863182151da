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

// What a provider calls the limit of tokens to answer with. kBoth: takes either name as it came.
enum class MaxTokensName : uint8_t { kBoth, kMaxTokens, kMaxCompletionTokens };

// One row per `type` of a provider in penstock.yaml. Everything in which a provider differs from its protocol
// stands in its row; see docs/providers.md for how to add one.
struct ProviderType {
  std::string_view name;
  Protocol protocol = Protocol::kOpenAi;
  std::string_view default_base_url;  // empty: base_url must be given
  KeyHeader key_header = KeyHeader::kBearer;
  MaxTokensName max_tokens_name = MaxTokensName::kBoth;
  bool takes_stream_options = true;  // false: the field is an error there; usage comes unasked
  std::string_view chat_target = "/chat/completions";  // below base_url
  // Request fields that it answers with an error; they are left out and named in x-penstock-dropped-fields.
  std::span<const std::string_view> refused_fields;
  // The member of a chat message that carries reasoning, where earlier reasoning may be sent back; else
  // empty.
  std::string_view reasoning_history;
};

// nullptr: there is no such type.
const ProviderType* find_provider_type(std::string_view name);
// Every type, by name.
std::span<const ProviderType> provider_types();

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

}  // namespace penstock::providers
