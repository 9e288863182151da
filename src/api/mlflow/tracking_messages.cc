#include "api/mlflow/tracking_messages.h"

#include <array>

namespace penstock::api::mlflow {
namespace {

constexpr std::array<std::string_view, 3> kViews = {"ACTIVE_ONLY", "DELETED_ONLY", "ALL"};
constexpr std::array<std::string_view, 5> kStatuses = {"RUNNING", "SCHEDULED", "FINISHED", "FAILED",
                                                       "KILLED"};

constexpr Field kTagFields[] = {{.name = "key"}, {.name = "value"}};
constexpr Message kTag{"Tag", kTagFields};
constexpr Field kBatchTagFields[] = {{.name = "key", .count = Count::kRequired}, {.name = "value"}};
constexpr Message kBatchTag{"RunTag", kBatchTagFields};

constexpr Field kBatchMetricFields[] = {
    {.name = "key", .count = Count::kRequired},
    {.name = "value", .type = Type::kDouble, .count = Count::kRequired},
    {.name = "timestamp", .type = Type::kInt64, .count = Count::kRequired},
    {.name = "step", .type = Type::kInt64},
    {.name = "model_id"},
    {.name = "dataset_name"},
    {.name = "dataset_digest"},
};
constexpr Message kBatchMetric{"Metric", kBatchMetricFields};

constexpr Field kDatasetFields[] = {{.name = "name"},   {.name = "digest"}, {.name = "source_type"},
                                    {.name = "source"}, {.name = "schema"}, {.name = "profile"}};
constexpr Message kDataset{"Dataset", kDatasetFields};
constexpr Field kDatasetInputFields[] = {
    {.name = "tags", .type = Type::kMessage, .count = Count::kMany, .message = &kTag},
    {.name = "dataset", .type = Type::kMessage, .count = Count::kRequired, .message = &kDataset},
};
constexpr Message kDatasetInput{"DatasetInput", kDatasetInputFields};
constexpr Field kModelInputFields[] = {{.name = "model_id", .count = Count::kRequired}};
constexpr Message kModelInput{"ModelInput", kModelInputFields};
constexpr Field kModelOutputFields[] = {{.name = "model_id", .count = Count::kRequired},
                                        {.name = "step", .type = Type::kInt64}};
constexpr Message kModelOutput{"ModelOutput", kModelOutputFields};

constexpr Field kCreateExperimentFields[] = {
    {.name = "name", .count = Count::kRequired},
    {.name = "artifact_location"},
    {.name = "tags", .type = Type::kMessage, .count = Count::kMany, .message = &kTag},
};
constexpr Field kExperimentIdFields[] = {{.name = "experiment_id", .count = Count::kRequired}};
constexpr Field kGetExperimentByNameFields[] = {{.name = "experiment_name", .count = Count::kRequired}};
constexpr Field kUpdateExperimentFields[] = {{.name = "experiment_id", .count = Count::kRequired},
                                             {.name = "new_name", .count = Count::kRequired}};
constexpr Field kSearchExperimentsFields[] = {
    {.name = "view_type", .type = Type::kEnum, .names = kViews},
    {.name = "max_results", .type = Type::kInt64},
    {.name = "order_by", .count = Count::kMany},
    {.name = "filter"},
    {.name = "page_token"},
};
constexpr Field kSetExperimentTagFields[] = {{.name = "experiment_id", .count = Count::kRequired},
                                             {.name = "key", .count = Count::kRequired},
                                             {.name = "value"}};
constexpr Field kDeleteExperimentTagFields[] = {{.name = "experiment_id", .count = Count::kRequired},
                                                {.name = "key", .count = Count::kRequired}};
constexpr Field kSearchDatasetsFields[] = {{.name = "experiment_ids", .count = Count::kMany}};

constexpr Field kRunIdField{.name = "run_id", .count = Count::kRequired, .instead = "run_uuid"};

constexpr Field kCreateRunFields[] = {
    {.name = "experiment_id"},
    {.name = "start_time", .type = Type::kInt64},
    {.name = "run_name"},
    {.name = "user_id"},
    {.name = "tags", .type = Type::kMessage, .count = Count::kMany, .message = &kTag},
};
constexpr Field kRunIdFields[] = {kRunIdField};
constexpr Field kUpdateRunFields[] = {
    kRunIdField,
    {.name = "end_time", .type = Type::kInt64},
    {.name = "status", .type = Type::kEnum, .names = kStatuses},
    {.name = "run_name"},
};
constexpr Field kSearchRunsFields[] = {
    {.name = "experiment_ids", .count = Count::kMany},
    {.name = "filter"},
    {.name = "max_results", .type = Type::kInt64},
    {.name = "order_by", .count = Count::kMany},
    {.name = "run_view_type", .type = Type::kEnum, .names = kViews},
    {.name = "page_token"},
};
constexpr Field kLogMetricFields[] = {
    kRunIdField,
    {.name = "key", .count = Count::kRequired},
    {.name = "value", .type = Type::kDouble, .count = Count::kRequired},
    {.name = "timestamp", .type = Type::kInt64, .count = Count::kRequired},
    {.name = "step", .type = Type::kInt64},
    {.name = "model_id"},
    {.name = "dataset_name"},
    {.name = "dataset_digest"},
};
constexpr Field kKeyValueFields[] = {
    kRunIdField, {.name = "key", .count = Count::kRequired}, {.name = "value"}};
constexpr Field kDeleteTagFields[] = {kRunIdField, {.name = "key", .count = Count::kRequired}};
constexpr Field kLogBatchFields[] = {
    kRunIdField,
    {.name = "metrics", .type = Type::kMessage, .count = Count::kMany, .message = &kBatchMetric},
    {.name = "params", .type = Type::kMessage, .count = Count::kMany, .message = &kBatchTag},
    {.name = "tags", .type = Type::kMessage, .count = Count::kMany, .message = &kBatchTag},
};
constexpr Field kLogInputsFields[] = {
    kRunIdField,
    {.name = "datasets", .type = Type::kMessage, .count = Count::kMany, .message = &kDatasetInput},
    {.name = "models", .type = Type::kMessage, .count = Count::kMany, .message = &kModelInput},
};
constexpr Field kLogOutputsFields[] = {
    kRunIdField,
    {.name = "models", .type = Type::kMessage, .count = Count::kManyRequired, .message = &kModelOutput},
};
constexpr Field kLogModelFields[] = {kRunIdField, {.name = "model_json", .count = Count::kRequired}};

constexpr Field kGetMetricHistoryFields[] = {
    kRunIdField,
    {.name = "metric_key", .count = Count::kRequired},
    {.name = "page_token"},
    {.name = "max_results", .type = Type::kInt64},
};
constexpr Field kGetMetricHistoryBulkFields[] = {
    {.name = "run_id", .count = Count::kMany},
    {.name = "metric_key"},
    {.name = "max_results", .type = Type::kInt64},
};
constexpr Field kGetMetricHistoryBulkIntervalFields[] = {
    {.name = "run_ids", .count = Count::kManyRequired}, {.name = "metric_key", .count = Count::kRequired},
    {.name = "start_step", .type = Type::kInt64},       {.name = "end_step", .type = Type::kInt64},
    {.name = "max_results", .type = Type::kInt64},
};

}  // namespace

const Message kCreateExperiment{"CreateExperiment", kCreateExperimentFields};
const Message kExperimentId{"GetExperiment", kExperimentIdFields};
const Message kGetExperimentByName{"GetExperimentByName", kGetExperimentByNameFields};
const Message kUpdateExperiment{"UpdateExperiment", kUpdateExperimentFields};
const Message kSearchExperiments{"SearchExperiments", kSearchExperimentsFields};
const Message kSetExperimentTag{"SetExperimentTag", kSetExperimentTagFields};
const Message kDeleteExperimentTag{"DeleteExperimentTag", kDeleteExperimentTagFields};
const Message kSearchDatasets{"SearchDatasets", kSearchDatasetsFields};

const Message kCreateRun{"CreateRun", kCreateRunFields};
const Message kRunId{"GetRun", kRunIdFields};
const Message kUpdateRun{"UpdateRun", kUpdateRunFields};
const Message kSearchRuns{"SearchRuns", kSearchRunsFields};
const Message kLogMetric{"LogMetric", kLogMetricFields};
const Message kLogParam{"LogParam", kKeyValueFields};
const Message kSetTag{"SetTag", kKeyValueFields};
const Message kDeleteTag{"DeleteTag", kDeleteTagFields};
const Message kLogBatch{"LogBatch", kLogBatchFields};
const Message kLogInputs{"LogInputs", kLogInputsFields};
const Message kLogOutputs{"LogOutputs", kLogOutputsFields};
const Message kLogModel{"LogModel", kLogModelFields};

const Message kGetMetricHistory{"GetMetricHistory", kGetMetricHistoryFields};
const Message kGetMetricHistoryBulk{"GetMetricHistoryBulk", kGetMetricHistoryBulkFields};
const Message kGetMetricHistoryBulkInterval{"GetMetricHistoryBulkInterval",
                                            kGetMetricHistoryBulkIntervalFields};

}  // namespace penstock::api::mlflow
