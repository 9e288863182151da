#pragma once

#include <optional>

#include "core/json_writer.h"
#include "core/units.h"

// Token counts as each contract's clients read them. Where an upstream told none, every figure is 0.
namespace penstock::providers {

// {"prompt_tokens","completion_tokens","total_tokens","prompt_tokens_details","completion_tokens_details"}
void write_openai_usage(const std::optional<TokenCounts>& tokens, JsonWriter& json);

// {"input_tokens","cache_creation_input_tokens",...}: all members of a message's usage
void write_anthropic_usage(const std::optional<TokenCounts>& tokens, JsonWriter& json);

// {"input_tokens","input_tokens_details","output_tokens","output_tokens_details","total_tokens"}
void write_responses_usage(const std::optional<TokenCounts>& tokens, JsonWriter& json);

}  // namespace penstock::providers
