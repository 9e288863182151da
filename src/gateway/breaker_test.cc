#include "gateway/breaker.h"

#include <gtest/gtest.h>

namespace penstock::gateway {
namespace {

constexpr int64_t kSecond = 1'000'000;
constexpr BreakerPolicy kPolicy{.window_us = 30 * kSecond,
                                .error_rate = 0.5,
                                .calls_min = 4,
                                .cooldown_min_us = 5 * kSecond,
                                .cooldown_max_us = 12 * kSecond,
                                .probes_max = 1};

void call(Breaker& breaker, bool succeeds, int64_t now_us) {
  BreakerPass pass = breaker.admit(kPolicy, now_us);
  ASSERT_NE(pass, BreakerPass::kNone);
  succeeds ? breaker.succeeded(pass, kPolicy, now_us) : breaker.failed(pass, kPolicy, now_us);
}

TEST(Breaker, OpensAtTheErrorRateOfEnoughCalls) {
  Breaker breaker;
  call(breaker, true, 1);
  call(breaker, true, 2);
  call(breaker, false, 3);
  EXPECT_EQ(breaker.state(3), BreakerState::kClosed) << "three calls are too few";
  call(breaker, false, 4);
  EXPECT_EQ(breaker.state(4), BreakerState::kOpen);
  EXPECT_EQ(breaker.admit(kPolicy, 5), BreakerPass::kNone);
  EXPECT_EQ(breaker.opens_until_us(), 4 + 5 * kSecond);
}

TEST(Breaker, OneProbePassesAndItsSuccessCloses) {
  Breaker breaker;
  for (int i = 0; i < 4; ++i) call(breaker, false, i);
  int64_t later = 10 * kSecond;
  EXPECT_EQ(breaker.state(later), BreakerState::kHalfOpen);
  EXPECT_EQ(breaker.admit(kPolicy, later), BreakerPass::kProbe);
  EXPECT_EQ(breaker.admit(kPolicy, later), BreakerPass::kNone) << "a second probe at once";
  EXPECT_FALSE(breaker.would_admit(kPolicy, later));
  breaker.succeeded(BreakerPass::kProbe, kPolicy, later);
  EXPECT_EQ(breaker.state(later), BreakerState::kClosed);
  call(breaker, false, later + 1);
  EXPECT_EQ(breaker.state(later + 1), BreakerState::kClosed) << "the old errors are forgotten";
}

TEST(Breaker, AFailedProbeDoublesTheCooldownUpToItsMaximum) {
  Breaker breaker;
  for (int i = 0; i < 4; ++i) call(breaker, false, 0);
  int64_t now_us = 5 * kSecond;
  for (int64_t cooldown_us : {10 * kSecond, 12 * kSecond, 12 * kSecond}) {
    ASSERT_EQ(breaker.admit(kPolicy, now_us), BreakerPass::kProbe);
    breaker.failed(BreakerPass::kProbe, kPolicy, now_us);
    EXPECT_EQ(breaker.opens_until_us(), now_us + cooldown_us);
    now_us += cooldown_us;
  }
}

TEST(Breaker, AnAbandonedProbeLeavesItsPlace) {
  Breaker breaker;
  for (int i = 0; i < 4; ++i) call(breaker, false, 0);
  BreakerPass probe = breaker.admit(kPolicy, 6 * kSecond);
  breaker.abandoned(probe);
  EXPECT_EQ(breaker.admit(kPolicy, 6 * kSecond), BreakerPass::kProbe);
}

TEST(Breaker, ErrorsOlderThanTheWindowDoNotCount) {
  Breaker breaker;
  for (int i = 0; i < 3; ++i) call(breaker, false, 0);
  call(breaker, false, 100 * kSecond);
  EXPECT_EQ(breaker.state(100 * kSecond), BreakerState::kClosed);
}

TEST(Breaker, ACallFromBeforeTheTripProvesNothing) {
  Breaker breaker;
  BreakerPass early = breaker.admit(kPolicy, 0);
  for (int i = 0; i < 4; ++i) call(breaker, false, 1);
  breaker.succeeded(early, kPolicy, 2);
  EXPECT_EQ(breaker.state(2), BreakerState::kOpen);
}

}  // namespace
}  // namespace penstock::gateway
