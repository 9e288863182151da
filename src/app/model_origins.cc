#include "app/model_origins.h"

#include "tracking/runs.h"

namespace penstock::app {

Result<std::optional<std::string>> TrackedOrigins::run_artifacts(database::Connection& connection,
                                                                 std::string_view run_id) {
  auto run = tracking::get_run(connection, run_id);
  if (run) return run->info.artifact_uri;
  if (run.error().code == ErrorCode::kNotFound) return std::nullopt;
  return Failure(std::move(run).error());
}

// Logged models are not kept here yet: none is known.
Result<std::optional<registry::ModelOrigins::LoggedModel>> TrackedOrigins::logged_model(
    database::Connection& /*connection*/, std::string_view /*model_id*/) {
  return std::nullopt;
}

Result<void> TrackedOrigins::add_version(database::Connection& /*connection*/, std::string_view /*model_id*/,
                                         std::string_view /*name*/, int64_t /*number*/) {
  return {};
}

}  // namespace penstock::app
