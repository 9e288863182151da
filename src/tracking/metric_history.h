#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "storage/database/database.h"
#include "tracking/entities.h"
#include "tracking/metric_chunk.h"

// What was logged of a metric over time, as MLflow 3.17.2 answers it. Unknown runs and metrics have no
// points.
namespace penstock::tracking {

inline constexpr int64_t kHistoryPageMax = 250'000;  // points of one answer

struct HistoryPage {
  std::string key;
  std::vector<Point> points;
  std::string next_page_token;
};

// Ordered by (timestamp, step, value), each point once. Without `max_results` the page is the whole history,
// but not more than kHistoryPageMax.
Result<HistoryPage> metric_history(database::Connection& connection, std::string_view run_id,
                                   std::string_view key, std::optional<int64_t> max_results,
                                   std::string_view page_token);

struct RunPoints {
  std::string run_id;
  std::vector<Point> points;
};

// The histories of several runs, by run id, `max_results` points in all.
Result<std::vector<RunPoints>> metric_histories(database::Connection& connection,
                                                std::span<const std::string> run_ids, std::string_view key,
                                                int64_t max_results);

struct StepRange {
  int64_t first = 0;
  int64_t last = 0;
};

// At most `max_results` points of each run, evenly chosen from its points in the order (step, timestamp,
// value): the first of each of as many equal groups (SQL's NTILE), and always the last point.
Result<std::vector<RunPoints>> sampled_histories(database::Connection& connection,
                                                 std::span<const std::string> run_ids, std::string_view key,
                                                 std::optional<StepRange> steps, int64_t max_results);

}  // namespace penstock::tracking
