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

// Experiments as rows. All of it works on a connection, within its caller's transaction. Errors are in
// MLflow's words and name its code in Error::reason where that is not the usual one of the error's code.
namespace penstock::tracking {

// Gives the experiment that is always there a time; does nothing the next time.
Result<void> prepare_default_experiment(database::Connection& connection, int64_t now_ms);

struct NewExperiment {
  std::string name;
  std::string artifact_location;  // empty: below mlflow-artifacts:/
  Tags tags;
};
// Its id. RESOURCE_ALREADY_EXISTS where one of that name is there, deleted or not.
Result<std::string> create_experiment(database::Connection& connection, const NewExperiment& experiment,
                                      int64_t now_ms);

// RESOURCE_DOES_NOT_EXIST (kNotFound) where there is none; deleted ones are found.
Result<Experiment> get_experiment(database::Connection& connection, std::string_view id);
Result<Experiment> get_experiment_by_name(database::Connection& connection, std::string_view name);

// With all of its runs; only an active one can be deleted, only a deleted one restored.
Result<void> delete_experiment(database::Connection& connection, std::string_view id, int64_t now_ms);
Result<void> restore_experiment(database::Connection& connection, std::string_view id, int64_t now_ms);
Result<void> rename_experiment(database::Connection& connection, std::string_view id, std::string_view name,
                               int64_t now_ms);

Result<void> set_experiment_tag(database::Connection& connection, std::string_view id, const Tag& tag);
Result<void> delete_experiment_tag(database::Connection& connection, std::string_view id,
                                   std::string_view key);

// The row of an experiment's id, "0" being row 1, and back. kInvalidArgument for what is no number.
Result<int64_t> experiment_row(std::string_view id);
std::string experiment_id(int64_t row);

// Fills the tags of experiments, which are told by their rows.
Result<void> load_experiment_tags(database::Connection& connection, std::span<const int64_t> rows,
                                  std::span<Experiment> experiments);

// The columns of a query for experiments, in the order of read_experiment.
inline constexpr std::string_view kExperimentColumns =
    "e.id, e.name, e.artifact_location, e.deleted, e.created_at_ms, e.updated_at_ms";
Experiment read_experiment(const database::Row& row);

}  // namespace penstock::tracking
