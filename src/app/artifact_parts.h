#pragma once

#include <memory>

#include "api/mlflow/artifact_routes.h"
#include "api/mlflow/logged_model_routes.h"
#include "api/mlflow/permission_routes.h"
#include "core/blocking_pool.h"
#include "core/clock.h"
#include "core/random.h"
#include "registry/model_registry.h"
#include "storage/blobs/blobs.h"
#include "storage/database/database.h"
#include "tracking/artifacts.h"
#include "tracking/logged_models.h"
#include "tracking/tracking.h"

namespace penstock::app {

// What artifacts and logged models need; outlives them.
struct ArtifactNeeds {
  database::Database& database;
  blobs::Blobs& blobs;
  tracking::Tracking& tracking;
  registry::ModelRegistry& registry;
  const Clock& clock;
  Random& random;
  blobs::Sync sync = blobs::Sync::kLater;
};

// Artifacts and logged models, and their routes of MLflow's contract.
class ArtifactParts {
 public:
  explicit ArtifactParts(ArtifactNeeds needs);

  tracking::Artifacts& artifacts() { return artifacts_; }
  tracking::LoggedModels& models() { return models_; }

  void add_routes(api::mlflow::Contract contract);

 private:
  Task<Result<std::string>> run_uri(std::string run_id);
  Task<Result<std::string>> model_uri(std::string model_id);

  ArtifactNeeds needs_;
  BlockingPool pool_;
  tracking::Artifacts artifacts_;
  tracking::LoggedModels models_;
  api::mlflow::ArtifactServices artifact_services_;
  api::mlflow::LoggedModelServices model_services_;
  api::mlflow::PermissionApi permissions_;
};

}  // namespace penstock::app
