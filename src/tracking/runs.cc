#include "tracking/runs.h"

#include <algorithm>
#include <array>
#include <span>

#include "core/text.h"
#include "tracking/checks.h"
#include "tracking/experiments.h"
#include "tracking/run_data.h"

namespace penstock::tracking {
namespace {

using database::Connection;
using database::Row;
using database::Value;

constexpr std::string_view kInsert = R"sql(
INSERT INTO tracking_runs (run_id, experiment, name, user_id, status, start_time_ms, end_time_ms,
                           artifact_uri,
                           deleted, deleted_at_ms, log_rows, log_bytes)
VALUES ($1, $2, $3, $4, 'RUNNING', $5, NULL, $6, 0, NULL, 0, 0) RETURNING id)sql";
constexpr std::string_view kFind = "SELECT id, experiment, deleted FROM tracking_runs WHERE run_id = $1";
constexpr std::string_view kSelect =
    "SELECT r.id, r.run_id, r.experiment, r.name, r.user_id, r.status, r.start_time_ms, r.end_time_ms,"
    " r.artifact_uri, r.deleted FROM tracking_runs AS r WHERE r.run_id = $1";
constexpr std::string_view kSetStatus = "UPDATE tracking_runs SET status = $2 WHERE id = $1";
constexpr std::string_view kSetEndTime = "UPDATE tracking_runs SET end_time_ms = $2 WHERE id = $1";
constexpr std::string_view kSetName = "UPDATE tracking_runs SET name = $2 WHERE id = $1";
constexpr std::string_view kDelete = "UPDATE tracking_runs SET deleted = 1, deleted_at_ms = $2 WHERE id = $1";
constexpr std::string_view kRestore =
    "UPDATE tracking_runs SET deleted = 0, deleted_at_ms = NULL WHERE id = $1";

constexpr std::array<std::string_view, 12> kAdjectives = {
    "able", "brisk", "calm", "deep", "even", "fresh", "keen", "lucid", "merry", "quiet", "swift", "vivid"};
constexpr std::array<std::string_view, 12> kNouns = {"brook", "canal", "delta", "fjord", "gate",   "heron",
                                                     "lake",  "mill",  "otter", "river", "spring", "weir"};

struct FoundRun {
  RunKey key;
  bool deleted = false;
};

Failure no_run(std::string_view run_id) {
  return Failure(Error::not_found("Run with id=" + std::string(utf8_prefix(run_id, 256)) + " not found"));
}

Result<FoundRun> find_run(Connection& connection, std::string_view run_id) {
  const std::array<Value, 1> values = {std::string(run_id)};
  std::optional<FoundRun> found;
  RETURN_IF_ERROR(connection.query(kFind, values, [&](const Row& row) {
    found = {{row.integer(0), row.integer(1)}, row.integer(2) != 0};
    return false;
  }));
  if (!found) return no_run(run_id);
  return *found;
}

Result<std::string> name_of(const NewRun& run) {
  auto tag = std::ranges::find(run.tags, kRunNameTag, &Tag::key);
  std::string_view tagged = tag == run.tags.end() ? std::string_view() : std::string_view(tag->value);
  if (!run.name.empty() && !tagged.empty() && run.name != tagged) {
    return Failure(Error::invalid(
        "run_name",
        "Both 'run_name' argument and 'mlflow.runName' tag are specified, but with different values "
        "(run_name='" +
            run.name + "', mlflow.runName='" + std::string(tagged) + "')."));
  }
  if (!run.name.empty()) return run.name;
  return tagged.empty() ? run.fallback_name : std::string(tagged);
}

std::string below(std::string_view root, std::string_view rest) {
  std::string uri(root);
  if (!uri.ends_with('/')) uri += '/';
  return uri.append(rest);
}

}  // namespace

std::string new_run_id(Random& random) {
  std::array<uint64_t, 2> bits = {random.next_u64(), random.next_u64()};
  std::string id = hex(std::as_bytes(std::span(bits)));
  id[12] = '4';
  id[16] = "89ab"[random.next_u64() % 4];
  return id;
}

std::string new_run_name(Random& random) {
  std::string name(kAdjectives[random.next_u64() % kAdjectives.size()]);
  name.append("-").append(kNouns[random.next_u64() % kNouns.size()]);
  return name + "-" + std::to_string(random.next_u64() % 1000);
}

Result<void> rename_run(Connection& connection, int64_t run, const std::string& name) {
  const std::array<Value, 2> values = {run, name};
  RETURN_IF_ERROR(connection.execute(kSetName, values));
  return {};
}

RunInfo read_run_info(const Row& row) {
  return {.run_id = std::string(row.text(1)),
          .experiment_id = experiment_id(row.integer(2)),
          .name = std::string(row.text(3)),
          .user_id = std::string(row.text(4)),
          .status = std::string(row.text(5)),
          .start_time_ms = row.integer(6),
          .end_time_ms = row.is_null(7) ? std::nullopt : std::optional(row.integer(7)),
          .artifact_uri = std::string(row.text(8)),
          .stage = row.integer(9) == 0 ? Stage::kActive : Stage::kDeleted};
}

Result<RunKey> find_active_run(Connection& connection, std::string_view run_id) {
  ASSIGN_OR_RETURN(FoundRun found, find_run(connection, run_id));
  if (!found.deleted) return found.key;
  return Failure(Error::invalid("run_id", "The run " + std::string(run_id) +
                                              " must be in the 'active' state. Current state is deleted."));
}

Result<Run> create_run(Connection& connection, const NewRun& run) {
  ASSIGN_OR_RETURN(Experiment experiment, get_experiment(connection, run.experiment_id));
  if (experiment.stage != Stage::kActive) {
    return Failure(Error::invalid(
        "experiment_id",
        "The experiment " + experiment.id + " must be in the 'active' state. Current state is deleted."));
  }
  ASSIGN_OR_RETURN(std::string name, name_of(run));
  Run made;
  made.info = {.run_id = run.run_id,
               .experiment_id = experiment.id,
               .name = name,
               .user_id = run.user_id,
               .status = "RUNNING",
               .start_time_ms = run.start_time_ms,
               .end_time_ms = {},
               .artifact_uri = below(experiment.artifact_location, run.run_id + "/artifacts"),
               .stage = Stage::kActive};
  Tags tags = run.tags;
  if (std::ranges::find(tags, kRunNameTag, &Tag::key) == tags.end())
    tags.push_back({std::string(kRunNameTag), name});
  for (size_t i = 0; i < tags.size(); ++i) {
    RETURN_IF_ERROR(check_tag(tags[i], "tags[" + std::to_string(i) + "]"));
  }
  ASSIGN_OR_RETURN(int64_t row_of_experiment, experiment_row(experiment.id));
  const std::array<Value, 6> values = {run.run_id,  row_of_experiment, name,
                                       run.user_id, run.start_time_ms, made.info.artifact_uri};
  int64_t number = 0;
  RETURN_IF_ERROR(connection.query(kInsert, values, [&](const Row& row) {
    number = row.integer(0);
    return true;
  }));
  RETURN_IF_ERROR(write_tags(connection, number, tags));
  made.tags = std::move(tags);
  return made;
}

Result<Run> get_run(Connection& connection, std::string_view run_id) {
  const std::array<Value, 1> values = {std::string(run_id)};
  std::optional<Run> run;
  std::array<int64_t, 1> rows = {0};
  RETURN_IF_ERROR(connection.query(kSelect, values, [&](const Row& row) {
    rows[0] = row.integer(0);
    run = Run{.info = read_run_info(row)};
    return false;
  }));
  if (!run) return no_run(run_id);
  RETURN_IF_ERROR(load_run_data(connection, rows, {&*run, 1}));
  return *std::move(run);
}

Result<RunInfo> update_run(Connection& connection, const RunChange& change) {
  ASSIGN_OR_RETURN(RunKey run, find_active_run(connection, change.run_id));
  if (!change.status.empty()) {
    const std::array<Value, 2> values = {run.run, change.status};
    RETURN_IF_ERROR(connection.execute(kSetStatus, values));
  }
  if (change.end_time_ms) {
    const std::array<Value, 2> values = {run.run, *change.end_time_ms};
    RETURN_IF_ERROR(connection.execute(kSetEndTime, values));
  }
  if (!change.name.empty()) {
    RETURN_IF_ERROR(rename_run(connection, run.run, change.name));
    const std::array<Tag, 1> tag = {Tag{std::string(kRunNameTag), change.name}};
    RETURN_IF_ERROR(write_tags(connection, run.run, tag));
  }
  const std::array<Value, 1> values = {change.run_id};
  RunInfo info;
  RETURN_IF_ERROR(connection.query(kSelect, values, [&](const Row& row) {
    info = read_run_info(row);
    return false;
  }));
  return info;
}

Result<void> delete_run(Connection& connection, std::string_view run_id, int64_t now_ms) {
  ASSIGN_OR_RETURN(FoundRun run, find_run(connection, run_id));
  const std::array<Value, 2> values = {run.key.run, now_ms};
  RETURN_IF_ERROR(connection.execute(kDelete, values));
  return {};
}

Result<void> restore_run(Connection& connection, std::string_view run_id) {
  ASSIGN_OR_RETURN(FoundRun run, find_run(connection, run_id));
  const std::array<Value, 1> values = {run.key.run};
  RETURN_IF_ERROR(connection.execute(kRestore, values));
  return {};
}

}  // namespace penstock::tracking
