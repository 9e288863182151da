#include "engine/lane_plan.h"

#include <algorithm>

namespace penstock::engine {
namespace {

constexpr int32_t kSlotsWorthwhile = 2;  // a short lane of one slot would only take memory from the long one

}  // namespace

std::vector<LaneOptions> plan_lanes(const LaneBudget& budget) {
  const int32_t trained = std::max(1, budget.context_trained);
  const int32_t asked = budget.context_tokens > 0 ? budget.context_tokens : kContextDefault;
  const int32_t window = std::min(asked, trained);
  const int32_t sequences = std::clamp(budget.sequences_max, 1, Lane::kSlotsMax);
  const int64_t cells_max = budget.kv_bytes_max / std::max<int64_t>(1, budget.kv_bytes_per_token);
  LaneOptions lane{.step_tokens_max = budget.step_tokens_max, .threads = budget.threads};

  if (window <= kShortWindowTokens) {
    lane.memory = LaneMemory::kSplit;
    lane.slots = static_cast<int32_t>(std::clamp<int64_t>(cells_max / window, 1, sequences));
    lane.window_tokens = window;
    lane.step_outputs_max = lane.slots + kPromptOutputsMax;
    return {lane};
  }

  std::vector<LaneOptions> lanes;
  const int64_t beside = std::max<int64_t>(0, cells_max - window) / kShortWindowTokens;
  const auto short_slots = static_cast<int32_t>(std::min<int64_t>(beside, sequences));
  if (short_slots >= kSlotsWorthwhile) {
    lane.memory = LaneMemory::kSplit;
    lane.slots = short_slots;
    lane.window_tokens = kShortWindowTokens;
    lane.step_outputs_max = lane.slots + kPromptOutputsMax;
    lanes.push_back(lane);
  }
  lane.memory = LaneMemory::kShared;
  lane.slots = lanes.empty() ? sequences : std::min(kLongLaneSlots, sequences);
  lane.window_tokens = window;
  lane.cells = lanes.empty()
                   ? static_cast<int32_t>(std::clamp<int64_t>(cells_max, window, int64_t{window} * sequences))
                   : window;
  lane.step_outputs_max = lane.slots + kPromptOutputsMax;
  lanes.push_back(lane);
  return lanes;
}

}  // namespace penstock::engine
