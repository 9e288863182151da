#pragma once

#include <functional>
#include <string>

#include "api/mlflow/contract.h"
#include "core/result.h"
#include "core/task.h"
#include "tracking/artifacts.h"

namespace penstock::api::mlflow {

// What the routes of artifacts need: the files, and where those of a run, a logged model and a model version
// begin ("mlflow-artifacts:/0/<run>/artifacts"), which is each one's own module's to know.
struct ArtifactServices {
  tracking::Artifacts& artifacts;
  std::function<Task<Result<std::string>>(std::string run_id)> run_uri;
  std::function<Task<Result<std::string>>(std::string model_id)> model_uri;
  std::function<Task<Result<std::string>>(std::string name, std::string version)> version_uri;
};

// One file; a larger one is refused (413).
inline constexpr int64_t kArtifactBytesMax = int64_t{1} << 40;

// The artifact proxy, listings and downloads by run, logged model and model version.
void add_artifact_routes(Contract contract, ArtifactServices& services);

}  // namespace penstock::api::mlflow
