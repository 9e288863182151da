#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/result.h"
#include "core/task.h"
#include "observability/traces/trace.h"
#include "storage/database/database.h"

namespace penstock::traces {

inline constexpr int64_t kSearchResultsMax = 500;
inline constexpr size_t kSearchExperimentsMax = 1000;

struct TraceSearch {
  std::vector<std::string> experiment_ids;
  std::string filter;
  int64_t results_max = 100;  // at most kSearchResultsMax; none below 1
  std::vector<std::string> order_by;
  std::string page_token;
};

struct TracePage {
  std::vector<TraceInfo> traces;
  std::string next_page_token;  // empty: that was all
};

// One page of traces. In the default order pages follow the last trace seen, so that new traces shift
// nothing; in any other they follow a count. kInvalidArgument in MLflow's words. Time: by the index of the
// experiments' traces, never over other experiments.
Task<Result<TracePage>> search_traces(database::Database& database, TraceSearch search);

// How two filters go together, over the traces of some experiments that match a third one.
struct FilterCorrelation {
  double npmi = 0;           // normalised pointwise mutual information, -1 to 1; NaN where it is undefined
  double npmi_smoothed = 0;  // with Jeffreys' prior
  int64_t first = 0;
  int64_t second = 0;
  int64_t joint = 0;
  int64_t total = 0;
};
Task<Result<FilterCorrelation>> correlate_filters(database::Database& database,
                                                  std::vector<std::string> experiment_ids, std::string first,
                                                  std::string second, std::string base);

}  // namespace penstock::traces
