#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "tracking/entities.h"

// What may be logged, with MLflow's limits and texts (mlflow/utils/validation.py, 3.17.2). Lengths are in
// characters. Params' and tags' values that are too long are cut, as MLflow cuts them.
namespace penstock::tracking {

inline constexpr size_t kMetricsPerBatchMax = 1000;
inline constexpr size_t kParamsPerBatchMax = 100;
inline constexpr size_t kTagsPerBatchMax = 100;
inline constexpr size_t kEntitiesPerBatchMax = 1000;
inline constexpr size_t kKeyLengthMax = 250;
inline constexpr size_t kParamValueLengthMax = 6000;
inline constexpr size_t kTagValueLengthMax = 8000;
inline constexpr size_t kExperimentNameLengthMax = 500;
inline constexpr size_t kExperimentTagValueLengthMax = 20'000;
inline constexpr size_t kArtifactLocationLengthMax = 2048;

Result<void> check_run_id(std::string_view run_id);
Result<void> check_experiment_name(std::string_view name);
Result<void> check_experiment_tag(const Tag& tag);
Result<void> check_artifact_location(std::string_view location);

// `path` names the value in messages: "metrics[3]", or empty for the only one.
Result<void> check_metric(const Metric& metric, std::string_view path);
Result<void> check_param(Param& param, std::string_view path);  // cuts its value
Result<void> check_tag(Tag& tag, std::string_view path);        // cuts its value
Result<void> check_dataset_inputs(std::span<const DatasetInput> inputs);

struct Batch {
  std::vector<Metric> metrics;
  Params params;
  Tags tags;
};
Result<void> check_batch(Batch& batch);

// How Python writes a text ('it is', "it's") and a number (1.0, 1e-07).
std::string python_repr(std::string_view text);
std::string python_float(double value);

}  // namespace penstock::tracking
