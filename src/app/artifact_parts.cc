#include "app/artifact_parts.h"

namespace penstock::app {
namespace {

constexpr size_t kPoolThreads = 2;
constexpr size_t kPoolQueueMax = 512;  // pieces of uploads and downloads that wait for the disk

}  // namespace

ArtifactParts::ArtifactParts(ArtifactNeeds needs)
    : needs_(needs),
      pool_({.name = "artifacts", .threads = kPoolThreads, .queue_max = kPoolQueueMax}),
      artifacts_(needs.database, needs.blobs, pool_, needs.sync, needs.clock),
      models_(needs.database, needs.clock, needs.random),
      artifact_services_{.artifacts = artifacts_,
                         .run_uri = [this](std::string run) { return run_uri(std::move(run)); },
                         .model_uri = [this](std::string model) { return model_uri(std::move(model)); },
                         .version_uri =
                             [this](std::string name, std::string version) {
                               return needs_.registry.download_uri(std::move(name), std::move(version));
                             }},
      model_services_{.models = models_} {}

void ArtifactParts::add_routes(api::mlflow::Contract contract) {
  api::mlflow::add_artifact_routes(contract, artifact_services_);
  api::mlflow::add_logged_model_routes(contract, model_services_);
  api::mlflow::add_permission_routes(contract, permissions_);
}

Task<Result<std::string>> ArtifactParts::run_uri(std::string run_id) {
  ASSIGN_OR_CO_RETURN(tracking::Run run, co_await needs_.tracking.run(std::move(run_id)));
  co_return run.info.artifact_uri;
}

Task<Result<std::string>> ArtifactParts::model_uri(std::string model_id) {
  ASSIGN_OR_CO_RETURN(tracking::LoggedModel model, co_await models_.get(std::move(model_id)));
  co_return model.artifact_location;
}

}  // namespace penstock::app
