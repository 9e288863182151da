#include "app/tracking_services.h"

#include "core/random.h"
#include "tracking/experiments.h"

namespace penstock::app {
namespace {

using database::Connection;

Result<std::string> artifact_root(Connection& connection, std::string_view experiment_id) {
  ASSIGN_OR_RETURN(tracking::Experiment experiment, tracking::get_experiment(connection, experiment_id));
  if (experiment.stage == tracking::Stage::kActive) return std::move(experiment.artifact_location);
  return Failure(Error::invalid(
      "experiment_id",
      "The experiment " + experiment.id + " must be in the 'active' state. Current state is deleted."));
}

Result<void> check_experiment(Connection& connection, std::string_view experiment_id) {
  ASSIGN_OR_RETURN(std::string root, artifact_root(connection, experiment_id));
  return {};
}

}  // namespace

TrackingServices::TrackingServices(TrackingParts parts)
    : tracking_(parts.database, parts.clock, system_random()),
      tracking_api_{tracking_},
      traces_(parts.database, parts.clock, system_random(), {.artifact_root = artifact_root}),
      trace_services_{traces_, parts.pool},
      evaluation_services_{parts.database, parts.clock, system_random(), check_experiment},
      artifacts_({.database = parts.database,
                  .blobs = parts.blobs,
                  .tracking = tracking_,
                  .registry = parts.registry,
                  .clock = parts.clock,
                  .random = system_random(),
                  .sync = parts.sync}) {}

Result<std::unique_ptr<TrackingServices>> TrackingServices::open(TrackingParts parts) {
  std::unique_ptr<TrackingServices> services(new TrackingServices(parts));
  RETURN_IF_ERROR(services->tracking_.prepare());
  return services;
}

void TrackingServices::add_routes(api::mlflow::Contract contract) {
  api::mlflow::add_contract(contract);
  api::mlflow::add_experiment_routes(contract, tracking_api_);
  api::mlflow::add_run_routes(contract, tracking_api_);
  api::mlflow::add_metric_routes(contract, tracking_api_);
  api::mlflow::add_trace_routes(contract, trace_services_);
  api::mlflow::add_evaluation_routes(contract, evaluation_services_);
  api::mlflow::add_scorer_routes(contract, evaluation_services_);
  artifacts_.add_routes(contract);
}

}  // namespace penstock::app
