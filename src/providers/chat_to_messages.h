#pragma once

#include <string_view>

#include "core/json_fields.h"
#include "providers/translation.h"

namespace penstock::providers {

// The tool that stands for a JSON schema where a Claude model does not take one: its input is the answer.
inline constexpr std::string_view kJsonTool = "json_response";

// A chat completion request (its `fields`) as a request of Anthropic's Messages API for `model`.
//
// Besides OpenAI's fields it takes what clients of other gateways send for Claude: `thinking`, `top_k`,
// `thinking_blocks` in assistant messages (with their signatures) and `cache_control` on parts and tools.
// kInvalidArgument names what is wrong or cannot be said there (n > 1, audio, custom tools).
Result<TranslatedRequest> chat_to_messages(const JsonFields& fields, std::string_view model,
                                           const ProviderOptions& options);

}  // namespace penstock::providers
