#pragma once

#include "api/mlflow/message.h"

// The messages about traces (mlflow/protos/service.proto and assessments.proto, 3.17).
namespace penstock::api::mlflow {

extern const Message kTraceIdMessage;  // whatever has a trace_id and nothing else
extern const Message kRequestIdMessage;
extern const Message kStartTraceV3;
extern const Message kGetTrace;
extern const Message kBatchGetTraces;
extern const Message kSearchTracesV3;
extern const Message kSearchTraces;
extern const Message kStartTrace;
extern const Message kEndTrace;
extern const Message kDeleteTraces;
extern const Message kSetTraceTag;
extern const Message kDeleteTraceTag;
extern const Message kLinkTracesToRun;
extern const Message kLinkPromptsToTrace;
extern const Message kFilterCorrelation;
extern const Message kTraceSpansPage;
extern const Message kGetTraceArtifact;
extern const Message kCreateAssessment;
extern const Message kUpdateAssessment;
extern const Message kAssessmentId;

}  // namespace penstock::api::mlflow
