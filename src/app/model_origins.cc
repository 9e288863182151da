#include "app/model_origins.h"

#include "tracking/logged_model_store.h"
#include "tracking/runs.h"

namespace penstock::app {
namespace {

template <class T>
bool is_absent(const Result<T>& found) {
  return !found && found.error().code == ErrorCode::kNotFound;
}

}  // namespace

Result<std::optional<std::string>> TrackedOrigins::run_artifacts(database::Connection& connection,
                                                                 std::string_view run_id) {
  Result<tracking::Run> run = tracking::get_run(connection, run_id);
  if (is_absent(run)) return std::nullopt;
  if (!run) return Failure(std::move(run).error());
  return run->info.artifact_uri;
}

Result<std::optional<registry::ModelOrigins::LoggedModel>> TrackedOrigins::logged_model(
    database::Connection& connection, std::string_view model_id) {
  Result<tracking::LoggedModel> model = tracking::get_logged_model(connection, model_id);
  if (is_absent(model)) return std::nullopt;
  if (!model) return Failure(std::move(model).error());
  return LoggedModel{.artifacts = model->artifact_location, .run_id = model->source_run_id};
}

// Clients note it themselves, in the model's tag mlflow.modelVersions.
Result<void> TrackedOrigins::add_version(database::Connection& /*connection*/, std::string_view /*model_id*/,
                                         std::string_view /*name*/, int64_t /*number*/) {
  return {};
}

}  // namespace penstock::app
