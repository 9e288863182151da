#pragma once

#include <functional>
#include <string_view>

#include "api/mlflow/contract.h"
#include "core/clock.h"
#include "core/random.h"
#include "storage/database/database.h"

namespace penstock::api::mlflow {

// What the routes of evaluation datasets and scorers need. Lives as long as the router.
struct EvaluationServices {
  database::Database& database;
  const Clock& clock;
  Random& random;
  // kNotFound unless there is an active experiment of that id.
  std::function<Result<void>(database::Connection&, std::string_view experiment_id)> check_experiment;
};

// Evaluation datasets with their records, and scorers.
void add_evaluation_routes(Contract contract, EvaluationServices& services);
void add_scorer_routes(Contract contract, EvaluationServices& services);

}  // namespace penstock::api::mlflow
