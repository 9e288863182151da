#pragma once

#include <cstdint>
#include <string_view>

namespace penstock::providers {

// How a Claude model is told to think: not at all, within a budget of tokens, or as it sees fit at an effort.
enum class Thinking : uint8_t { kNone, kBudget, kAdaptive };

// What differs between Claude models for a request that is written for them.
struct ClaudeModel {
  std::string_view prefix;
  int64_t max_tokens;  // the most it answers with
  Thinking thinking;
  bool takes_sampling;     // temperature, top_p, top_k
  bool takes_json_schema;  // output_config.format and strict tools
};

// The row with the longest prefix of `model`. A name that no row knows (another server that speaks the
// protocol) gets what every model takes.
const ClaudeModel& claude_model(std::string_view model);

}  // namespace penstock::providers
