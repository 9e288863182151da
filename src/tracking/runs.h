#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/random.h"
#include "core/result.h"
#include "storage/database/database.h"
#include "tracking/entities.h"
#include "tracking/metric_store.h"

// Runs as rows. All of it works on a connection, within its caller's transaction. Errors are in MLflow's
// words.
namespace penstock::tracking {

inline constexpr std::string_view kRunNameTag = "mlflow.runName";

// 32 hexadecimal digits, as a UUID version 4 without dashes.
std::string new_run_id(Random& random);
// "lucid-otter-417", for a run without a name.
std::string new_run_name(Random& random);

struct NewRun {
  std::string run_id;
  std::string experiment_id;  // empty: "0"
  std::string name;           // empty: the tag mlflow.runName, or `fallback_name`
  std::string fallback_name;
  std::string user_id;
  int64_t start_time_ms = 0;
  Tags tags;
};
Result<Run> create_run(database::Connection& connection, const NewRun& run);

// kNotFound; deleted ones are found.
Result<Run> get_run(database::Connection& connection, std::string_view run_id);

struct RunChange {
  std::string run_id;
  std::string status;  // empty: as it was
  std::optional<int64_t> end_time_ms;
  std::string name;  // empty: as it was
};
Result<RunInfo> update_run(database::Connection& connection, const RunChange& change);

Result<void> delete_run(database::Connection& connection, std::string_view run_id, int64_t now_ms);
Result<void> restore_run(database::Connection& connection, std::string_view run_id);

// The rows' numbers of a run that must be there and active.
Result<RunKey> find_active_run(database::Connection& connection, std::string_view run_id);

// The columns of a query for runs, in the order of read_run_info.
inline constexpr std::string_view kRunColumns =
    "r.id, r.run_id, r.experiment, r.name, r.user_id, r.status, r.start_time_ms, r.end_time_ms, "
    "r.artifact_uri, "
    "r.deleted";
RunInfo read_run_info(const database::Row& row);

Result<void> rename_run(database::Connection& connection, int64_t run, const std::string& name);

}  // namespace penstock::tracking
