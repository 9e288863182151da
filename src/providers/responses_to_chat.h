#pragma once

#include <string_view>

#include "core/json_fields.h"
#include "providers/translation.h"

namespace penstock::providers {

// What the stateless subset of OpenAI's Responses API leaves out: stored responses and conversations,
// background work, stored prompts, and tools that the provider runs. kNotImplemented with the reason; errors
// name the field.
Result<void> check_stateless(const JsonFields& fields);

// A request of the Responses API (its `fields`) as a chat completion request for `model` of a provider of
// `type`. Earlier reasoning that came with a signature (`encrypted_content`) goes along in `thinking_blocks`.
Result<TranslatedRequest> responses_to_chat(const JsonFields& fields, std::string_view model,
                                            const ProviderType& type);

}  // namespace penstock::providers
