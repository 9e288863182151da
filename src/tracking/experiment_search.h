#pragma once

#include <string>
#include <vector>

#include "core/result.h"
#include "storage/database/database.h"
#include "tracking/entities.h"

namespace penstock::tracking {

struct ExperimentSearch {
  std::string filter;
  View view = View::kActiveOnly;
  int64_t max_results = 1000;
  std::vector<std::string> order_by;  // empty: the newest first
  std::string page_token;
};

// Experiments as MLflow finds and orders them. Errors are kInvalidArgument in MLflow's words.
Result<Page<Experiment>> search_experiments(database::Connection& connection, const ExperimentSearch& search);

}  // namespace penstock::tracking
