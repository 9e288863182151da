#include "gateway/budget_period.h"

#include <gtest/gtest.h>

#include <chrono>

#include "core/random.h"

namespace penstock::gateway {
namespace {

using access::Period;
using namespace std::chrono;

Timestamp at(int y, unsigned m, unsigned d, int64_t second = 0, int64_t us = 0) {
  sys_days date = year(y) / month(m) / day(d);
  return {duration_cast<microseconds>(date.time_since_epoch()).count() + second * 1'000'000 + us};
}

TEST(BudgetPeriod, FollowsTheCalendarInUtc) {
  Timestamp moment = at(2028, 2, 29, 13 * 3600 + 61);  // a Tuesday
  EXPECT_EQ(period_at(Period::kHour, moment),
            (PeriodSpan{at(2028, 2, 29, 13 * 3600), at(2028, 2, 29, 14 * 3600)}));
  EXPECT_EQ(period_at(Period::kDay, moment), (PeriodSpan{at(2028, 2, 29), at(2028, 3, 1)}));
  EXPECT_EQ(period_at(Period::kWeek, moment), (PeriodSpan{at(2028, 2, 28), at(2028, 3, 6)}));
  EXPECT_EQ(period_at(Period::kMonth, moment), (PeriodSpan{at(2028, 2, 1), at(2028, 3, 1)}));
  EXPECT_EQ(period_at(Period::kMonth, at(2026, 12, 31)), (PeriodSpan{at(2026, 12, 1), at(2027, 1, 1)}));
  EXPECT_EQ(period_at(Period::kTotal, moment), (PeriodSpan{{0}, kForever}));
}

TEST(BudgetPeriod, EndsWithTheLastMicrosecondAndTheNextBeginsThere) {
  for (Period period : {Period::kHour, Period::kDay, Period::kWeek, Period::kMonth}) {
    SeededRandom random(3);
    for (int i = 0; i < 2'000; ++i) {
      Timestamp moment{static_cast<int64_t>(random.next_u64() % 4'000'000'000'000'000)};
      PeriodSpan span = period_at(period, moment);
      ASSERT_TRUE(span.holds(moment));
      ASSERT_EQ(period_at(period, span.starts_at), span);
      ASSERT_EQ(period_at(period, {span.ends_at.us - 1}), span);
      ASSERT_EQ(period_at(period, span.ends_at).starts_at, span.ends_at);
    }
  }
}

}  // namespace
}  // namespace penstock::gateway
