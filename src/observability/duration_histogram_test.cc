#include "observability/duration_histogram.h"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

#include "core/random.h"

namespace penstock::observability {
namespace {

using Histogram = DurationHistogram<uint32_t>;

TEST(DurationHistogram, EveryDurationFallsIntoTheBinWhoseBoundsHoldIt) {
  SeededRandom random(7);
  for (int i = 0; i < 100'000; ++i) {
    auto us = static_cast<int64_t>(random.next_u64() >> (32 + random.next_u64() % 32));
    size_t bin = Histogram::bin_of(us);
    ASSERT_LT(bin, Histogram::kBins);
    EXPECT_LE(Histogram::lower_bound_us(bin), us);
    EXPECT_LT(us, Histogram::lower_bound_us(bin + 1));
  }
}

TEST(DurationHistogram, WhatIsOutOfRangeFallsIntoTheFirstOrTheLastBin) {
  EXPECT_EQ(Histogram::bin_of(-5), 0U);
  EXPECT_EQ(Histogram::bin_of(std::numeric_limits<int64_t>::max()), Histogram::kBins - 1);
}

TEST(DurationHistogram, WithoutDurationsThereIsNoQuantile) {
  EXPECT_EQ(Histogram().quantile_us(0.5), std::nullopt);
}

TEST(DurationHistogram, QuantilesAreWithinOneBinOfTheTruth) {
  for (uint64_t seed = 1; seed <= 50; ++seed) {
    SeededRandom random(seed);
    Histogram histogram;
    std::vector<int64_t> durations;
    for (uint64_t left = 1 + random.next_u64() % 2'000; left > 0; --left) {
      durations.push_back(static_cast<int64_t>(random.next_u64() % 10'000'000));
      histogram.add(durations.back());
    }
    std::ranges::sort(durations);
    for (double q : {0.5, 0.95}) {
      auto rank = static_cast<size_t>(q * static_cast<double>(durations.size()));
      auto truth = static_cast<double>(durations[std::min(rank, durations.size() - 1)]);
      auto before = static_cast<double>(durations[rank > 0 ? rank - 1 : 0]);
      double found = *histogram.quantile_us(q);
      EXPECT_GE(found, before * 0.875 - 8) << "seed " << seed;
      EXPECT_LE(found, truth * 1.125 + 8) << "seed " << seed;
    }
  }
}

TEST(DurationHistogram, ASumOfHistogramsIsTheHistogramOfAll) {
  Histogram a, b, all;
  for (int64_t us : {5, 900, 70'000}) a.add(us), all.add(us);
  for (int64_t us : {6, 1'000'000}) b.add(us), all.add(us);
  a.add(b);
  EXPECT_EQ(a.quantile_us(0.5), all.quantile_us(0.5));
  EXPECT_EQ(a.quantile_us(1), all.quantile_us(1));
}

}  // namespace
}  // namespace penstock::observability
