#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "observability/cost_store.h"

namespace penstock::observability {

// Stretches of the calendar, in UTC.
enum class CostBucket : uint8_t { kHour, kDay, kMonth, kAll };
std::string_view cost_bucket_name(CostBucket bucket);  // "hour"
std::optional<CostBucket> parse_cost_bucket(std::string_view name);
// Where the one that holds `at` begins; kAll: at `from`.
Timestamp bucket_start(CostBucket bucket, Timestamp at, Timestamp from);

struct CostRow {
  Timestamp at;  // the bucket's start
  std::string value;
  std::string label;  // of a key: its name; else as `value`
  CostSums sums;
};

struct CostReport {
  CostSums total;
  std::vector<CostRow> rows;  // by time, then by falling cost
};

// What `query` finds, added up by bucket. kTooLarge if that is more than `rows_max` rows.
Result<CostReport> cost_report(database::Connection& connection, const CostQuery& query, CostBucket bucket,
                               size_t rows_max);

// The report as RFC 4180 CSV with a head line; money in USD, times in RFC 3339.
std::string cost_csv(const CostReport& report, CostDimension group_by);

}  // namespace penstock::observability
