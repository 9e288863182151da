#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/result.h"
#include "core/task.h"
#include "storage/database/database.h"

namespace penstock::traces {

enum class MetricView : uint8_t { kTraces, kSpans, kAssessments };

// "COUNT", "SUM", "AVG", "MIN", "MAX" or "PERCENTILE" with which one, 0 to 100.
struct Aggregation {
  std::string type;
  double percentile = 0;
};

inline constexpr int64_t kMetricPointsMax = 1'000;
inline constexpr int64_t kMetricRowsMax = 2'000'000;  // looked at for one answer

struct MetricsQuery {
  std::vector<std::string> experiment_ids;
  MetricView view = MetricView::kTraces;
  std::string metric;  // "trace_count", "latency", "total_tokens", "span_count", "total_cost",
                       // "assessment_value", ...
  std::vector<Aggregation> aggregations;
  std::vector<std::string> dimensions;  // "trace_name", "span_type", ...
  std::vector<std::string> filters;   // one comparison each: "trace.status = 'OK'", "trace.tag.env = 'prod'"
  std::optional<int64_t> interval_s;  // one point per interval; needs both times
  std::optional<int64_t> start_ms;
  std::optional<int64_t> end_ms;  // exclusive
  int64_t results_max = kMetricPointsMax;
};

struct MetricPoint {
  std::vector<std::pair<std::string, std::string>> dimensions;  // "time_bucket" first, where asked for
  std::vector<std::pair<std::string, double>> values;           // by the aggregation's name: "AVG", "P95.0"
};

// Sums over traces, spans or assessments, by time and dimension, as MLflow's overview draws them.
// kInvalidArgument in MLflow's words; kTooLarge beyond kMetricRowsMax rows. Percentiles are exact, between
// neighbours linear.
Task<Result<std::vector<MetricPoint>>> query_metrics(database::Database& database, MetricsQuery query);

}  // namespace penstock::traces
