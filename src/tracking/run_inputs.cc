#include "tracking/run_inputs.h"

#include <algorithm>
#include <array>
#include <utility>

#include "core/clock.h"
#include "core/json.h"
#include "core/json_writer.h"
#include "registry/lineage.h"
#include "tracking/checks.h"
#include "tracking/experiments.h"
#include "tracking/runs.h"
#include "tracking/sql_rows.h"

namespace penstock::tracking {
namespace {

using database::Connection;
using database::Row;
using database::Value;

constexpr std::string_view kContextTag = "mlflow.data.context";

constexpr std::string_view kInsertDataset = R"sql(
INSERT INTO tracking_datasets (experiment, name, digest, source_type, source, schema, profile)
VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (experiment, name, digest) DO NOTHING)sql";
constexpr std::string_view kFindDataset =
    "SELECT id FROM tracking_datasets WHERE experiment = $1 AND name = $2 AND digest = $3";
constexpr std::string_view kInsertInput =
    "INSERT INTO tracking_inputs (run, dataset, context, tags) VALUES ($1, $2, $3, $4)"
    " ON CONFLICT (run, dataset) DO NOTHING";

const RowInsert& insert_links() {
  static const RowInsert kStatement("INSERT INTO tracking_model_links (run, model_id, is_output, step)", 4,
                                    "ON CONFLICT (run, model_id, is_output) DO NOTHING");
  return kStatement;
}
const RowSelect& select_summaries() {
  static const RowSelect kStatement(
      "SELECT DISTINCT d.experiment, d.name, d.digest, i.context FROM tracking_datasets AS d"
      " JOIN tracking_inputs AS i ON i.dataset = d.id WHERE d.experiment IN",
      "ORDER BY d.experiment, d.name, d.digest LIMIT 1000");
  return kStatement;
}

std::string tags_json(const Tags& tags) {
  JsonWriter json;
  json.begin_array();
  for (const Tag& tag : tags) json.begin_array().value(tag.key).value(tag.value).end_array();
  return json.end_array().take();
}

Tags tags_of(std::string_view text) {
  Tags tags;
  auto json = parse_json(text);
  if (!json || !json->is_array()) return tags;
  for (const Json& pair : json->get_array()) {
    const JsonArray* both = pair.if_array();
    if (both == nullptr || both->size() != 2 || !(*both)[0].is_string() || !(*both)[1].is_string()) continue;
    tags.push_back({std::string((*both)[0].get_string()), std::string((*both)[1].get_string())});
  }
  return tags;
}

Result<void> insert_input(Connection& connection, RunKey run, const DatasetInput& input) {
  const Dataset& d = input.dataset;
  const std::array<Value, 7> dataset = {run.experiment, d.name,   d.digest, d.source_type,
                                        d.source,       d.schema, d.profile};
  RETURN_IF_ERROR(connection.execute(kInsertDataset, dataset));
  const std::array<Value, 3> by_name = {run.experiment, d.name, d.digest};
  int64_t id = 0;
  RETURN_IF_ERROR(connection.query(kFindDataset, by_name, [&](const Row& row) {
    id = row.integer(0);
    return false;
  }));
  auto context = std::ranges::find(input.tags, kContextTag, &Tag::key);
  const std::array<Value, 4> edge = {
      run.run, id, context == input.tags.end() ? Value() : Value(context->value), tags_json(input.tags)};
  RETURN_IF_ERROR(connection.execute(kInsertInput, edge));
  return {};
}

// What the lineage graph knows a run, a dataset and a logged model as.
std::string run_node(std::string_view run_id) { return "run:" + std::string(run_id); }
std::string dataset_node(const Dataset& dataset) { return "dataset:" + dataset.name + "/" + dataset.digest; }
std::string model_node(const ModelLink& model) { return "logged_model:" + model.model_id; }

Result<void> record(Connection& connection, std::string from, std::string to, std::string role) {
  return registry::record_edge(
      connection,
      {.from = std::move(from), .to = std::move(to), .role = std::move(role), .at = system_clock().now()});
}

// The number of those that were not there yet.
Result<int64_t> insert_model_links(Connection& connection, int64_t run, std::span<const ModelLink> models,
                                   int64_t is_output) {
  std::vector<Value> values;
  for (const ModelLink& model : models) {
    values.insert(values.end(), {run, model.model_id, is_output, model.step});
  }
  return insert_links().run(connection, values);
}

}  // namespace

DatasetInput read_dataset_input(const Row& row) {
  return {.dataset = {.name = std::string(row.text(1)),
                      .digest = std::string(row.text(2)),
                      .source_type = std::string(row.text(3)),
                      .source = std::string(row.text(4)),
                      .schema = std::string(row.text(5)),
                      .profile = std::string(row.text(6))},
          .tags = tags_of(row.text(7))};
}

Result<void> log_inputs(Connection& connection, std::string_view run_id,
                        std::span<const DatasetInput> datasets, std::span<const ModelLink> models) {
  RETURN_IF_ERROR(check_run_id(run_id));
  RETURN_IF_ERROR(check_dataset_inputs(datasets));
  ASSIGN_OR_RETURN(RunKey run, find_active_run(connection, run_id));
  std::string node = run_node(run_id);
  for (const DatasetInput& input : datasets) {
    RETURN_IF_ERROR(insert_input(connection, run, input));
    RETURN_IF_ERROR(record(connection, dataset_node(input.dataset), node, "input"));
  }
  for (const ModelLink& model : models) {
    RETURN_IF_ERROR(record(connection, model_node(model), node, "input"));
  }
  RETURN_IF_ERROR(insert_model_links(connection, run.run, models, 0));
  return {};
}

Result<void> log_outputs(Connection& connection, std::string_view run_id, std::span<const ModelLink> models) {
  ASSIGN_OR_RETURN(RunKey run, find_active_run(connection, run_id));
  for (const ModelLink& model : models) {
    RETURN_IF_ERROR(record(connection, run_node(run_id), model_node(model), "output"));
  }
  ASSIGN_OR_RETURN(int64_t added, insert_model_links(connection, run.run, models, 1));
  if (added == std::ssize(models)) return {};
  return Failure(Error{.code = ErrorCode::kInvalidArgument,
                       .message = "A model may be the output of a run once; one of these is already",
                       .field = "models",
                       .reason = "BAD_REQUEST"});
}

Result<std::vector<DatasetSummary>> search_datasets(Connection& connection,
                                                    std::span<const std::string> experiment_ids) {
  std::vector<int64_t> rows;
  for (const std::string& id : experiment_ids) {
    ASSIGN_OR_RETURN(rows.emplace_back(), experiment_row(id));
  }
  std::vector<DatasetSummary> found;
  RETURN_IF_ERROR(select_summaries().run(connection, rows, [&](const Row& row) {
    found.push_back({.experiment_id = experiment_id(row.integer(0)),
                     .name = std::string(row.text(1)),
                     .digest = std::string(row.text(2)),
                     .context = row.is_null(3) ? std::string() : std::string(row.text(3))});
  }));
  return found;
}

}  // namespace penstock::tracking
