#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api/mlflow/message.h"
#include "core/json_writer.h"
#include "core/result.h"
#include "observability/traces/traces.h"

// Traces between MLflow's JSON and the domain.
namespace penstock::api::mlflow {

// The TraceInfoV3 of StartTraceV3.
Result<traces::TraceInfo> read_trace_info(const Fields& info);
Result<traces::Assessment> read_assessment(const Fields& assessment);

void write_trace_info(JsonWriter& json, const traces::TraceInfo& info);     // TraceInfoV3
void write_trace_info_v2(JsonWriter& json, const traces::TraceInfo& info);  // TraceInfo
void write_assessment(JsonWriter& json, const traces::Assessment& assessment);

// {"trace_info": ..., "spans": [...]}: spans as protobuf's JSON of OpenTelemetry's Span. kCorrupt for a
// stored span that is no JSON.
Result<void> write_trace(JsonWriter& json, const traces::Trace& trace);
Result<void> write_span(JsonWriter& json, std::string_view content);

}  // namespace penstock::api::mlflow
