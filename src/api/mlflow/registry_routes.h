#pragma once

#include "api/mlflow/contract.h"
#include "registry/model_registry.h"

namespace penstock::api::mlflow {

// registered-models/... and model-versions/... of the model registry; prompts are registered models, too.
struct RegistryServices {
  registry::ModelRegistry& models;
};

void add_registry_routes(Contract contract, RegistryServices& services);

}  // namespace penstock::api::mlflow
