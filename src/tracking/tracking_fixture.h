#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/run_task.h"
#include "registry/registry_schema.h"
#include "storage/database/database_fixture.h"
#include "tracking/tracking.h"
#include "tracking/tracking_schema.h"

namespace penstock::tracking {

// For tests: experiments and runs on each engine in turn.
class TrackingFixture : public database::DatabaseFixture {
 protected:
  // The tables of this folder and of the registry, whose lineage graph inputs and outputs are recorded in.
  static std::vector<database::Migration> with_lineage() {
    std::vector<database::Migration> all(tracking::migrations().begin(), tracking::migrations().end());
    all.insert(all.end(), registry::migrations().begin(), registry::migrations().end());
    std::ranges::sort(all, {}, &database::Migration::number);
    return all;
  }

  void SetUp() override {
    DatabaseFixture::SetUp();
    auto opened = try_open(with_lineage());
    ASSERT_TRUE(opened) << opened.error().message;
    database_ = std::move(*opened);
    tracking_ = std::make_unique<Tracking>(*database_, clock_, random_);
    ASSERT_TRUE(tracking_->prepare());
  }

  // The value, failing the test where there is none.
  template <class T>
  T must(Task<Result<T>> task) {
    Result<T> outcome = run_task(std::move(task));
    EXPECT_TRUE(outcome) << outcome.error().message;
    return outcome ? std::move(*outcome) : T{};
  }
  void must(Task<Result<void>> task) {
    Result<void> outcome = run_task(std::move(task));
    EXPECT_TRUE(outcome) << outcome.error().message;
  }
  template <class T>
  std::string why(Task<Result<T>> task) {
    Result<T> outcome = run_task(std::move(task));
    EXPECT_FALSE(outcome);
    return outcome ? "accepted" : outcome.error().message;
  }

  std::string new_run(int64_t start_time_ms = 0, std::string experiment = "0") {
    return must(tracking_->create_run({.run_id = {},
                                       .experiment_id = std::move(experiment),
                                       .name = {},
                                       .fallback_name = {},
                                       .user_id = "ada",
                                       .start_time_ms = start_time_ms,
                                       .tags = {}}))
        .info.run_id;
  }
  static Metric metric(std::string key, double value, int64_t step = 0, int64_t timestamp_ms = 0) {
    return {.key = std::move(key),
            .value = value,
            .timestamp_ms = timestamp_ms,
            .step = step,
            .model_id = {},
            .dataset_name = {},
            .dataset_digest = {}};
  }

  ManualClock clock_;
  SeededRandom random_{20261125};
  std::unique_ptr<database::Database> database_;
  std::unique_ptr<Tracking> tracking_;
};

}  // namespace penstock::tracking
