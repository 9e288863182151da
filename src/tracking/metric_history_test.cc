#include "tracking/metric_history.h"

#include <algorithm>
#include <cmath>

#include "tracking/tracking_fixture.h"

namespace penstock::tracking {
namespace {

class MetricHistoryTest : public TrackingFixture {
 protected:
  // Values found, pages followed to the end.
  std::vector<double> history(const std::string& run, const std::string& key,
                              std::optional<int64_t> page = {}) {
    std::vector<double> values;
    std::string token;
    for (int pages = 0; pages < 1000; ++pages) {
      auto got = must(tracking_->metric_history(run, key, page, token));
      for (const Point& point : got.points) values.push_back(point.value);
      if (got.next_page_token.empty()) return values;
      token = got.next_page_token;
    }
    ADD_FAILURE() << "pages without end";
    return values;
  }
  std::vector<int64_t> sampled_steps(const std::string& run, int64_t max_results,
                                     std::optional<StepRange> steps = {}) {
    auto got = must(tracking_->sampled_histories({run}, "a", steps, max_results));
    std::vector<int64_t> out;
    for (const Point& point : got.at(0).points) out.push_back(point.step);
    return out;
  }
};
using database::Engine;
using database::engine_name;
PENSTOCK_ON_ALL_ENGINES(MetricHistoryTest);

TEST_P(MetricHistoryTest, IsOrderedByTimeStepAndValueAndEachPointStandsOnce) {
  std::string run = new_run();
  must(
      tracking_->log_batch(run, {.metrics = {metric("a", 3, 1, 20), metric("a", 1, 2, 10), metric("b", 9)}}));
  must(tracking_->log_metric(run, metric("a", 2, 1, 20)));
  must(tracking_->log_metric(run, metric("a", 3, 1, 20)));
  EXPECT_EQ(history(run, "a"), (std::vector<double>{1, 2, 3}));
  EXPECT_EQ(history(run, "b"), (std::vector<double>{9}));
  EXPECT_TRUE(history(run, "none").empty());
  EXPECT_TRUE(history("no such run", "a").empty());
}

TEST_P(MetricHistoryTest, IsWholeWhenManyCallsHaveBeenPacked) {
  std::string run = new_run();
  std::vector<double> wanted;
  for (int i = 0; i < 600; ++i) {
    must(tracking_->log_batch(run, {.metrics = {metric("a", i, i, i), metric("b", -i, i, i)}}));
    wanted.push_back(i);
  }
  EXPECT_EQ(history(run, "a"), wanted);
  EXPECT_EQ(history(run, "a", 7), wanted);
  EXPECT_EQ(must(tracking_->run(run)).metrics[0].value, 599);
}

TEST_P(MetricHistoryTest, NanStaysNan) {
  std::string run = new_run();
  must(tracking_->log_metric(run, metric("a", std::nan(""), 1, 1)));
  must(tracking_->log_metric(run, metric("a", 0, 1, 1)));
  auto values = history(run, "a", 1);
  ASSERT_EQ(values.size(), 2u);
  EXPECT_EQ(values[0], 0);
  EXPECT_TRUE(std::isnan(values[1]));
}

TEST_P(MetricHistoryTest, SeveralRunsComeByIdAndShareTheLimit) {
  std::vector<std::string> runs = {new_run(), new_run()};
  for (const std::string& run : runs) {
    must(tracking_->log_batch(run, {.metrics = {metric("a", 1, 1, 1), metric("a", 2, 2, 2)}}));
  }
  auto got = must(tracking_->metric_histories(runs, "a", 3));
  std::ranges::sort(runs);
  ASSERT_EQ(got.size(), 2u);
  EXPECT_EQ(got[0].run_id, runs[0]);
  EXPECT_EQ(got[0].points.size(), 2u);
  EXPECT_EQ(got[1].points.size(), 1u);
}

TEST_P(MetricHistoryTest, SamplesTheFirstOfEachGroupAndTheLastPoint) {
  std::string run = new_run();
  std::vector<Metric> metrics;
  for (int i = 0; i < 10; ++i) metrics.push_back(metric("a", i, i, i));
  must(tracking_->log_batch(run, {.metrics = metrics}));
  EXPECT_EQ(sampled_steps(run, 100), (std::vector<int64_t>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}));
  EXPECT_EQ(sampled_steps(run, 4), (std::vector<int64_t>{0, 3, 6, 9}));
  EXPECT_EQ(sampled_steps(run, 3), (std::vector<int64_t>{0, 4, 9}));
  EXPECT_EQ(sampled_steps(run, 1), (std::vector<int64_t>{9}));
  EXPECT_EQ(sampled_steps(run, 2, StepRange{.first = 3, .last = 6}), (std::vector<int64_t>{3, 6}));
}

}  // namespace
}  // namespace penstock::tracking
