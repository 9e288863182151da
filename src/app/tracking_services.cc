#include "app/tracking_services.h"

#include "core/random.h"

namespace penstock::app {

TrackingServices::TrackingServices(TrackingParts parts)
    : tracking_(parts.database, parts.clock, system_random()), tracking_api_{tracking_} {}

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
}

}  // namespace penstock::app
