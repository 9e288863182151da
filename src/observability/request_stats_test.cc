#include "observability/request_stats.h"

#include <gtest/gtest.h>

#include "observability/journal_fixture.h"

namespace penstock::observability {
namespace {

class RequestStatsTest : public JournalFixture {
 protected:
  RequestRecord record(const std::string& model, int64_t ttft_us, int64_t duration_us) {
    RequestRecord r = next_record();
    r.model = r.route = model;
    r.stream = true;
    r.started_at = {r.ended_at.us - duration_us};
    r.first_token_at = Timestamp{r.started_at.us + ttft_us};
    r.tokens = {
        .input = 10, .cached_input = 5, .output = 20, .reasoning = 1, .source = TokenSource::kProvider};
    r.cost = Money{1'000};
    return r;
  }

  RequestStats stats_{clock_};
};

TEST_F(RequestStatsTest, WithoutRequestsEverythingIsZeroAndThereAreNoPercentiles) {
  StatsSummary summary = stats_.summary(900);
  EXPECT_EQ(summary.totals.requests, 0);
  EXPECT_FALSE(summary.ttft);
  EXPECT_FALSE(summary.latency);
  EXPECT_EQ(summary.series.size(), 91U);
  EXPECT_TRUE(summary.by_model.empty());
}

TEST_F(RequestStatsTest, TotalsSeriesAndModelsAgree) {
  for (int i = 0; i < 30; ++i) stats_.add(record(i % 3 == 0 ? "b" : "a", 200'000, 2'000'000));
  RequestRecord failed = record("a", 200'000, 2'000'000);
  failed.error_code = "upstream";
  stats_.add(failed);
  failed.error_code = "cancelled";
  failed.status = 499;
  stats_.add(failed);

  StatsSummary summary = stats_.summary(900);
  EXPECT_EQ(summary.totals.requests, 32);
  EXPECT_EQ(summary.totals.errors, 1);
  EXPECT_EQ(summary.totals.cancelled, 1);
  EXPECT_EQ(summary.totals.input_tokens, 32 * 15);
  EXPECT_EQ(summary.totals.output_tokens, 32 * 21);
  EXPECT_EQ(summary.totals.cost, Money{32'000});
  EXPECT_NEAR(summary.requests_per_s, 32.0 / 905, 0.001);
  EXPECT_NEAR(summary.tokens_per_s, 32.0 * 36 / 905, 0.05);
  ASSERT_EQ(summary.by_model.size(), 2U);
  EXPECT_EQ(summary.by_model[0].model, "a");
  EXPECT_EQ(summary.by_model[0].totals.requests, 22);
  EXPECT_EQ(summary.by_model[0].totals.errors, 1);
  EXPECT_EQ(summary.by_model[0].totals.cancelled, 1);
  EXPECT_EQ(summary.by_model[1].totals.requests, 10);
  int64_t in_series = 0;
  for (const StatsPoint& point : summary.series) in_series += point.totals.requests;
  EXPECT_EQ(in_series, 32);
  ASSERT_TRUE(summary.ttft);
  EXPECT_NEAR(summary.ttft->p50_ms, 200, 20);
  ASSERT_TRUE(summary.latency);
  EXPECT_NEAR(summary.latency->p95_ms, 2'000, 200);
}

TEST_F(RequestStatsTest, OnlyStreamsHaveATimeToFirstToken) {
  RequestRecord whole = record("a", 200'000, 2'000'000);
  whole.stream = false;
  stats_.add(whole);
  EXPECT_FALSE(stats_.summary(900).ttft);
  EXPECT_TRUE(stats_.summary(900).latency);
}

TEST_F(RequestStatsTest, RequestsLeaveTheWindowWithTime) {
  stats_.add(record("a", 1'000, 2'000));
  clock_.advance_us(100'000'000);
  EXPECT_EQ(stats_.summary(60).totals.requests, 0);
  EXPECT_EQ(stats_.summary(900).totals.requests, 1);
  clock_.advance_us(RequestStats::kWindowMaxS * 1'000'000);
  EXPECT_EQ(stats_.summary(RequestStats::kWindowMaxS).totals.requests, 0);
  stats_.add(record("b", 1'000, 2'000));
  EXPECT_EQ(stats_.summary(RequestStats::kWindowMaxS).totals.requests, 1);
}

TEST_F(RequestStatsTest, TheSeriesHasNoGapsStaysUnderItsLimitAndStandsOnSteps) {
  for (int64_t window_s : {1, 10, 59, 60, 900, 1'190, 1'200, 3'600, 21'600, 43'200, 86'399, 86'400}) {
    for (int shift = 0; shift < 40; ++shift) {
      clock_.advance_us(7'777'777);
      auto series = stats_.summary(window_s).series;
      ASSERT_LE(series.size(), RequestStats::kPointsMax) << window_s;
      ASSERT_FALSE(series.empty());
      int64_t step_us = series.size() > 1 ? series[1].at.us - series[0].at.us : 10'000'000;
      EXPECT_LE(series.front().at.us, clock_.now().us - window_s * 1'000'000 + step_us);
      EXPECT_GT(series.back().at.us + step_us, clock_.now().us);
      for (size_t i = 0; i < series.size(); ++i) {
        ASSERT_EQ(series[i].at.us % step_us, 0);
        if (i > 0) {
          ASSERT_EQ(series[i].at.us - series[i - 1].at.us, step_us);
        }
      }
    }
  }
}

TEST_F(RequestStatsTest, AWindowIsCutToWhatIsKept) {
  EXPECT_EQ(stats_.summary(1'000'000).window_s, RequestStats::kWindowMaxS);
  EXPECT_EQ(stats_.summary(-5).window_s, 1);
}

TEST_F(RequestStatsTest, ModelsBeyondTheLimitAreOthersUntilOldOnesAreForgotten) {
  for (size_t i = 0; i < RequestStats::kModelsMax + 5; ++i) stats_.add(record("m" + std::to_string(i), 1, 2));
  auto by_model = stats_.summary(900).by_model;
  EXPECT_EQ(by_model.size(), RequestStats::kModelsMax + 1);
  EXPECT_EQ(by_model[0].model, "other");
  EXPECT_EQ(by_model[0].totals.requests, 5);

  clock_.advance_us((RequestStats::kWindowMaxS + 60) * 1'000'000);
  stats_.add(record("fresh", 1, 2));
  by_model = stats_.summary(900).by_model;
  ASSERT_EQ(by_model.size(), 1U);
  EXPECT_EQ(by_model[0].model, "fresh");
}

TEST_F(RequestStatsTest, WhatNoRouteMatchedIsOneModelHoweverItWasCalled) {
  for (int i = 0; i < 100; ++i) {
    RequestRecord r = record("scan" + std::to_string(i), 1, 2);
    r.route.clear();
    stats_.add(r);
  }
  auto by_model = stats_.summary(900).by_model;
  ASSERT_EQ(by_model.size(), 1U);
  EXPECT_EQ(by_model[0].model, "unknown");
}

TEST_F(RequestStatsTest, AClockThatWasAheadDoesNotHideLaterRequests) {
  RequestRecord future = record("a", 1, 2);
  future.ended_at.us += 10'000'000'000;
  stats_.add(future);
  stats_.add(record("a", 1, 2));
  EXPECT_EQ(stats_.summary(60).totals.requests, 2);
}

TEST_F(RequestStatsTest, ARebuildFromTheJournalGivesTheSameNumbers) {
  for (int i = 0; i < 300; ++i) {
    clock_.advance_us(static_cast<int64_t>(random_.next_u64() % 600'000'000));
    stats_.add(
        write(record(i % 2 == 0 ? "a" : "b", static_cast<int64_t>(random_.next_u64() % 900'000), 1'000'000)));
  }
  RequestStats rebuilt(clock_);
  auto result = rebuilt.rebuild(*journal_);
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_TRUE(result->complete);
  for (int64_t window_s : {60, 3'600, 86'400}) {
    StatsSummary a = stats_.summary(window_s);
    StatsSummary b = rebuilt.summary(window_s);
    EXPECT_EQ(a.totals.requests, b.totals.requests);
    EXPECT_EQ(a.totals.cost, b.totals.cost);
    EXPECT_EQ(a.by_model.size(), b.by_model.size());
    EXPECT_EQ(a.latency.has_value(), b.latency.has_value());
    if (a.ttft && b.ttft) {
      EXPECT_EQ(a.ttft->p95_ms, b.ttft->p95_ms);
    }
  }
}

TEST_F(RequestStatsTest, ARebuildStopsAtItsLimitsWithTheNewestRequests) {
  for (int i = 0; i < 100; ++i) write(record("a", 1, 2));
  RequestStats rebuilt(clock_);
  auto result = rebuilt.rebuild(*journal_, {.bytes_max = 3'000});
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_FALSE(result->complete);
  EXPECT_GT(result->requests, 0);
  EXPECT_LT(result->requests, 100);
  EXPECT_EQ(rebuilt.summary(60).totals.requests, std::min<int64_t>(result->requests, 66));
}

TEST_F(RequestStatsTest, ARebuildOfAnEmptyJournalIsComplete) {
  auto result = stats_.rebuild(*journal_);
  ASSERT_TRUE(result);
  EXPECT_TRUE(result->complete);
  EXPECT_EQ(result->requests, 0);
}

}  // namespace
}  // namespace penstock::observability
