#include "tracking/tracking_schema.h"

#include <array>
#include <string_view>

namespace penstock::tracking {
namespace {

// An experiment's id is its row's number less one: MLflow's clients want one with the id "0" from the start.
// It has no time yet; whoever opens the tables gives it one.
constexpr std::string_view kExperiments = R"sql(
CREATE TABLE tracking_experiments (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  artifact_location TEXT NOT NULL,
  deleted INTEGER NOT NULL,
  created_at_ms INTEGER NOT NULL,
  updated_at_ms INTEGER NOT NULL
) STRICT;
CREATE TABLE tracking_experiment_tags (
  experiment INTEGER NOT NULL REFERENCES tracking_experiments (id),
  key TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (experiment, key)
) STRICT, WITHOUT ROWID;
INSERT INTO tracking_experiments (name, artifact_location, deleted, created_at_ms, updated_at_ms)
VALUES ('Default', 'mlflow-artifacts:/0', 0, 0, 0))sql";

// log_rows and log_bytes count what of tracking_metric_log is this run's, so that it is packed in time.
constexpr std::string_view kRuns = R"sql(
CREATE TABLE tracking_runs (
  id INTEGER PRIMARY KEY,
  run_id TEXT NOT NULL UNIQUE,
  experiment INTEGER NOT NULL REFERENCES tracking_experiments (id),
  name TEXT NOT NULL,
  user_id TEXT NOT NULL,
  status TEXT NOT NULL,
  start_time_ms INTEGER NOT NULL,
  end_time_ms INTEGER,
  artifact_uri TEXT NOT NULL,
  deleted INTEGER NOT NULL,
  deleted_at_ms INTEGER,
  log_rows INTEGER NOT NULL,
  log_bytes INTEGER NOT NULL
) STRICT;
CREATE INDEX tracking_runs_by_time ON tracking_runs (experiment, deleted, start_time_ms DESC, run_id);
CREATE TABLE tracking_params (
  run INTEGER NOT NULL,
  key TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (run, key)
) STRICT, WITHOUT ROWID;
CREATE TABLE tracking_tags (
  run INTEGER NOT NULL,
  key TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (run, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX tracking_tags_by_value ON tracking_tags (key, value))sql";

// The latest values lie by experiment and key, so that searching and sorting by a metric is one range; a
// value that is NULL is NaN. Points are logged as they come (a row is one call) and packed by key later.
constexpr std::string_view kMetrics = R"sql(
CREATE TABLE tracking_latest_metrics (
  experiment INTEGER NOT NULL,
  key TEXT NOT NULL,
  run INTEGER NOT NULL,
  value REAL,
  step INTEGER NOT NULL,
  timestamp_ms INTEGER NOT NULL,
  PRIMARY KEY (experiment, key, run)
) STRICT, WITHOUT ROWID;
CREATE INDEX tracking_latest_metrics_by_run ON tracking_latest_metrics (run);
CREATE TABLE tracking_metric_log (
  id INTEGER PRIMARY KEY,
  run INTEGER NOT NULL,
  points BLOB NOT NULL
) STRICT;
CREATE INDEX tracking_metric_log_by_run ON tracking_metric_log (run, id);
CREATE TABLE tracking_metric_chunks (
  id INTEGER PRIMARY KEY,
  run INTEGER NOT NULL,
  key TEXT NOT NULL,
  min_step INTEGER NOT NULL,
  max_step INTEGER NOT NULL,
  max_timestamp_ms INTEGER NOT NULL,
  points BLOB NOT NULL
) STRICT;
CREATE INDEX tracking_metric_chunks_by_key ON tracking_metric_chunks (run, key, id);
CREATE TABLE tracking_model_metrics (
  id INTEGER PRIMARY KEY,
  model_id TEXT NOT NULL,
  run_id TEXT NOT NULL,
  key TEXT NOT NULL,
  value REAL,
  timestamp_ms INTEGER NOT NULL,
  step INTEGER NOT NULL,
  dataset_name TEXT NOT NULL,
  dataset_digest TEXT NOT NULL
) STRICT;
CREATE INDEX tracking_model_metrics_by_model ON tracking_model_metrics (model_id, key))sql";

// `context` is the tag mlflow.data.context of an input, which searches ask for.
constexpr std::string_view kInputs = R"sql(
CREATE TABLE tracking_datasets (
  id INTEGER PRIMARY KEY,
  experiment INTEGER NOT NULL,
  name TEXT NOT NULL,
  digest TEXT NOT NULL,
  source_type TEXT NOT NULL,
  source TEXT NOT NULL,
  schema TEXT NOT NULL,
  profile TEXT NOT NULL,
  UNIQUE (experiment, name, digest)
) STRICT;
CREATE TABLE tracking_inputs (
  run INTEGER NOT NULL,
  dataset INTEGER NOT NULL REFERENCES tracking_datasets (id),
  context TEXT,
  tags TEXT NOT NULL,
  PRIMARY KEY (run, dataset)
) STRICT, WITHOUT ROWID;
CREATE INDEX tracking_inputs_by_dataset ON tracking_inputs (dataset);
CREATE TABLE tracking_model_links (
  id INTEGER PRIMARY KEY,
  run INTEGER NOT NULL,
  model_id TEXT NOT NULL,
  is_output INTEGER NOT NULL,
  step INTEGER NOT NULL
) STRICT;
CREATE INDEX tracking_model_links_by_run ON tracking_model_links (run))sql";

constexpr std::string_view kOneLinkEach =
    "CREATE UNIQUE INDEX tracking_model_links_once ON tracking_model_links (run, model_id, is_output)";

constexpr std::array<database::Migration, 5> kMigrations = {{
    {50, "experiments", kExperiments},
    {51, "runs", kRuns},
    {52, "metrics", kMetrics},
    {53, "run inputs and outputs", kInputs},
    {54, "a run links a model once", kOneLinkEach},
}};

}  // namespace

std::span<const database::Migration> migrations() { return kMigrations; }

}  // namespace penstock::tracking
