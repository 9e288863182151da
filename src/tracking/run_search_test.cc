#include "tracking/run_search.h"

#include <algorithm>
#include <cmath>

#include "tracking/tracking_fixture.h"

namespace penstock::tracking {
namespace {

// Five runs: a0 to a4 started at 0 to 4. "acc" is 0.5, NaN, none, 0.9, 0.7; "lr" is 0.1, 0.2, none, 0.1, 0.1.
class RunSearchTest : public TrackingFixture {
 protected:
  void SetUp() override {
    TrackingFixture::SetUp();
    for (int i = 0; i < 5; ++i) {
      runs_.push_back(new_run(i));
      must(tracking_->set_tag(runs_[i], {"mlflow.runName", "a" + std::to_string(i)}));
    }
    const std::vector<std::pair<int, double>> acc = {{0, 0.5}, {1, std::nan("")}, {3, 0.9}, {4, 0.7}};
    for (auto [run, value] : acc) must(tracking_->log_metric(runs_[run], metric("acc", value)));
    const std::vector<std::pair<int, std::string>> lr = {{0, "0.1"}, {1, "0.2"}, {3, "0.1"}, {4, "0.1"}};
    for (const auto& [run, value] : lr) must(tracking_->log_param(runs_[run], {"lr", value}));
    must(tracking_->set_tag(runs_[2], {"a key", "Value"}));
    must(tracking_->update_run({.run_id = runs_[3], .status = "FINISHED", .end_time_ms = 30, .name = {}}));
  }

  // Names found, in order, in pages of `page`.
  std::string found(RunSearch search, int64_t page = 1000) {
    std::string names;
    search.experiment_ids = {"0"};
    search.max_results = page;
    for (int pages = 0; pages < 50; ++pages) {
      auto got = must(tracking_->search_runs(search));
      for (const tracking::Run& run : got.items) names += (names.empty() ? "" : " ") + run.info.name;
      if (got.next_page_token.empty()) return names;
      search.page_token = got.next_page_token;
    }
    return "pages without end";
  }
  std::string filtered(std::string filter) {
    return found({.filter = std::move(filter), .order_by = {"start_time"}});
  }
  std::string refused(RunSearch search) {
    search.experiment_ids = {"0"};
    return why(tracking_->search_runs(search));
  }

  std::vector<std::string> runs_;
};
using database::Engine;
using database::engine_name;
PENSTOCK_ON_ALL_ENGINES(RunSearchTest);

TEST_P(RunSearchTest, TheNewestComeFirst) {
  EXPECT_EQ(found({}), "a4 a3 a2 a1 a0");
  EXPECT_EQ(found({}, 2), "a4 a3 a2 a1 a0");
  auto none = must(tracking_->search_runs({.experiment_ids = {"7"}}));
  EXPECT_TRUE(none.items.empty());
  EXPECT_TRUE(must(tracking_->search_runs({})).items.empty());
}

TEST_P(RunSearchTest, FiltersOnMetricsAsMlflowDoes) {
  EXPECT_EQ(filtered("metrics.acc > 0.5"), "a3 a4");
  EXPECT_EQ(filtered("metrics.acc >= 0.5"), "a0 a3 a4");
  EXPECT_EQ(filtered("metrics.acc = 0.9"), "a3");
  EXPECT_EQ(filtered("metrics.acc != 0.9"), "a0 a1 a4");
  EXPECT_EQ(filtered("metrics.acc < 1"), "a0 a3 a4");
  EXPECT_EQ(filtered("metrics.acc > 0.6 AND metrics.acc < 0.8"), "a4");
  EXPECT_EQ(filtered("metrics.none > 0"), "");
}

TEST_P(RunSearchTest, FiltersOnParamsTagsAndAttributes) {
  EXPECT_EQ(filtered("params.lr = '0.1'"), "a0 a3 a4");
  EXPECT_EQ(filtered("param.lr != \"0.1\""), "a1");
  EXPECT_EQ(filtered("params.lr LIKE '0.%'"), "a0 a1 a3 a4");
  EXPECT_EQ(filtered("params.lr IS NULL"), "a2");
  EXPECT_EQ(filtered("params.lr IS NOT NULL AND metrics.acc > 0.8"), "a3");
  EXPECT_EQ(filtered("tags.`a key` = 'Value'"), "a2");
  EXPECT_EQ(filtered("tags.\"a key\" LIKE 'value'"), "");
  EXPECT_EQ(filtered("tags.\"a key\" ILIKE 'value'"), "a2");
  EXPECT_EQ(filtered("attributes.run_name = 'a1'"), "a1");
  EXPECT_EQ(filtered("run_id IN ('" + runs_[1] + "', '" + runs_[4] + "')"), "a1 a4");
  EXPECT_EQ(filtered("run_id NOT IN ('" + runs_[1] + "')"), "a0 a2 a3 a4");
  EXPECT_EQ(filtered("status = 'FINISHED'"), "a3");
  EXPECT_EQ(filtered("start_time > 2"), "a3 a4");
  EXPECT_EQ(filtered("start_time >= 2.5"), "a3 a4");
  EXPECT_EQ(filtered("start_time = 2.5"), "");
  EXPECT_EQ(filtered("end_time <= 30"), "a3");
}

TEST_P(RunSearchTest, FiltersOnDatasets) {
  DatasetInput input{
      .dataset =
          {.name = "train", .digest = "d1", .source_type = {}, .source = {}, .schema = {}, .profile = {}},
      .tags = {{"mlflow.data.context", "training"}}};
  must(tracking_->log_inputs(runs_[1], {input}, {}));
  EXPECT_EQ(filtered("dataset.name = 'train'"), "a1");
  EXPECT_EQ(filtered("datasets.digest IN ('d0', 'd1')"), "a1");
  EXPECT_EQ(filtered("dataset.context LIKE 'train%'"), "a1");
  EXPECT_EQ(filtered("dataset.context != 'training'"), "");
}

TEST_P(RunSearchTest, OrdersWithUnsetValuesLastAndNanBeforeThem) {
  for (int64_t page : {1000, 1, 2}) {
    EXPECT_EQ(found({.order_by = {"metrics.acc DESC"}}, page), "a3 a4 a0 a1 a2") << page;
    EXPECT_EQ(found({.order_by = {"metrics.acc ASC"}}, page), "a0 a4 a3 a1 a2") << page;
    EXPECT_EQ(found({.order_by = {"params.lr DESC"}}, page), "a1 a4 a3 a0 a2") << page;
    EXPECT_EQ(found({.order_by = {"params.lr", "metrics.acc"}}, page), "a0 a4 a3 a1 a2") << page;
    EXPECT_EQ(found({.order_by = {"tags.`a key`"}}, page), "a2 a4 a3 a1 a0") << page;
    EXPECT_EQ(found({.order_by = {"end_time DESC"}}, page), "a3 a4 a2 a1 a0") << page;
    EXPECT_EQ(found({.order_by = {"attributes.run_name"}}, page), "a0 a1 a2 a3 a4") << page;
    EXPECT_EQ(
        found({.filter = "metrics.acc > 0.1 AND params.lr = '0.1'", .order_by = {"metrics.acc DESC"}}, page),
        "a3 a4 a0")
        << page;
  }
}

TEST_P(RunSearchTest, ShowsDeletedRunsWhenAsked) {
  must(tracking_->delete_run(runs_[1]));
  EXPECT_EQ(found({.order_by = {"start_time"}}), "a0 a2 a3 a4");
  EXPECT_EQ(found({.view = View::kDeletedOnly}), "a1");
  EXPECT_EQ(found({.view = View::kAll, .order_by = {"start_time"}}), "a0 a1 a2 a3 a4");
}

TEST_P(RunSearchTest, GivesEachRunItsData) {
  auto page = must(tracking_->search_runs({.experiment_ids = {"0"}, .order_by = {"start_time"}}));
  ASSERT_EQ(page.items.size(), 5u);
  EXPECT_EQ(page.items[0].params, (Params{{"lr", "0.1"}}));
  EXPECT_EQ(page.items[3].metrics.at(0).value, 0.9);
  EXPECT_EQ(page.items[2].tags, (Tags{{"a key", "Value"}, {"mlflow.runName", "a2"}}));
}

TEST_P(RunSearchTest, AgreesWithSortingInMemoryWhateverThePage) {
  for (int i = 0; i < 40; ++i) {
    std::string run = new_run(static_cast<int64_t>(random_.next_u64() % 5));
    must(tracking_->set_tag(run, {"mlflow.runName", "r" + std::to_string(i)}));
    if (random_.next_u64() % 3 != 0) {
      must(tracking_->log_metric(run, metric("m", static_cast<double>(random_.next_u64() % 4))));
    }
    must(tracking_->log_param(run, {"p", std::to_string(random_.next_u64() % 3)}));
  }
  RunSearch search{.order_by = {"metrics.m DESC", "params.p", "start_time ASC"}};
  std::string whole = found(search);
  for (int64_t page : {1, 3, 7, 44, 45, 46}) EXPECT_EQ(found(search, page), whole) << page;
}

TEST_P(RunSearchTest, RefusesInMlflowsWords) {
  EXPECT_EQ(refused({.filter = "metrics.acc > 'a'"}), "Expected numeric value type for metric. Found 'a'");
  EXPECT_EQ(refused({.filter = "params.lr = 0.1"}),
            "Expected a quoted string value for parameter (e.g. 'my-value'). Got value 0.1");
  EXPECT_EQ(refused({.filter = "invalid.key = 1"}),
            "Invalid entity type 'invalid'. Valid values are ['metric', 'parameter', 'tag', 'attribute', "
            "'dataset']");
  EXPECT_TRUE(
      refused({.filter = "attribute.foo='x'"}).starts_with("Invalid attribute key 'foo' specified. Valid"));
  EXPECT_EQ(refused({.filter = "status IN ('a')"}),
            "Only ['run_id'] attributes support comparison with a list of quoted string values.");
  EXPECT_EQ(refused({.filter = "start_time > 'a'"}),
            "Expected numeric value type for numeric attribute: start_time. Found 'a'");
  EXPECT_EQ(refused({.filter = "metrics.a IS NULL"}),
            "IS NULL / IS NOT NULL is only supported for tags and params, not for 'metric' 'a'");
  EXPECT_TRUE(refused({.filter = "params.a > 'x'"}).starts_with("Invalid comparator '>' not one of '{"));
  EXPECT_TRUE(refused({.filter = "metrics.a <> 1"}).starts_with("Invalid comparator '<>' not one of '{"));
  EXPECT_EQ(refused({.order_by = {"metrics.a", "metrics.a"}}),
            "`order_by` contains duplicate fields: ['metrics.a', 'metrics.a']");
  EXPECT_EQ(refused({.max_results = 50'001}),
            "Invalid value 50001 for parameter 'max_results' supplied. It must be at most 50000");
  EXPECT_TRUE(refused({.page_token = "x"}).starts_with("Invalid page token"));
}

}  // namespace
}  // namespace penstock::tracking
