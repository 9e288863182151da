#include "core/wakeup.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "core/run_task.h"

namespace penstock {
namespace {

using Reason = Wakeup::Reason;

TEST(Wakeup, ANotificationBeforeTheWaitEndsItAtOnceAndCountsOnce) {
  Wakeup wakeup;
  wakeup.notify();
  wakeup.notify();
  EXPECT_EQ(run_task(wakeup.wait(600'000)), Reason::kNotified);
}

Task<Reason> wait_twice(Wakeup& wakeup) {
  EXPECT_EQ(co_await wakeup.wait(600'000), Reason::kNotified);
  co_return co_await wakeup.wait(1);
}

TEST(Wakeup, WithoutANotificationTheTimeRunsOut) {
  Wakeup wakeup;
  wakeup.notify();
  EXPECT_EQ(run_task(wait_twice(wakeup)), Reason::kTimeout);
}

Task<Reason> cancelled_before(Wakeup& wakeup, CancelSource& source) {
  source.cancel();
  co_return co_await wakeup.wait(600'000, source.token());
}

TEST(Wakeup, ACancelledTokenEndsTheWait) {
  Wakeup wakeup;
  CancelSource source;
  EXPECT_EQ(run_task(cancelled_before(wakeup, source)), Reason::kCancelled);
}

TEST(Wakeup, MayOutliveTheLoopOnWhichItWasAwaited) {
  Wakeup wakeup;
  EXPECT_EQ(run_task(wakeup.wait(1)), Reason::kTimeout);
  wakeup.notify();
}

Task<int> count_until(Wakeup& wakeup, const std::atomic<int>& produced, int goal) {
  int woken = 0;
  while (produced.load() < goal) {
    EXPECT_EQ(co_await wakeup.wait(600'000), Reason::kNotified);
    ++woken;
  }
  co_return woken;
}

TEST(Wakeup, NoNotificationOfAnotherThreadIsLost) {
  constexpr int kGoal = 20'000;
  Wakeup wakeup;
  std::atomic<int> produced = 0;
  std::jthread producer([&] {
    for (int i = 0; i < kGoal; ++i) {
      ++produced;
      wakeup.notify();
    }
  });
  EXPECT_GE(run_task(count_until(wakeup, produced, kGoal)), 1);
}

}  // namespace
}  // namespace penstock
