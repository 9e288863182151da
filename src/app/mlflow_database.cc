#include <limits>
#include <set>

#include "app/mlflow_source.h"
#include "storage/database/foreign_sqlite.h"

// An mlflow.db as MLflow's SqlAlchemyStore writes it (mlflow/store/tracking/dbmodels/models.py). Tables that
// younger versions have added may be absent.
namespace penstock::app {
namespace {

using database::Connection;
using database::Row;
using database::Value;
using tracking::Tag;
using tracking::Tags;

constexpr std::string_view kTables = "SELECT name FROM sqlite_master WHERE type = 'table'";
constexpr std::string_view kExperiments =
    "SELECT experiment_id, name, COALESCE(artifact_location, ''), COALESCE(lifecycle_stage, 'active'), "
    "COALESCE(creation_time, 0), COALESCE(last_update_time, 0) FROM experiments ORDER BY experiment_id";
constexpr std::string_view kExperimentTags =
    "SELECT key, COALESCE(value, '') FROM experiment_tags WHERE experiment_id = $1 ORDER BY key";
constexpr std::string_view kRunIds =
    "SELECT run_uuid FROM runs WHERE experiment_id = $1 ORDER BY start_time, run_uuid";
constexpr std::string_view kRun =
    "SELECT run_uuid, COALESCE(name, ''), COALESCE(user_id, ''), COALESCE(status, 'FINISHED'), "
    "COALESCE(start_time, 0), end_time, COALESCE(artifact_uri, ''), COALESCE(lifecycle_stage, 'active') "
    "FROM runs WHERE run_uuid = $1";
constexpr std::string_view kParams =
    "SELECT key, COALESCE(value, '') FROM params WHERE run_uuid = $1 ORDER BY key";
constexpr std::string_view kTags =
    "SELECT key, COALESCE(value, '') FROM tags WHERE run_uuid = $1 ORDER BY key";
constexpr std::string_view kMetrics =
    "SELECT key, value, timestamp, step, is_nan FROM metrics WHERE run_uuid = $1 ORDER BY key, step, "
    "timestamp";
constexpr std::string_view kInputs =
    "SELECT i.input_uuid, d.name, d.digest, d.dataset_source_type, d.dataset_source, "
    "COALESCE(d.dataset_schema, ''), COALESCE(d.dataset_profile, '') FROM inputs i "
    "JOIN datasets d ON d.dataset_uuid = i.source_id "
    "WHERE i.destination_id = $1 AND i.destination_type = 'RUN' AND i.source_type = 'DATASET'";
constexpr std::string_view kInputTags =
    "SELECT name, value FROM input_tags WHERE input_uuid = $1 ORDER BY name";
constexpr std::string_view kLoggedModels =
    "SELECT model_id, name, artifact_location, creation_timestamp_ms, last_updated_timestamp_ms, status, "
    "COALESCE(lifecycle_stage, 'active'), COALESCE(model_type, ''), COALESCE(source_run_id, '') "
    "FROM logged_models WHERE experiment_id = $1 ORDER BY creation_timestamp_ms, model_id";
constexpr std::string_view kLoggedModelParams =
    "SELECT param_key, param_value FROM logged_model_params WHERE model_id = $1 ORDER BY param_key";
constexpr std::string_view kLoggedModelTags =
    "SELECT tag_key, tag_value FROM logged_model_tags WHERE model_id = $1 ORDER BY tag_key";
constexpr std::string_view kLoggedModelMetrics =
    "SELECT metric_name, metric_value, metric_timestamp_ms, metric_step, COALESCE(dataset_name, ''), "
    "COALESCE(dataset_digest, ''), run_id FROM logged_model_metrics WHERE model_id = $1";
constexpr std::string_view kModels =
    "SELECT name, COALESCE(description, ''), COALESCE(creation_time, 0), COALESCE(last_updated_time, 0) "
    "FROM registered_models ORDER BY name";
constexpr std::string_view kModelTags =
    "SELECT key, COALESCE(value, '') FROM registered_model_tags WHERE name = $1 ORDER BY key";
constexpr std::string_view kAliases =
    "SELECT alias, version FROM registered_model_aliases WHERE name = $1 ORDER BY alias";
constexpr std::string_view kVersions =
    "SELECT version, COALESCE(description, ''), COALESCE(creation_time, 0), COALESCE(last_updated_time, 0), "
    "COALESCE(current_stage, 'None'), COALESCE(source, ''), COALESCE(run_id, ''), COALESCE(run_link, '') "
    "FROM model_versions WHERE name = $1 AND current_stage != 'Deleted_Internal' ORDER BY version";
constexpr std::string_view kVersionTags =
    "SELECT key, COALESCE(value, '') FROM model_version_tags WHERE name = $1 AND version = $2 ORDER BY key";

struct Countable {
  std::string_view table;
  std::string_view what;
  std::string_view sql;
};
constexpr Countable kLeftOut[] = {
    {"trace_info", "traces", "SELECT COUNT(*) FROM trace_info"},
    {"assessments", "assessments", "SELECT COUNT(*) FROM assessments"},
    {"evaluation_datasets", "evaluation datasets", "SELECT COUNT(*) FROM evaluation_datasets"},
    {"scorers", "scorers", "SELECT COUNT(*) FROM scorers"},
    {"webhooks", "webhooks", "SELECT COUNT(*) FROM webhooks"},
};

Tag read_tag(const Row& row) { return {.key = std::string(row.text(0)), .value = std::string(row.text(1))}; }

tracking::Stage stage_of(std::string_view name) {
  return name == "deleted" ? tracking::Stage::kDeleted : tracking::Stage::kActive;
}

double value_of(const Row& row, int column) {
  return row.is_null(column) ? std::numeric_limits<double>::quiet_NaN() : row.real(column);
}

class MlflowDatabase final : public MlflowSource {
 public:
  MlflowDatabase(std::unique_ptr<Connection> connection, std::set<std::string> tables)
      : connection_(std::move(connection)), tables_(std::move(tables)) {}

  Result<std::vector<tracking::Experiment>> experiments() override;
  Result<std::vector<std::string>> run_ids(const std::string& experiment_id) override;
  Result<SourceRun> run(const std::string& experiment_id, const std::string& run_id) override;
  Result<std::vector<tracking::LoggedModel>> logged_models(const std::string& experiment_id) override;
  Result<std::vector<SourceModel>> models() override;
  Result<std::vector<LeftOut>> left_out() override;

 private:
  Result<Tags> tags(std::string_view table, std::string_view sql, std::initializer_list<Value> values);
  Result<std::vector<tracking::DatasetInput>> inputs(const std::string& run_id);
  Result<void> add_model_metrics(tracking::LoggedModel& model);
  Result<void> add_versions(SourceModel& model);
  bool has(std::string_view table) const { return tables_.contains(std::string(table)); }

  std::unique_ptr<Connection> connection_;
  std::set<std::string> tables_;
};

Result<Tags> MlflowDatabase::tags(std::string_view table, std::string_view sql,
                                  std::initializer_list<Value> values) {
  if (!has(table)) return Tags();
  return database::rows<Tag>(*connection_, sql, std::span(values.begin(), values.size()), read_tag);
}

Result<std::vector<tracking::Experiment>> MlflowDatabase::experiments() {
  auto read = [](const Row& row) -> tracking::Experiment {
    return {.id = std::to_string(row.integer(0)),
            .name = std::string(row.text(1)),
            .artifact_location = std::string(row.text(2)),
            .stage = stage_of(row.text(3)),
            .created_at_ms = row.integer(4),
            .updated_at_ms = row.integer(5),
            .tags = {}};
  };
  ASSIGN_OR_RETURN(auto found, database::rows<tracking::Experiment>(*connection_, kExperiments, {}, +read));
  for (tracking::Experiment& experiment : found) {
    ASSIGN_OR_RETURN(experiment.tags, tags("experiment_tags", kExperimentTags, {std::stoll(experiment.id)}));
  }
  return found;
}

Result<std::vector<std::string>> MlflowDatabase::run_ids(const std::string& experiment_id) {
  const Value values[] = {static_cast<int64_t>(std::stoll(experiment_id))};
  auto read = [](const Row& row) { return std::string(row.text(0)); };
  return database::rows<std::string>(*connection_, kRunIds, values, +read);
}

Result<std::vector<tracking::DatasetInput>> MlflowDatabase::inputs(const std::string& run_id) {
  std::vector<tracking::DatasetInput> found;
  if (!has("inputs") || !has("datasets")) return found;
  std::vector<std::string> ids;
  const Value values[] = {run_id};
  RETURN_IF_ERROR(connection_->query(kInputs, values, [&](const Row& row) {
    ids.emplace_back(row.text(0));
    found.push_back({.dataset = {.name = std::string(row.text(1)),
                                 .digest = std::string(row.text(2)),
                                 .source_type = std::string(row.text(3)),
                                 .source = std::string(row.text(4)),
                                 .schema = std::string(row.text(5)),
                                 .profile = std::string(row.text(6))},
                     .tags = {}});
    return true;
  }));
  for (size_t i = 0; i < ids.size(); ++i) {
    ASSIGN_OR_RETURN(found[i].tags, tags("input_tags", kInputTags, {ids[i]}));
  }
  return found;
}

Result<SourceRun> MlflowDatabase::run(const std::string& experiment_id, const std::string& run_id) {
  SourceRun source;
  const Value values[] = {run_id};
  RETURN_IF_ERROR(connection_->query(kRun, values, [&](const Row& row) {
    source.run.info = {.run_id = std::string(row.text(0)),
                       .experiment_id = experiment_id,
                       .name = std::string(row.text(1)),
                       .user_id = std::string(row.text(2)),
                       .status = std::string(row.text(3)),
                       .start_time_ms = row.integer(4),
                       .end_time_ms = row.is_null(5) ? std::nullopt : std::optional(row.integer(5)),
                       .artifact_uri = std::string(row.text(6)),
                       .stage = stage_of(row.text(7))};
    return false;
  }));
  RETURN_IF_ERROR(connection_->query(kMetrics, values, [&](const Row& row) {
    bool nan = row.integer(4) != 0;
    source.history.push_back({.key = std::string(row.text(0)),
                              .value = nan ? std::numeric_limits<double>::quiet_NaN() : value_of(row, 1),
                              .timestamp_ms = row.integer(2),
                              .step = row.integer(3),
                              .model_id = {},
                              .dataset_name = {},
                              .dataset_digest = {}});
    return true;
  }));
  ASSIGN_OR_RETURN(source.run.params, tags("params", kParams, {run_id}));
  ASSIGN_OR_RETURN(source.run.tags, tags("tags", kTags, {run_id}));
  ASSIGN_OR_RETURN(source.run.datasets, inputs(run_id));
  return source;
}

Result<void> MlflowDatabase::add_model_metrics(tracking::LoggedModel& model) {
  if (!has("logged_model_metrics")) return {};
  const Value values[] = {model.model_id};
  return connection_->query(kLoggedModelMetrics, values, [&](const Row& row) {
    model.metrics.push_back({.metric = {.key = std::string(row.text(0)),
                                        .value = value_of(row, 1),
                                        .timestamp_ms = row.integer(2),
                                        .step = row.integer(3),
                                        .model_id = model.model_id,
                                        .dataset_name = std::string(row.text(4)),
                                        .dataset_digest = std::string(row.text(5))},
                             .run_id = std::string(row.text(6))});
    return true;
  });
}

Result<std::vector<tracking::LoggedModel>> MlflowDatabase::logged_models(const std::string& experiment_id) {
  std::vector<tracking::LoggedModel> found;
  if (!has("logged_models")) return found;
  const Value values[] = {static_cast<int64_t>(std::stoll(experiment_id))};
  RETURN_IF_ERROR(connection_->query(kLoggedModels, values, [&](const Row& row) {
    int64_t status = row.integer(5);
    found.push_back({.model_id = std::string(row.text(0)),
                     .experiment_id = experiment_id,
                     .name = std::string(row.text(1)),
                     .artifact_location = std::string(row.text(2)),
                     .created_at_ms = row.integer(3),
                     .updated_at_ms = row.integer(4),
                     .model_type = std::string(row.text(7)),
                     .source_run_id = std::string(row.text(8)),
                     .status = status < 0 || status > 3 ? tracking::LoggedModelStatus::kUnspecified
                                                        : static_cast<tracking::LoggedModelStatus>(status),
                     .deleted = row.text(6) == "deleted",
                     .tags = {},
                     .params = {},
                     .metrics = {}});
    return true;
  }));
  for (tracking::LoggedModel& model : found) {
    ASSIGN_OR_RETURN(model.params, tags("logged_model_params", kLoggedModelParams, {model.model_id}));
    ASSIGN_OR_RETURN(model.tags, tags("logged_model_tags", kLoggedModelTags, {model.model_id}));
    RETURN_IF_ERROR(add_model_metrics(model));
  }
  return found;
}

Result<void> MlflowDatabase::add_versions(SourceModel& model) {
  const Value values[] = {model.name};
  RETURN_IF_ERROR(connection_->query(kVersions, values, [&](const Row& row) {
    model.versions.push_back({.number = row.integer(0),
                              .description = std::string(row.text(1)),
                              .created_at_ms = row.integer(2),
                              .updated_at_ms = row.integer(3),
                              .stage = std::string(row.text(4)),
                              .source = std::string(row.text(5)),
                              .run_id = std::string(row.text(6)),
                              .run_link = std::string(row.text(7)),
                              .tags = {}});
    return true;
  }));
  for (SourceVersion& version : model.versions) {
    ASSIGN_OR_RETURN(version.tags, tags("model_version_tags", kVersionTags, {model.name, version.number}));
  }
  if (!has("registered_model_aliases")) return {};
  return connection_->query(kAliases, values, [&](const Row& row) {
    model.aliases.emplace_back(row.text(0), row.integer(1));
    return true;
  });
}

Result<std::vector<SourceModel>> MlflowDatabase::models() {
  std::vector<SourceModel> found;
  if (!has("registered_models")) return found;
  RETURN_IF_ERROR(connection_->query(kModels, {}, [&](const Row& row) {
    found.push_back({.name = std::string(row.text(0)),
                     .description = std::string(row.text(1)),
                     .created_at_ms = row.integer(2),
                     .updated_at_ms = row.integer(3),
                     .tags = {},
                     .aliases = {},
                     .versions = {}});
    return true;
  }));
  for (SourceModel& model : found) {
    ASSIGN_OR_RETURN(model.tags, tags("registered_model_tags", kModelTags, {model.name}));
    RETURN_IF_ERROR(add_versions(model));
  }
  return found;
}

Result<std::vector<LeftOut>> MlflowDatabase::left_out() {
  std::vector<LeftOut> all;
  for (const Countable& one : kLeftOut) {
    if (!has(one.table)) continue;
    LeftOut left{.what = std::string(one.what)};
    RETURN_IF_ERROR(connection_->query(one.sql, {}, [&](const Row& row) {
      left.count = row.integer(0);
      return false;
    }));
    if (left.count > 0) all.push_back(std::move(left));
  }
  return all;
}

}  // namespace

Result<std::unique_ptr<MlflowSource>> open_mlflow_database(const std::filesystem::path& file) {
  ASSIGN_OR_RETURN(std::unique_ptr<Connection> connection, database::open_foreign_sqlite(file));
  std::set<std::string> tables;
  RETURN_IF_ERROR(connection->query(kTables, {}, [&](const Row& row) {
    tables.emplace(row.text(0));
    return true;
  }));
  if (!tables.contains("experiments") || !tables.contains("runs") || !tables.contains("metrics")) {
    return Failure(Error::invalid("PATH", file.string() +
                                              " is not a database of MLflow's tracking server: it "
                                              "has no tables experiments, runs and metrics"));
  }
  return std::make_unique<MlflowDatabase>(std::move(connection), std::move(tables));
}

}  // namespace penstock::app
