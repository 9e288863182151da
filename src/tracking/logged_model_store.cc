#include "tracking/logged_model_store.h"

#include <array>
#include <limits>

#include "tracking/checks.h"

namespace penstock::tracking {
namespace {

using database::Connection;
using database::Row;
using database::Value;

constexpr std::string_view kCreate = R"sql(
CREATE TABLE tracking_logged_models (
  model_id TEXT NOT NULL PRIMARY KEY,
  experiment_id TEXT NOT NULL,
  name TEXT NOT NULL,
  artifact_location TEXT NOT NULL,
  created_at_ms INTEGER NOT NULL,
  updated_at_ms INTEGER NOT NULL,
  model_type TEXT NOT NULL,
  source_run_id TEXT NOT NULL,
  status INTEGER NOT NULL,
  deleted INTEGER NOT NULL
) STRICT;
CREATE INDEX tracking_logged_models_by_experiment
  ON tracking_logged_models (experiment_id, deleted, created_at_ms);
CREATE TABLE tracking_logged_model_tags (
  model_id TEXT NOT NULL,
  key TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (model_id, key)
) STRICT;
CREATE TABLE tracking_logged_model_params (
  model_id TEXT NOT NULL,
  key TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (model_id, key)
) STRICT)sql";

constexpr std::array kMigrations = {
    database::Migration{.number = 67, .name = "logged models", .sql = kCreate},
};

constexpr std::string_view kInsert =
    "INSERT INTO tracking_logged_models (model_id, experiment_id, name, artifact_location, created_at_ms, "
    "updated_at_ms, model_type, source_run_id, status, deleted) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, "
    "$10)";
constexpr std::string_view kSelect =
    "SELECT model_id, experiment_id, name, artifact_location, created_at_ms, updated_at_ms, model_type, "
    "source_run_id, status, deleted FROM tracking_logged_models WHERE model_id = $1";
constexpr std::string_view kSelectOfExperiment =
    "SELECT model_id, experiment_id, name, artifact_location, created_at_ms, updated_at_ms, model_type, "
    "source_run_id, status, deleted FROM tracking_logged_models WHERE experiment_id = $1 AND deleted = 0 "
    "ORDER BY created_at_ms DESC, model_id";
constexpr std::string_view kSetStatus =
    "UPDATE tracking_logged_models SET status = $1, updated_at_ms = $2 WHERE model_id = $3";
constexpr std::string_view kSetDeleted =
    "UPDATE tracking_logged_models SET deleted = 1, updated_at_ms = $1 WHERE model_id = $2";
constexpr std::string_view kExists = "SELECT 1 FROM tracking_logged_models WHERE model_id = $1";

constexpr std::string_view kSetTag =
    "INSERT INTO tracking_logged_model_tags (model_id, key, value) VALUES ($1, $2, $3) "
    "ON CONFLICT (model_id, key) DO UPDATE SET value = excluded.value";
constexpr std::string_view kDeleteTag =
    "DELETE FROM tracking_logged_model_tags WHERE model_id = $1 AND key = $2";
constexpr std::string_view kTags =
    "SELECT key, value FROM tracking_logged_model_tags WHERE model_id = $1 ORDER BY key";
constexpr std::string_view kAddParam =
    "INSERT INTO tracking_logged_model_params (model_id, key, value) VALUES ($1, $2, $3) "
    "ON CONFLICT (model_id, key) DO NOTHING";
constexpr std::string_view kParam =
    "SELECT key, value FROM tracking_logged_model_params WHERE model_id = $1 AND key = $2";
constexpr std::string_view kParams =
    "SELECT key, value FROM tracking_logged_model_params WHERE model_id = $1 ORDER BY key";
constexpr std::string_view kMetrics =
    "SELECT DISTINCT key, value, timestamp_ms, step, run_id, dataset_name, dataset_digest "
    "FROM tracking_model_metrics WHERE model_id = $1 ORDER BY key, timestamp_ms, step, run_id";

LoggedModel read_model(const Row& row) {
  return {.model_id = std::string(row.text(0)),
          .experiment_id = std::string(row.text(1)),
          .name = std::string(row.text(2)),
          .artifact_location = std::string(row.text(3)),
          .created_at_ms = row.integer(4),
          .updated_at_ms = row.integer(5),
          .model_type = std::string(row.text(6)),
          .source_run_id = std::string(row.text(7)),
          .status = static_cast<LoggedModelStatus>(row.integer(8)),
          .deleted = row.integer(9) == 1};
}

Tag read_pair(const Row& row) { return {.key = std::string(row.text(0)), .value = std::string(row.text(1))}; }

LoggedModelMetric read_metric(const Row& row) {
  bool has_value = !row.is_null(1);
  return {.metric = {.key = std::string(row.text(0)),
                     .value = has_value ? row.real(1) : std::numeric_limits<double>::quiet_NaN(),
                     .timestamp_ms = row.integer(2),
                     .step = row.integer(3),
                     .model_id = {},
                     .dataset_name = std::string(row.text(5)),
                     .dataset_digest = std::string(row.text(6))},
          .run_id = std::string(row.text(4))};
}

Failure absent(std::string_view model_id) {
  return Failure(Error::not_found("Logged model with ID '" + std::string(model_id) + "' not found.",
                                  "RESOURCE_DOES_NOT_EXIST"));
}

Result<void> check_exists(Connection& connection, std::string_view model_id) {
  bool found = false;
  const Value values[] = {std::string(model_id)};
  RETURN_IF_ERROR(connection.query(kExists, values, [&](const Row&) {
    found = true;
    return false;
  }));
  if (!found) return absent(model_id);
  return {};
}

Result<void> insert_params(Connection& connection, std::string_view model_id, const Params& params) {
  for (const auto& [key, value] : params) {
    const Value values[] = {std::string(model_id), key, value};
    ASSIGN_OR_RETURN(int64_t added, connection.execute(kAddParam, values));
    if (added == 1) continue;
    const Value which[] = {std::string(model_id), key};
    ASSIGN_OR_RETURN(auto there, database::rows<Tag>(connection, kParam, which, read_pair));
    if (!there.empty() && there.front().value == value) continue;
    return Failure(
        Error::invalid("params", "The parameter '" + key + "' of the logged model '" + std::string(model_id) +
                                     "' has another value already, and parameters do not change."));
  }
  return {};
}

Result<void> upsert_tags(Connection& connection, std::string_view model_id, const Tags& tags) {
  for (const auto& [key, value] : tags) {
    const Value values[] = {std::string(model_id), key, value};
    RETURN_IF_ERROR(connection.execute(kSetTag, values));
  }
  return {};
}

}  // namespace

std::span<const database::Migration> logged_model_migrations() { return kMigrations; }

Result<void> check_logged_model_name(std::string_view name) {
  if (!name.empty() && name.find_first_of("/:.%\"'") == std::string_view::npos) return {};
  return Failure(Error::invalid(
      "name", "Invalid model name (" + python_repr(name) +
                  ") provided. Model name must be a non-empty string and cannot contain the following "
                  "characters: ('/', ':', '.', '%', '\"', \"'\")"));
}

Result<void> add_logged_model(Connection& connection, const LoggedModel& model) {
  const Value values[] = {model.model_id,
                          model.experiment_id,
                          model.name,
                          model.artifact_location,
                          model.created_at_ms,
                          model.updated_at_ms,
                          model.model_type,
                          model.source_run_id,
                          static_cast<int64_t>(model.status),
                          int64_t{model.deleted ? 1 : 0}};
  RETURN_IF_ERROR(connection.execute(kInsert, values));
  RETURN_IF_ERROR(insert_params(connection, model.model_id, model.params));
  return upsert_tags(connection, model.model_id, model.tags);
}

Result<LoggedModel> get_logged_model(Connection& connection, std::string_view model_id, Deleted deleted) {
  const Value values[] = {std::string(model_id)};
  ASSIGN_OR_RETURN(auto found, database::rows<LoggedModel>(connection, kSelect, values, read_model));
  if (found.empty() || (found.front().deleted && deleted == Deleted::kHidden)) return absent(model_id);
  RETURN_IF_ERROR(complete_logged_model(connection, found.front()));
  return std::move(found.front());
}

Result<void> finalize_logged_model(Connection& connection, std::string_view model_id,
                                   LoggedModelStatus status, int64_t now_ms) {
  const Value values[] = {static_cast<int64_t>(status), now_ms, std::string(model_id)};
  ASSIGN_OR_RETURN(int64_t changed, connection.execute(kSetStatus, values));
  if (changed == 0) return absent(model_id);
  return {};
}

Result<void> delete_logged_model(Connection& connection, std::string_view model_id, int64_t now_ms) {
  const Value values[] = {now_ms, std::string(model_id)};
  ASSIGN_OR_RETURN(int64_t changed, connection.execute(kSetDeleted, values));
  if (changed == 0) return absent(model_id);
  return {};
}

Result<void> set_logged_model_tags(Connection& connection, std::string_view model_id, const Tags& tags) {
  RETURN_IF_ERROR(check_exists(connection, model_id));
  return upsert_tags(connection, model_id, tags);
}

Result<void> delete_logged_model_tag(Connection& connection, std::string_view model_id,
                                     std::string_view key) {
  RETURN_IF_ERROR(check_exists(connection, model_id));
  const Value values[] = {std::string(model_id), std::string(key)};
  ASSIGN_OR_RETURN(int64_t deleted, connection.execute(kDeleteTag, values));
  if (deleted > 0) return {};
  return Failure(Error::not_found(
      "No tag with key '" + std::string(key) + "' found for model with ID '" + std::string(model_id) + "'.",
      "RESOURCE_DOES_NOT_EXIST"));
}

Result<void> add_logged_model_params(Connection& connection, std::string_view model_id,
                                     const Params& params) {
  RETURN_IF_ERROR(check_exists(connection, model_id));
  return insert_params(connection, model_id, params);
}

Result<std::vector<LoggedModel>> logged_models_of(Connection& connection, std::string_view experiment_id) {
  const Value values[] = {std::string(experiment_id)};
  return database::rows<LoggedModel>(connection, kSelectOfExperiment, values, read_model);
}

Result<void> complete_logged_model(Connection& connection, LoggedModel& model) {
  const Value values[] = {model.model_id};
  ASSIGN_OR_RETURN(model.tags, database::rows<Tag>(connection, kTags, values, read_pair));
  ASSIGN_OR_RETURN(model.params, database::rows<Tag>(connection, kParams, values, read_pair));
  ASSIGN_OR_RETURN(model.metrics,
                   database::rows<LoggedModelMetric>(connection, kMetrics, values, read_metric));
  return {};
}

}  // namespace penstock::tracking
