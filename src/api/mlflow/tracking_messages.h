#pragma once

#include "api/mlflow/message.h"

// The messages of experiments, runs and metrics: protos/service.proto of MLflow, its fields in the order in
// which its handlers check them.
namespace penstock::api::mlflow {

extern const Message kCreateExperiment;
extern const Message kExperimentId;  // GetExperiment, DeleteExperiment, RestoreExperiment
extern const Message kGetExperimentByName;
extern const Message kUpdateExperiment;
extern const Message kSearchExperiments;
extern const Message kSetExperimentTag;
extern const Message kDeleteExperimentTag;
extern const Message kSearchDatasets;

extern const Message kCreateRun;
extern const Message kRunId;  // GetRun, DeleteRun, RestoreRun
extern const Message kUpdateRun;
extern const Message kSearchRuns;
extern const Message kLogMetric;
extern const Message kLogParam;
extern const Message kSetTag;
extern const Message kDeleteTag;
extern const Message kLogBatch;
extern const Message kLogInputs;
extern const Message kLogOutputs;
extern const Message kLogModel;

extern const Message kGetMetricHistory;
extern const Message kGetMetricHistoryBulk;
extern const Message kGetMetricHistoryBulkInterval;

}  // namespace penstock::api::mlflow
