#pragma once

#include "api/mlflow/contract.h"
#include "core/clock.h"
#include "storage/database/database.h"

namespace penstock::app {

// What the services of MLflow's contract stand on. All of it outlives them.
struct TrackingParts {
  database::Database& database;
  const Clock& clock;
};

// Everything behind MLflow's contract that a running server has: experiments and runs, the registry, traces,
// artifacts.
class TrackingServices {
 public:
  explicit TrackingServices(TrackingParts parts);

  // Adds the contract's routes. These services outlive the router.
  void add_routes(api::mlflow::Contract contract);

};

}  // namespace penstock::app
