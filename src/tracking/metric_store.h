#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "storage/database/database.h"
#include "tracking/entities.h"
#include "tracking/metric_chunk.h"

// The rows of logged metrics. All of it works on a connection, within its caller's transaction.
namespace penstock::tracking {

// A run as its metrics know it: the numbers of its row and of its experiment's.
struct RunKey {
  int64_t run = 0;
  int64_t experiment = 0;
};

// Adds the metrics of one call: one row of points, and the latest values by upsert. O(metrics); once in some
// hundred calls it also packs what those left, by key.
Result<void> append_metrics(database::Connection& connection, RunKey run, std::span<const Metric> metrics);

// Adds those that name a logged model to the values of that model, too.
Result<void> append_model_metrics(database::Connection& connection, std::string_view run_id,
                                  std::span<const Metric> metrics);

struct PointRange {
  int64_t min_step = std::numeric_limits<int64_t>::min();
  int64_t max_step = std::numeric_limits<int64_t>::max();
  int64_t min_timestamp_ms = std::numeric_limits<int64_t>::min();
};

// Every point of one metric inside the range, in the order of their logging, repetitions included.
Result<std::vector<Point>> load_points(database::Connection& connection, int64_t run, std::string_view key,
                                       PointRange range = {});

// The value that MLflow orders and compares by: NaN as 0.
double sort_value(double value);

}  // namespace penstock::tracking
