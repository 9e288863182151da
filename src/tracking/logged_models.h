#pragma once

#include <functional>
#include <string>

#include "core/clock.h"
#include "core/random.h"
#include "core/result.h"
#include "core/task.h"
#include "storage/database/database.h"
#include "tracking/logged_model_search.h"
#include "tracking/logged_model_store.h"

namespace penstock::tracking {

struct NewLoggedModel {
  std::string experiment_id;
  std::string name;  // empty: one is made up
  std::string model_type;
  std::string source_run_id;
  Params params;
  Tags tags;
};

// The logged models of experiments (MLflow 3). Errors are in MLflow's words. Thread-safe; runs on the
// caller's loop. All of the references outlive it.
class LoggedModels {
 public:
  LoggedModels(database::Database& database, const Clock& clock, Random& random)
      : database_(database), clock_(clock), random_(random) {}

  // In an experiment that is there and active; the model is pending until it is finalized.
  Task<Result<LoggedModel>> create(NewLoggedModel model);
  Task<Result<LoggedModel>> get(std::string model_id, Deleted deleted = Deleted::kHidden);
  Task<Result<LoggedModel>> finalize(std::string model_id, LoggedModelStatus status);
  Task<Result<void>> remove(std::string model_id);
  Task<Result<LoggedModel>> set_tags(std::string model_id, Tags tags);
  Task<Result<void>> delete_tag(std::string model_id, std::string key);
  Task<Result<void>> add_params(std::string model_id, Params params);
  Task<Result<LoggedModelPage>> search(LoggedModelQuery query);

 private:
  int64_t now_ms() const { return clock_.now().us / 1000; }

  database::Database& database_;
  const Clock& clock_;
  Random& random_;
};

}  // namespace penstock::tracking
