#include "tracking/logged_models.h"

#include <utility>

#include "tracking/artifact_path.h"
#include "tracking/experiments.h"
#include "tracking/runs.h"

namespace penstock::tracking {
namespace {

using database::Connection;

Result<void> insert(Connection& connection, LoggedModel& model) {
  ASSIGN_OR_RETURN(Experiment experiment, get_experiment(connection, model.experiment_id));
  if (experiment.stage != Stage::kActive) {
    return Failure(Error::invalid(
        "experiment_id",
        "The experiment " + experiment.id + " must be in the 'active' state. Current state is deleted."));
  }
  model.artifact_location =
      join_path(experiment.artifact_location, "models/" + model.model_id + "/artifacts");
  return add_logged_model(connection, model);
}

}  // namespace

Task<Result<LoggedModel>> LoggedModels::create(NewLoggedModel wanted) {
  if (!wanted.name.empty()) CO_RETURN_IF_ERROR(check_logged_model_name(wanted.name));
  int64_t now = now_ms();
  LoggedModel model{.model_id = "m-" + new_run_id(random_),
                    .experiment_id = std::move(wanted.experiment_id),
                    .name = wanted.name.empty() ? new_run_name(random_) : std::move(wanted.name),
                    .artifact_location = {},
                    .created_at_ms = now,
                    .updated_at_ms = now,
                    .model_type = std::move(wanted.model_type),
                    .source_run_id = std::move(wanted.source_run_id),
                    .tags = std::move(wanted.tags),
                    .params = std::move(wanted.params)};
  auto write = [model = std::move(model)](Connection& connection) mutable -> Result<LoggedModel> {
    RETURN_IF_ERROR(insert(connection, model));
    return get_logged_model(connection, model.model_id);
  };
  co_return co_await database_.write<LoggedModel>(std::move(write));
}

Task<Result<LoggedModel>> LoggedModels::get(std::string model_id, Deleted deleted) {
  auto read = [model_id = std::move(model_id), deleted](Connection& connection) {
    return get_logged_model(connection, model_id, deleted);
  };
  co_return co_await database_.read<LoggedModel>(std::move(read));
}

Task<Result<LoggedModel>> LoggedModels::finalize(std::string model_id, LoggedModelStatus status) {
  auto write = [model_id = std::move(model_id), status,
                now = now_ms()](Connection& connection) -> Result<LoggedModel> {
    RETURN_IF_ERROR(finalize_logged_model(connection, model_id, status, now));
    return get_logged_model(connection, model_id, Deleted::kShown);
  };
  co_return co_await database_.write<LoggedModel>(std::move(write));
}

Task<Result<void>> LoggedModels::remove(std::string model_id) {
  auto write = [model_id = std::move(model_id), now = now_ms()](Connection& connection) {
    return delete_logged_model(connection, model_id, now);
  };
  co_return co_await database_.write<void>(std::move(write));
}

Task<Result<LoggedModel>> LoggedModels::set_tags(std::string model_id, Tags tags) {
  auto write = [model_id = std::move(model_id),
                tags = std::move(tags)](Connection& connection) -> Result<LoggedModel> {
    RETURN_IF_ERROR(set_logged_model_tags(connection, model_id, tags));
    return get_logged_model(connection, model_id, Deleted::kShown);
  };
  co_return co_await database_.write<LoggedModel>(std::move(write));
}

Task<Result<void>> LoggedModels::delete_tag(std::string model_id, std::string key) {
  auto write = [model_id = std::move(model_id), key = std::move(key)](Connection& connection) {
    return delete_logged_model_tag(connection, model_id, key);
  };
  co_return co_await database_.write<void>(std::move(write));
}

Task<Result<void>> LoggedModels::add_params(std::string model_id, Params params) {
  auto write = [model_id = std::move(model_id), params = std::move(params)](Connection& connection) {
    return add_logged_model_params(connection, model_id, params);
  };
  co_return co_await database_.write<void>(std::move(write));
}

Task<Result<LoggedModelPage>> LoggedModels::search(LoggedModelQuery query) {
  auto read = [query = std::move(query)](Connection& connection) {
    return search_logged_models(connection, query);
  };
  co_return co_await database_.read<LoggedModelPage>(std::move(read));
}

}  // namespace penstock::tracking
