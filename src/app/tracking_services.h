#pragma once

#include <memory>

#include "api/mlflow/contract.h"
#include "api/mlflow/evaluation_routes.h"
#include "api/mlflow/trace_routes.h"
#include "api/mlflow/tracking_routes.h"
#include "app/artifact_parts.h"
#include "core/blocking_pool.h"
#include "core/clock.h"
#include "core/result.h"
#include "observability/traces/traces.h"
#include "storage/database/database.h"
#include "tracking/tracking.h"

namespace penstock::app {

// What the services of MLflow's contract stand on. All of it outlives them.
struct TrackingParts {
  database::Database& database;
  blobs::Blobs& blobs;
  registry::ModelRegistry& registry;
  const Clock& clock;
  BlockingPool& pool;
  blobs::Sync sync = blobs::Sync::kLater;  // of uploaded files
};

// Everything behind MLflow's contract that a running server has: experiments and runs, the registry, traces,
// artifacts.
class TrackingServices {
 public:
  // Blocks; for start-up.
  static Result<std::unique_ptr<TrackingServices>> open(TrackingParts parts);

  // Adds the contract's routes. These services outlive the router.
  void add_routes(api::mlflow::Contract contract);

 private:
  explicit TrackingServices(TrackingParts parts);

  tracking::Tracking tracking_;
  api::mlflow::TrackingApi tracking_api_;
  traces::Traces traces_;
  api::mlflow::TraceServices trace_services_;
  api::mlflow::EvaluationServices evaluation_services_;
  ArtifactParts artifacts_;
};

}  // namespace penstock::app
