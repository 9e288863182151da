#pragma once

#include "api/mlflow/contract.h"

namespace penstock::api::mlflow {

struct PermissionApi {};  // nothing is needed to say no

// MLflow's own users and permissions (its basic-auth app): answered 501 with what to use instead.
void add_permission_routes(Contract contract, PermissionApi& services);

}  // namespace penstock::api::mlflow
