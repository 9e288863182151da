#pragma once

#include "api/mlflow/contract.h"
#include "tracking/tracking.h"

namespace penstock::api::mlflow {

// What the routes of experiments, runs and metrics work on. Outlives the router.
struct TrackingApi {
  tracking::Tracking& domain;
};

void add_experiment_routes(Contract contract, TrackingApi& services);
void add_run_routes(Contract contract, TrackingApi& services);
void add_metric_routes(Contract contract, TrackingApi& services);

}  // namespace penstock::api::mlflow
