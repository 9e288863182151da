#pragma once

#include <string_view>

#include "core/json_fields.h"
#include "providers/translation.h"

namespace penstock::providers {

// A request of Anthropic's Messages API (its `fields`) as a chat completion request for `model` of a provider
// of `type`. kInvalidArgument names what is wrong or cannot be said there: tools that Anthropic runs itself,
// stored files, MCP servers.
Result<TranslatedRequest> messages_to_chat(const JsonFields& fields, std::string_view model,
                                           const ProviderType& type);

}  // namespace penstock::providers
