#include "api/mlflow/tracking_render.h"

#include <cmath>

namespace penstock::api::mlflow {
namespace {

using tracking::Metric;
using tracking::Point;
using tracking::Tags;

// Protobuf's JSON writes what JSON has no number for as a text.
void write_double(JsonWriter& json, std::string_view name, double value) {
  if (std::isnan(value)) {
    json.field(name, "NaN");
  } else if (std::isinf(value)) {
    json.field(name, value > 0 ? "Infinity" : "-Infinity");
  } else {
    json.field(name, value);
  }
}

void write_pairs(JsonWriter& json, std::string_view name, const Tags& pairs) {
  if (pairs.empty()) return;
  json.key(name).begin_array();
  for (const tracking::Tag& pair : pairs) {
    json.begin_object().field("key", pair.key).field("value", pair.value).end_object();
  }
  json.end_array();
}

void write_text(JsonWriter& json, std::string_view name, const std::string& text) {
  if (!text.empty()) json.field(name, text);
}

void write_point(JsonWriter& json, std::string_view key, const Point& point) {
  json.field("key", key);
  write_double(json, "value", point.value);
  json.field("timestamp", point.timestamp_ms).field("step", point.step);
}

void write_metrics(JsonWriter& json, const std::vector<Metric>& metrics) {
  if (metrics.empty()) return;
  json.key("metrics").begin_array();
  for (const Metric& metric : metrics) {
    json.begin_object();
    write_point(json, metric.key, {metric.value, metric.step, metric.timestamp_ms});
    json.end_object();
  }
  json.end_array();
}

void write_dataset_input(JsonWriter& json, const tracking::DatasetInput& input) {
  json.begin_object();
  write_pairs(json, "tags", input.tags);
  const tracking::Dataset& dataset = input.dataset;
  json.key("dataset").begin_object();
  json.field("name", dataset.name).field("digest", dataset.digest);
  json.field("source_type", dataset.source_type).field("source", dataset.source);
  write_text(json, "schema", dataset.schema);
  write_text(json, "profile", dataset.profile);
  json.end_object().end_object();
}

void write_inputs(JsonWriter& json, const tracking::Run& run) {
  json.key("inputs").begin_object();
  if (!run.datasets.empty()) {
    json.key("dataset_inputs").begin_array();
    for (const tracking::DatasetInput& input : run.datasets) write_dataset_input(json, input);
    json.end_array();
  }
  if (!run.model_inputs.empty()) {
    json.key("model_inputs").begin_array();
    for (const auto& link : run.model_inputs)
      json.begin_object().field("model_id", link.model_id).end_object();
    json.end_array();
  }
  json.end_object();
}

void write_outputs(JsonWriter& json, const tracking::Run& run) {
  json.key("outputs").begin_object();
  if (!run.model_outputs.empty()) {
    json.key("model_outputs").begin_array();
    for (const auto& link : run.model_outputs) {
      json.begin_object().field("model_id", link.model_id).field("step", link.step).end_object();
    }
    json.end_array();
  }
  json.end_object();
}

}  // namespace

void write_experiment(JsonWriter& json, const tracking::Experiment& experiment) {
  json.begin_object().field("experiment_id", experiment.id).field("name", experiment.name);
  json.field("artifact_location", experiment.artifact_location);
  json.field("lifecycle_stage", tracking::stage_name(experiment.stage));
  json.field("last_update_time", experiment.updated_at_ms).field("creation_time", experiment.created_at_ms);
  write_pairs(json, "tags", experiment.tags);
  json.field("workspace", "default").end_object();
}

void write_run_info(JsonWriter& json, const tracking::RunInfo& info) {
  json.begin_object()
      .field("run_id", info.run_id)
      .field("run_uuid", info.run_id)
      .field("run_name", info.name);
  json.field("experiment_id", info.experiment_id).field("user_id", info.user_id).field("status", info.status);
  json.field("start_time", info.start_time_ms);
  if (info.end_time_ms.value_or(0) != 0) json.field("end_time", *info.end_time_ms);
  json.field("artifact_uri", info.artifact_uri);
  json.field("lifecycle_stage", tracking::stage_name(info.stage)).end_object();
}

void write_run(JsonWriter& json, const tracking::Run& run) {
  json.begin_object().key("info");
  write_run_info(json, run.info);
  json.key("data").begin_object();
  write_metrics(json, run.metrics);
  write_pairs(json, "params", run.params);
  write_pairs(json, "tags", run.tags);
  json.end_object();
  write_inputs(json, run);
  write_outputs(json, run);
  json.end_object();
}

std::string experiments_json(const tracking::Page<tracking::Experiment>& page) {
  JsonWriter json(256 + page.items.size() * 256);
  json.begin_object();
  if (!page.items.empty()) {
    json.key("experiments").begin_array();
    for (const tracking::Experiment& experiment : page.items) write_experiment(json, experiment);
    json.end_array();
  }
  write_text(json, "next_page_token", page.next_page_token);
  return json.end_object().take();
}

std::string runs_json(const tracking::Page<tracking::Run>& page) {
  JsonWriter json(256 + page.items.size() * 1024);
  json.begin_object();
  if (!page.items.empty()) {
    json.key("runs").begin_array();
    for (const tracking::Run& run : page.items) write_run(json, run);
    json.end_array();
  }
  write_text(json, "next_page_token", page.next_page_token);
  return json.end_object().take();
}

std::string datasets_json(std::span<const tracking::DatasetSummary> summaries) {
  JsonWriter json;
  json.begin_object();
  if (!summaries.empty()) {
    json.key("dataset_summaries").begin_array();
    for (const tracking::DatasetSummary& summary : summaries) {
      json.begin_object().field("experiment_id", summary.experiment_id).field("name", summary.name);
      json.field("digest", summary.digest);
      write_text(json, "context", summary.context);
      json.end_object();
    }
    json.end_array();
  }
  return json.end_object().take();
}

std::string history_json(const tracking::HistoryPage& page) {
  JsonWriter json(256 + page.points.size() * (64 + page.key.size()));
  json.begin_object();
  if (!page.points.empty()) {
    json.key("metrics").begin_array();
    for (const Point& point : page.points) {
      json.begin_object();
      write_point(json, page.key, point);
      json.end_object();
    }
    json.end_array();
  }
  write_text(json, "next_page_token", page.next_page_token);
  return json.end_object().take();
}

std::string histories_json(std::span<const tracking::RunPoints> histories, const std::string& key) {
  JsonWriter json;
  json.begin_object().key("metrics").begin_array();
  for (const tracking::RunPoints& history : histories) {
    for (const Point& point : history.points) {
      json.begin_object();
      write_point(json, key, point);
      json.field("run_id", history.run_id).end_object();
    }
  }
  return json.end_array().end_object().take();
}

}  // namespace penstock::api::mlflow
