#pragma once

#include <optional>
#include <string_view>

#include "core/json_fields.h"
#include "core/units.h"

namespace penstock::providers {

// OpenAI's `usage` object as exclusive token kinds. OpenAI counts cached, cache-write and audio tokens inside
// prompt_tokens, and reasoning and audio inside completion_tokens; here each token is counted once. An
// explicit 0 is 0. What total_tokens has beyond the other two is reasoning. `raw` is the valid JSON text of
// the object; nullopt if it is none or has neither prompt_tokens nor total_tokens (rerankers tell the latter
// only).
std::optional<TokenCounts> read_openai_usage(std::string_view raw);

// The same of an answer or a chunk, wherever it stands there: `usage`, or `x_groq` of Groq's streams.
std::optional<TokenCounts> read_openai_usage(const JsonFields& answer);

}  // namespace penstock::providers
