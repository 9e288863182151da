#pragma once

#include <string>
#include <string_view>

#include "observability/traces/span.h"

namespace penstock::traces {

// MLflow's names of attributes that mean something here.
inline constexpr std::string_view kSpanTypeKey = "mlflow.spanType";
inline constexpr std::string_view kInputsKey = "mlflow.spanInputs";
inline constexpr std::string_view kOutputsKey = "mlflow.spanOutputs";
inline constexpr std::string_view kRequestIdKey = "mlflow.traceRequestId";
inline constexpr std::string_view kUsageKey = "mlflow.chat.tokenUsage";
inline constexpr std::string_view kToolsKey = "mlflow.chat.tools";
inline constexpr std::string_view kCostKey = "mlflow.llm.cost";
inline constexpr std::string_view kModelKey = "mlflow.llm.model";
inline constexpr std::string_view kProviderKey = "mlflow.llm.provider";
inline constexpr std::string_view kMessageFormatKey = "mlflow.message.format";

// Makes a received span one of MLflow's: the trace's id is an attribute, strings that hold JSON become that
// JSON, and what other instrumentations call their kind, inputs, outputs, tokens, model and tools is there
// under MLflow's names too (as MLflow 3.17 does): OpenInference, OpenTelemetry's gen_ai conventions, Spring
// AI, OpenLLMetry, Google ADK, Vercel's AI SDK, VoltAgent, LiveKit, Laminar and Langfuse. What MLflow's own
// names say already is kept.
void translate(Span& span);

}  // namespace penstock::traces
