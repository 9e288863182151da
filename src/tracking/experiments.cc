#include "tracking/experiments.h"

#include <algorithm>
#include <array>
#include <limits>

#include "core/text.h"
#include "tracking/checks.h"
#include "tracking/sql_rows.h"

namespace penstock::tracking {
namespace {

using database::Connection;
using database::Row;
using database::Value;

constexpr std::string_view kPrepareDefault =
    "UPDATE tracking_experiments SET created_at_ms = $1, updated_at_ms = $1 WHERE id = 1 AND created_at_ms = "
    "0";
constexpr std::string_view kInsert = R"sql(
INSERT INTO tracking_experiments (name, artifact_location, deleted, created_at_ms, updated_at_ms)
VALUES ($1, $2, 0, $3, $3) ON CONFLICT (name) DO NOTHING RETURNING id)sql";
constexpr std::string_view kSetLocation =
    "UPDATE tracking_experiments SET artifact_location = $2 WHERE id = $1";
constexpr std::string_view kUpsertTag = R"sql(
INSERT INTO tracking_experiment_tags (experiment, key, value) VALUES ($1, $2, $3)
ON CONFLICT (experiment, key) DO UPDATE SET value = excluded.value)sql";
constexpr std::string_view kDeleteTag =
    "DELETE FROM tracking_experiment_tags WHERE experiment = $1 AND key = $2";
constexpr std::string_view kSelectById =
    "SELECT e.id, e.name, e.artifact_location, e.deleted, e.created_at_ms, e.updated_at_ms"
    " FROM tracking_experiments AS e WHERE e.id = $1";
constexpr std::string_view kSelectByName =
    "SELECT e.id, e.name, e.artifact_location, e.deleted, e.created_at_ms, e.updated_at_ms"
    " FROM tracking_experiments AS e WHERE e.name = $1";
constexpr std::string_view kSelectIdByName = "SELECT id FROM tracking_experiments WHERE name = $1";
constexpr std::string_view kSetDeleted =
    "UPDATE tracking_experiments SET deleted = $2, updated_at_ms = $3 WHERE id = $1";
constexpr std::string_view kDeleteRuns =
    "UPDATE tracking_runs SET deleted = 1, deleted_at_ms = $2 WHERE experiment = $1";
constexpr std::string_view kRestoreRuns =
    "UPDATE tracking_runs SET deleted = 0, deleted_at_ms = NULL WHERE experiment = $1";
constexpr std::string_view kRename =
    "UPDATE tracking_experiments SET name = $2, updated_at_ms = $3 WHERE id = $1";

const RowSelect& select_tags() {
  static const RowSelect kStatement(
      "SELECT experiment, key, value FROM tracking_experiment_tags WHERE experiment IN",
      "ORDER BY experiment, key");
  return kStatement;
}

Failure already_exists(std::string_view name) {
  return Failure(Error{.code = ErrorCode::kConflict,
                       .message = "Experiment(name=" + std::string(name) + ") already exists.",
                       .field = "name",
                       .reason = "RESOURCE_ALREADY_EXISTS"});
}

Failure no_experiment(std::string_view id) {
  return Failure(Error::not_found("No Experiment with id=" + std::string(id) + " exists"));
}

Result<std::optional<Experiment>> find(Connection& connection, std::string_view sql, Value value) {
  const std::array<Value, 1> values = {std::move(value)};
  std::optional<Experiment> found;
  int64_t number = 0;
  RETURN_IF_ERROR(connection.query(sql, values, [&](const Row& row) {
    number = row.integer(0);
    found = read_experiment(row);
    return false;
  }));
  if (found) {
    const std::array<int64_t, 1> rows = {number};
    RETURN_IF_ERROR(load_experiment_tags(connection, rows, {&*found, 1}));
  }
  return found;
}

// The row of one in that stage.
Result<int64_t> find_in_stage(Connection& connection, std::string_view id, Stage stage) {
  ASSIGN_OR_RETURN(Experiment experiment, get_experiment(connection, id));
  if (experiment.stage != stage) return no_experiment(experiment.id);
  return experiment_row(experiment.id);
}

Result<int64_t> find_active(Connection& connection, std::string_view id) {
  ASSIGN_OR_RETURN(Experiment experiment, get_experiment(connection, id));
  if (experiment.stage == Stage::kActive) return experiment_row(experiment.id);
  return Failure(Error::invalid(
      "experiment_id",
      "The experiment " + experiment.id + " must be in the 'active' state. Current state is deleted."));
}

}  // namespace

Result<int64_t> experiment_row(std::string_view id) {
  if (id.empty()) return 1;
  bool negative = id.starts_with('-');
  std::string_view digits = id.substr(negative ? 1 : 0);
  bool number = !digits.empty() && std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; });
  if (!number) {
    return Failure(Error::invalid("experiment_id", "Invalid experiment ID '" +
                                                       std::string(utf8_prefix(id, 256)) +
                                                       "'. Experiment ID must be a valid integer."));
  }
  auto value = parse_int(digits);
  if (negative || !value || *value == std::numeric_limits<int64_t>::max()) return 0;  // no row has it
  return *value + 1;
}

std::string experiment_id(int64_t row) { return std::to_string(row - 1); }

Experiment read_experiment(const Row& row) {
  return {.id = experiment_id(row.integer(0)),
          .name = std::string(row.text(1)),
          .artifact_location = std::string(row.text(2)),
          .stage = row.integer(3) == 0 ? Stage::kActive : Stage::kDeleted,
          .created_at_ms = row.integer(4),
          .updated_at_ms = row.integer(5),
          .tags = {}};
}

Result<void> load_experiment_tags(Connection& connection, std::span<const int64_t> rows,
                                  std::span<Experiment> experiments) {
  std::vector<std::pair<int64_t, size_t>> places;
  for (size_t i = 0; i < rows.size(); ++i) places.emplace_back(rows[i], i);
  std::ranges::sort(places);
  return select_tags().run(connection, rows, [&](const Row& row) {
    auto place = std::ranges::lower_bound(places, row.integer(0), {}, &std::pair<int64_t, size_t>::first);
    experiments[place->second].tags.push_back({std::string(row.text(1)), std::string(row.text(2))});
  });
}

Result<void> prepare_default_experiment(Connection& connection, int64_t now_ms) {
  const std::array<Value, 1> values = {now_ms};
  RETURN_IF_ERROR(connection.execute(kPrepareDefault, values));
  return {};
}

Result<std::string> create_experiment(Connection& connection, const NewExperiment& experiment,
                                      int64_t now_ms) {
  RETURN_IF_ERROR(check_experiment_name(experiment.name));
  RETURN_IF_ERROR(check_artifact_location(experiment.artifact_location));
  for (const Tag& tag : experiment.tags) RETURN_IF_ERROR(check_experiment_tag(tag));
  const std::array<Value, 3> values = {experiment.name, experiment.artifact_location, now_ms};
  int64_t row_number = 0;
  RETURN_IF_ERROR(connection.query(kInsert, values, [&](const Row& row) {
    row_number = row.integer(0);
    return true;
  }));
  if (row_number == 0) return already_exists(experiment.name);
  std::string id = experiment_id(row_number);
  if (experiment.artifact_location.empty()) {
    const std::array<Value, 2> location = {row_number, "mlflow-artifacts:/" + id};
    RETURN_IF_ERROR(connection.execute(kSetLocation, location));
  }
  for (const Tag& tag : experiment.tags) {
    const std::array<Value, 3> written = {row_number, tag.key, tag.value};
    RETURN_IF_ERROR(connection.execute(kUpsertTag, written));
  }
  return id;
}

Result<Experiment> get_experiment(Connection& connection, std::string_view id) {
  ASSIGN_OR_RETURN(int64_t row, experiment_row(id));
  ASSIGN_OR_RETURN(auto found, find(connection, kSelectById, row));
  if (!found) return no_experiment(utf8_prefix(id, 256));
  return *std::move(found);
}

Result<Experiment> get_experiment_by_name(Connection& connection, std::string_view name) {
  ASSIGN_OR_RETURN(auto found, find(connection, kSelectByName, std::string(name)));
  if (!found)
    return Failure(Error::not_found("Could not find experiment with name '" + std::string(name) + "'"));
  return *std::move(found);
}

Result<void> delete_experiment(Connection& connection, std::string_view id, int64_t now_ms) {
  ASSIGN_OR_RETURN(int64_t row, find_in_stage(connection, id, Stage::kActive));
  const std::array<Value, 3> values = {row, int64_t{1}, now_ms};
  RETURN_IF_ERROR(connection.execute(kSetDeleted, values));
  const std::array<Value, 2> runs = {row, now_ms};
  RETURN_IF_ERROR(connection.execute(kDeleteRuns, runs));
  return {};
}

Result<void> restore_experiment(Connection& connection, std::string_view id, int64_t now_ms) {
  ASSIGN_OR_RETURN(int64_t row, find_in_stage(connection, id, Stage::kDeleted));
  const std::array<Value, 3> values = {row, int64_t{0}, now_ms};
  RETURN_IF_ERROR(connection.execute(kSetDeleted, values));
  const std::array<Value, 1> runs = {row};
  RETURN_IF_ERROR(connection.execute(kRestoreRuns, runs));
  return {};
}

Result<void> rename_experiment(Connection& connection, std::string_view id, std::string_view name,
                               int64_t now_ms) {
  RETURN_IF_ERROR(check_experiment_name(name));
  ASSIGN_OR_RETURN(Experiment experiment, get_experiment(connection, id));
  if (experiment.stage != Stage::kActive) {
    return Failure(Error::invalid("experiment_id", "Cannot rename a non-active experiment."));
  }
  ASSIGN_OR_RETURN(int64_t row, experiment_row(experiment.id));
  const std::array<Value, 1> by_name = {std::string(name)};
  int64_t holder = row;
  RETURN_IF_ERROR(connection.query(kSelectIdByName, by_name, [&](const Row& found) {
    holder = found.integer(0);
    return false;
  }));
  if (holder != row) {
    return Failure(Error{.code = ErrorCode::kInvalidArgument,
                         .message = "Experiment(name=" + std::string(name) + ") already exists.",
                         .field = "new_name",
                         .reason = "BAD_REQUEST"});
  }
  const std::array<Value, 3> values = {row, std::string(name), now_ms};
  RETURN_IF_ERROR(connection.execute(kRename, values));
  return {};
}

Result<void> set_experiment_tag(Connection& connection, std::string_view id, const Tag& tag) {
  RETURN_IF_ERROR(check_experiment_tag(tag));
  ASSIGN_OR_RETURN(int64_t row, find_active(connection, id));
  const std::array<Value, 3> values = {row, tag.key, tag.value};
  RETURN_IF_ERROR(connection.execute(kUpsertTag, values));
  return {};
}

Result<void> delete_experiment_tag(Connection& connection, std::string_view id, std::string_view key) {
  ASSIGN_OR_RETURN(int64_t row, find_active(connection, id));
  const std::array<Value, 2> values = {row, std::string(key)};
  ASSIGN_OR_RETURN(int64_t gone, connection.execute(kDeleteTag, values));
  if (gone > 0) return {};
  return Failure(Error::not_found("No tag with name: " + std::string(key) + " in experiment with id " +
                                  std::string(id)));
}

}  // namespace penstock::tracking
