#include "app/tracking_services.h"

namespace penstock::app {

TrackingServices::TrackingServices(TrackingParts) {}

void TrackingServices::add_routes(api::mlflow::Contract contract) { api::mlflow::add_contract(contract); }

}  // namespace penstock::app
