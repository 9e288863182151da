#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "storage/database/database.h"
#include "tracking/entities.h"

namespace penstock::tracking {

enum class LoggedModelStatus : uint8_t { kUnspecified = 0, kPending = 1, kReady = 2, kFailed = 3 };

// A metric of a run that says how good a logged model is, perhaps on a dataset.
struct LoggedModelMetric {
  Metric metric;
  std::string run_id;
};

// A model as an experiment made it (MLflow 3): files below an artifact root of its own, parameters, and the
// metrics that runs measured on it. Times are the server's, in milliseconds.
struct LoggedModel {
  std::string model_id;  // "m-" and 32 hex digits
  std::string experiment_id;
  std::string name;
  std::string artifact_location;
  int64_t created_at_ms = 0;
  int64_t updated_at_ms = 0;
  std::string model_type;
  std::string source_run_id;
  LoggedModelStatus status = LoggedModelStatus::kPending;
  bool deleted = false;
  Tags tags;      // by key
  Params params;  // by key
  std::vector<LoggedModelMetric> metrics;
};

std::span<const database::Migration> logged_model_migrations();  // 67

// "Invalid model name ('a/b') provided. ..." for a name with one of / : . % " '
Result<void> check_logged_model_name(std::string_view name);

// All of these work on a connection, so that several can share one transaction. kNotFound ("Logged model with
// ID 'm-...' not found.") where there is no such model.

// Adds the model as it stands, with its parameters and tags. (Metrics are added by the runs that log them.)
Result<void> add_logged_model(database::Connection& connection, const LoggedModel& model);

enum class Deleted : uint8_t { kHidden, kShown };
Result<LoggedModel> get_logged_model(database::Connection& connection, std::string_view model_id,
                                     Deleted deleted = Deleted::kHidden);

Result<void> finalize_logged_model(database::Connection& connection, std::string_view model_id,
                                   LoggedModelStatus status, int64_t now_ms);
Result<void> delete_logged_model(database::Connection& connection, std::string_view model_id, int64_t now_ms);
Result<void> set_logged_model_tags(database::Connection& connection, std::string_view model_id,
                                   const Tags& tags);
// kNotFound for a key that it does not have, too.
Result<void> delete_logged_model_tag(database::Connection& connection, std::string_view model_id,
                                     std::string_view key);
// kInvalidArgument for a parameter that is there already with another value: parameters do not change.
Result<void> add_logged_model_params(database::Connection& connection, std::string_view model_id,
                                     const Params& params);

// The models of one experiment that are not deleted, without tags, parameters and metrics, newest first.
Result<std::vector<LoggedModel>> logged_models_of(database::Connection& connection,
                                                  std::string_view experiment_id);
// Reads the rest of a model.
Result<void> complete_logged_model(database::Connection& connection, LoggedModel& model);

}  // namespace penstock::tracking
