#pragma once

#include "api/mlflow/contract.h"
#include "tracking/logged_models.h"

namespace penstock::api::mlflow {

struct LoggedModelServices {
  tracking::LoggedModels& models;
};

// Logged models of MLflow 3, but for their files (artifact_routes.h).
void add_logged_model_routes(Contract contract, LoggedModelServices& services);

}  // namespace penstock::api::mlflow
