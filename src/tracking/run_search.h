#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "storage/database/database.h"
#include "tracking/entities.h"

namespace penstock::tracking {

inline constexpr size_t kSearchExperimentsMax = 10'000;

struct RunSearch {
  std::vector<std::string> experiment_ids;
  std::string filter;
  View view = View::kActiveOnly;
  int64_t max_results = 1000;
  std::vector<std::string> order_by;
  std::string page_token;
};

// Runs as MLflow finds and orders them: rows without the value last, NaN before those, then the newest first,
// then by run id. Errors are kInvalidArgument in MLflow's words.
//
// One statement finds the page's runs; a filter on a metric or an order by one that is filtered reads the
// latest values of that metric in the experiment as one range. The page's data are read in bulk.
Result<Page<Run>> search_runs(database::Connection& connection, const RunSearch& search);

}  // namespace penstock::tracking
