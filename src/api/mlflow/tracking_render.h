#pragma once

#include <span>
#include <string>
#include <vector>

#include "core/json_writer.h"
#include "tracking/entities.h"
#include "tracking/metric_history.h"
#include "tracking/run_inputs.h"

// The answers of experiments, runs and metrics as MLflow writes them.
namespace penstock::api::mlflow {

void write_experiment(JsonWriter& json, const tracking::Experiment& experiment);
void write_run_info(JsonWriter& json, const tracking::RunInfo& info);
void write_run(JsonWriter& json, const tracking::Run& run);

std::string experiments_json(const tracking::Page<tracking::Experiment>& page);
std::string runs_json(const tracking::Page<tracking::Run>& page);
std::string datasets_json(std::span<const tracking::DatasetSummary> summaries);
std::string history_json(const tracking::HistoryPage& page);
// {"metrics": [...]} of several runs.
std::string histories_json(std::span<const tracking::RunPoints> histories, const std::string& key);

}  // namespace penstock::api::mlflow
