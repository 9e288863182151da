#include "gateway/limiter.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <thread>
#include <vector>

#include "core/random.h"

namespace penstock::gateway {
namespace {

constexpr int64_t kSecond = 1'000'000;
constexpr int64_t kMinute = 60 * kSecond;

// The same limit told otherwise: a bucket whose level rises evenly. In units times period, so that it is
// exact.
class Bucket {
 public:
  Bucket(const Rate& rate, int64_t now_us) : rate_(rate), at_us_(now_us), level_(capacity()) {}

  bool take(int64_t units, int64_t now_us) {
    rise(now_us);
    if (level_ < need(units)) return false;
    level_ -= need(units);
    return true;
  }
  // How far the level is from what `units` need, in microseconds of rising.
  int64_t short_us(int64_t units, int64_t now_us) {
    rise(now_us);
    __int128 missing = need(units) - level_;
    return missing <= 0 ? 0 : static_cast<int64_t>((missing + rate_.amount - 1) / rate_.amount);
  }

 private:
  __int128 need(int64_t units) const {
    return static_cast<__int128>(units) * rate_.period_us * rate_.replicas;
  }
  __int128 capacity() const { return static_cast<__int128>(rate_.amount) * rate_.period_us; }
  void rise(int64_t now_us) {
    level_ = std::min(capacity(), level_ + static_cast<__int128>(now_us - at_us_) * rate_.amount);
    at_us_ = now_us;
  }

  Rate rate_;
  int64_t at_us_;
  __int128 level_;
};

TEST(RateLimit, AdmitsTheWholeAmountAtOnceAndThenNothing) {
  for (int64_t amount : {1, 3, 7, 300, 99'991}) {
    RateLimit limit;
    Rate rate{.amount = amount, .period_us = kMinute};
    for (int64_t i = 0; i < amount; ++i)
      ASSERT_TRUE(limit.take(1, kSecond, rate).admitted) << amount << ' ' << i;
    EXPECT_FALSE(limit.take(1, kSecond, rate).admitted);
  }
}

TEST(RateLimit, SaysExactlyWhenTheSameTakingSucceeds) {
  SeededRandom random(11);
  for (int round = 0; round < 2'000; ++round) {
    RateLimit limit;
    Rate rate{.amount = 1 + static_cast<int64_t>(random.next_u64() % 10'000),
              .period_us = 1'000 + static_cast<int64_t>(random.next_u64() % kMinute)};
    int64_t now = static_cast<int64_t>(random.next_u64() % kMinute);
    int64_t units = 1 + static_cast<int64_t>(random.next_u64()) % rate.amount;
    units = std::clamp<int64_t>(units, 1, rate.amount);
    RateLimit::Outcome outcome = limit.take(units, now, rate);
    while (outcome.admitted) outcome = limit.take(units, now, rate);
    ASSERT_GT(outcome.retry_after_us, 0);
    EXPECT_FALSE(limit.take(units, now + outcome.retry_after_us - 1, rate).admitted) << "round " << round;
    EXPECT_TRUE(limit.take(units, now + outcome.retry_after_us, rate).admitted) << "round " << round;
  }
}

TEST(RateLimit, DecidesAsABucketThatRisesEvenly) {
  for (uint64_t seed = 0; seed < 200; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    SeededRandom random(seed);
    Rate rate{.amount = 1 + static_cast<int64_t>(random.next_u64() % 500),
              .period_us = 1'000 * (1 + static_cast<int64_t>(random.next_u64() % 60'000)),
              .replicas = 1};
    int64_t now = kSecond;
    RateLimit limit;
    Bucket bucket(rate, now);
    for (int i = 0; i < 500; ++i) {
      now += static_cast<int64_t>(random.next_u64() %
                                  static_cast<uint64_t>(rate.period_us / rate.amount * 2 + 1));
      int64_t units = 1 + static_cast<int64_t>(random.next_u64() % static_cast<uint64_t>(rate.amount));
      int64_t short_us = bucket.short_us(units, now);
      RateLimit::Outcome outcome = limit.take(units, now, rate);
      if (outcome.admitted != (short_us == 0)) {
        // Increments are rounded down to a nanosecond: only at the very edge may the two differ.
        ASSERT_TRUE(outcome.admitted);
        ASSERT_LE(short_us, 1);
        break;  // from here on their histories differ
      }
      if (short_us == 0) ASSERT_TRUE(bucket.take(units, now));
    }
  }
}

TEST(RateLimit, WhatIsGivenBackCanBeTakenAgain) {
  RateLimit limit;
  Rate rate{.amount = 100, .period_us = kMinute};
  RateLimit::Outcome first = limit.take(100, 0, rate);
  ASSERT_TRUE(first.admitted);
  limit.give_back(60, first.mark, 0, rate);
  EXPECT_EQ(limit.remaining(0, rate), 60);
  EXPECT_FALSE(limit.take(61, 0, rate).admitted);
  EXPECT_TRUE(limit.take(60, 0, rate).admitted);
}

TEST(RateLimit, WhatTimeHasGivenBackIsNotGivenTwice) {
  RateLimit limit;
  Rate rate{.amount = 100, .period_us = kMinute};
  RateLimit::Outcome early = limit.take(100, 0, rate);
  ASSERT_TRUE(limit.take(50, kMinute, rate).admitted);  // the first taking has come back by itself
  limit.give_back(100, early.mark, kMinute, rate);
  EXPECT_EQ(limit.remaining(kMinute, rate), 50);
}

// However takings, settlements and pauses follow each other, no window sees more than a burst and the refill.
TEST(RateLimit, NeverLetsMoreThroughThanABurstAndTheRefill) {
  for (uint64_t seed = 0; seed < 100; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    SeededRandom random(seed);
    Rate rate{.amount = 1'000, .period_us = kSecond};
    struct Open {
      int64_t units, used, mark;
    };
    RateLimit limit;
    std::vector<Open> open;
    int64_t now = 0;
    int64_t used = 0;
    for (int i = 0; i < 2'000; ++i) {
      now += static_cast<int64_t>(random.next_u64() % 2'000);
      auto units = 1 + static_cast<int64_t>(random.next_u64() % 400);
      if (RateLimit::Outcome outcome = limit.take(units, now, rate); outcome.admitted) {
        auto really = static_cast<int64_t>(random.next_u64() % static_cast<uint64_t>(units + 1));
        open.push_back({units, really, outcome.mark});
        used += really;
      }
      if (open.size() > 20) {
        size_t which = random.next_u64() % open.size();
        limit.give_back(open[which].units - open[which].used, open[which].mark, now, rate);
        open.erase(open.begin() + static_cast<ptrdiff_t>(which));
      }
      ASSERT_LE(used, rate.amount + now * rate.amount / rate.period_us + 1);
    }
  }
}

TEST(RateLimit, WhatWasUsedBeyondTheReservationIsOwed) {
  RateLimit limit;
  Rate rate{.amount = 10, .period_us = 10 * kSecond};
  ASSERT_TRUE(limit.take(10, 0, rate).admitted);
  limit.charge(10, 0, rate);
  EXPECT_EQ(limit.remaining(0, rate), 0);
  EXPECT_EQ(limit.full_in_us(0), 20 * kSecond);
  EXPECT_EQ(limit.take(1, 0, rate).retry_after_us, 11 * kSecond);
}

TEST(RateLimit, RefusesForEverWhatIsMoreThanTheWholeAmount) {
  RateLimit limit;
  Rate rate{.amount = 10, .period_us = kSecond};
  EXPECT_EQ(limit.take(11, 0, rate).retry_after_us, RateLimit::kNever);
  EXPECT_EQ(limit.remaining(0, rate), 10);
}

TEST(RateLimit, ReplicasTakeAPartEachAndALargeCallStillFits) {
  RateLimit limit;
  Rate rate{.amount = 10, .period_us = kSecond, .replicas = 2};
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(limit.take(1, 0, rate).admitted);
  EXPECT_FALSE(limit.take(1, 0, rate).admitted);
  EXPECT_EQ(limit.remaining(kSecond, rate), 5);
  EXPECT_TRUE(limit.take(10, kSecond, rate).admitted);
  EXPECT_FALSE(limit.take(1, 2 * kSecond, rate).admitted);
}

TEST(RateLimit, ThreadsTogetherTakeNoMoreThanOne) {
  RateLimit limit;
  Rate rate{.amount = 10'000, .period_us = kMinute};
  std::atomic<int64_t> admitted{0};
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&] {
        for (int i = 0; i < 5'000; ++i) admitted += limit.take(1, kSecond, rate).admitted ? 1 : 0;
      });
    }
  }
  EXPECT_EQ(admitted, 10'000);
}

TEST(ConcurrencyLimit, CountsWhoIsInside) {
  ConcurrencyLimit limit;
  EXPECT_TRUE(limit.enter(2));
  EXPECT_TRUE(limit.enter(2));
  EXPECT_FALSE(limit.enter(2));
  EXPECT_EQ(limit.running(), 2);
  limit.leave();
  EXPECT_TRUE(limit.enter(2));
}

}  // namespace
}  // namespace penstock::gateway
