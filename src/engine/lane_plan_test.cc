#include "engine/lane_plan.h"

#include <gtest/gtest.h>

namespace penstock::engine {
namespace {

constexpr LaneBudget kSmolLm{.kv_bytes_per_token = 23'040,
                             .context_trained = 8'192,
                             .context_tokens = 0,
                             .sequences_max = 32,
                             .kv_bytes_max = 512 << 20,
                             .step_tokens_max = 160,
                             .threads = 1};

int64_t bytes_of(const std::vector<LaneOptions>& lanes, const LaneBudget& budget) {
  int64_t tokens = 0;
  for (const LaneOptions& lane : lanes) {
    tokens += lane.memory == LaneMemory::kSplit ? int64_t{lane.slots} * lane.window_tokens : lane.cells;
  }
  return tokens * budget.kv_bytes_per_token;
}

TEST(PlanLanes, PutsManyShortSequencesBesideFewLongOnes) {
  const auto lanes = plan_lanes(kSmolLm);
  ASSERT_EQ(lanes.size(), 2U);
  EXPECT_EQ(lanes[0].memory, LaneMemory::kSplit);
  EXPECT_GE(lanes[0].slots, 12);
  EXPECT_EQ(lanes[1].memory, LaneMemory::kShared);
  EXPECT_EQ(lanes[1].window_tokens, 8'192);
  EXPECT_LE(bytes_of(lanes, kSmolLm), kSmolLm.kv_bytes_max);
}

TEST(PlanLanes, GivesALargeModelOneLaneForItsLongestText) {
  LaneBudget large = kSmolLm;
  large.kv_bytes_per_token = 131'072;
  const auto lanes = plan_lanes(large);
  ASSERT_EQ(lanes.size(), 1U);
  EXPECT_EQ(lanes[0].memory, LaneMemory::kShared);
  EXPECT_EQ(lanes[0].cells, 8'192);
  EXPECT_EQ(lanes[0].slots, 32);
}

TEST(PlanLanes, SplitsAShortContextAmongAllSequences) {
  LaneBudget brief = kSmolLm;
  brief.context_tokens = 512;
  const auto lanes = plan_lanes(brief);
  ASSERT_EQ(lanes.size(), 1U);
  EXPECT_EQ(lanes[0].memory, LaneMemory::kSplit);
  EXPECT_EQ(lanes[0].slots, 32);
  EXPECT_EQ(lanes[0].window_tokens, 512);
}

TEST(PlanLanes, NeverAsksForMoreThanTheModelWasTrainedFor) {
  LaneBudget asked = kSmolLm;
  asked.context_tokens = 100'000;
  EXPECT_EQ(plan_lanes(asked).back().window_tokens, 8'192);
  asked.context_trained = 2'048;
  EXPECT_EQ(plan_lanes(asked).back().window_tokens, 2'048);
}

TEST(PlanLanes, StaysWithinLimitsForAnyOptions) {
  for (int32_t sequences : {-1, 0, 1, 3, 1'000}) {
    for (int64_t bytes : {int64_t{0}, int64_t{1} << 20, int64_t{1} << 40}) {
      LaneBudget budget = kSmolLm;
      budget.sequences_max = sequences;
      budget.kv_bytes_max = bytes;
      for (const LaneOptions& lane : plan_lanes(budget)) {
        EXPECT_GE(lane.slots, 1);
        EXPECT_LE(lane.slots, Lane::kSlotsMax);
        EXPECT_GE(lane.step_outputs_max, lane.slots);
      }
    }
  }
}

}  // namespace
}  // namespace penstock::engine
