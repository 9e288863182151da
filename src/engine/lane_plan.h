#pragma once

#include <cstdint>
#include <vector>

#include "engine/lane.h"

namespace penstock::engine {

// What the lanes of a model depend on.
struct LaneBudget {
  int64_t kv_bytes_per_token = 0;
  int32_t context_trained = 0;
  int32_t context_tokens = 0;  // asked for; 0: the model's, at most kContextDefault
  int32_t sequences_max = 32;
  int64_t kv_bytes_max = 0;
  int32_t step_tokens_max = 0;
  int32_t threads = 1;
};

inline constexpr int32_t kContextDefault = 8192;
inline constexpr int32_t kShortWindowTokens = 1024;
inline constexpr int32_t kLongLaneSlots = 4;
// Rows of logits that a step has beside one per slot, for the logprobs of prompts.
inline constexpr int32_t kPromptOutputsMax = 32;

// Lanes by ascending window. The last holds the longest sequences of the model (in memory of kv_bytes_max or
// what one sequence needs, if that is more). Where the budget has room beside it, a split lane for the many
// short ones comes first.
std::vector<LaneOptions> plan_lanes(const LaneBudget& budget);

}  // namespace penstock::engine
