#pragma once

#include <string>
#include <string_view>

#include "core/result.h"
#include "storage/database/database.h"
#include "tracking/checks.h"
#include "tracking/entities.h"

// What runs log. All of it works on a connection, within its caller's transaction. Errors are in MLflow's
// words; kNotFound for an unknown run, kInvalidArgument for a deleted one.
namespace penstock::tracking {

// All or nothing. A param that is there already must have the same value; a tag is replaced; a metric that is
// there already is kept once.
Result<void> log_batch(database::Connection& connection, std::string_view run_id, Batch batch);
Result<void> log_metric(database::Connection& connection, std::string_view run_id, const Metric& metric);
Result<void> log_param(database::Connection& connection, std::string_view run_id, Param param);
// The tag mlflow.runName names the run, too.
Result<void> set_tag(database::Connection& connection, std::string_view run_id, Tag tag);
Result<void> delete_tag(database::Connection& connection, std::string_view run_id, std::string_view key);

// Appends a model's document to the list in the tag mlflow.log-model.history, as 2.x clients ask for.
Result<void> log_legacy_model(database::Connection& connection, std::string_view run_id,
                              std::string_view model_json);

}  // namespace penstock::tracking
