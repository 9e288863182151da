#include "observability/traces/conventions.h"

#include <array>

namespace penstock::traces {
namespace {

using Kind = std::pair<std::string_view, std::string_view>;

// The names are one value each, so that a span of them can point there.
#define PENSTOCK_NAMES(id, ...) constexpr std::string_view id[] = {__VA_ARGS__}

// https://github.com/Arize-ai/openinference, semantic conventions
constexpr Kind kOpenInferenceKinds[] = {
    {"TOOL", "TOOL"},           {"CHAIN", "CHAIN"},         {"LLM", "LLM"},
    {"RETRIEVER", "RETRIEVER"}, {"EMBEDDING", "EMBEDDING"}, {"AGENT", "AGENT"},
    {"RERANKER", "RERANKER"},   {"UNKNOWN", "UNKNOWN"},     {"GUARDRAIL", "GUARDRAIL"},
    {"EVALUATOR", "EVALUATOR"}};
PENSTOCK_NAMES(kOpenInferenceKind, "openinference.span.kind");
PENSTOCK_NAMES(kOpenInferenceInput, "llm.token_count.prompt");
PENSTOCK_NAMES(kOpenInferenceOutput, "llm.token_count.completion");
PENSTOCK_NAMES(kOpenInferenceTotal, "llm.token_count.total");
PENSTOCK_NAMES(kOpenInferenceCacheRead, "llm.token_count.prompt_details.cache_read");
PENSTOCK_NAMES(kOpenInferenceCacheWrite, "llm.token_count.prompt_details.cache_write");
PENSTOCK_NAMES(kOpenInferenceInputs, "input.value");
PENSTOCK_NAMES(kOpenInferenceOutputs, "output.value");
PENSTOCK_NAMES(kOpenInferenceModels, "llm.response.model_name", "llm.model_name", "llm.request.model_name",
               "embedding.model_name");
PENSTOCK_NAMES(kOpenInferenceProviders, "llm.provider");

// https://opentelemetry.io/docs/specs/semconv/registry/attributes/gen-ai/
constexpr Kind kGenAiKinds[] = {{"chat", "CHAT_MODEL"},      {"create_agent", "AGENT"},
                                {"embeddings", "EMBEDDING"}, {"execute_tool", "TOOL"},
                                {"generate_content", "LLM"}, {"invoke_agent", "AGENT"},
                                {"text_completion", "LLM"},  {"response", "LLM"}};
PENSTOCK_NAMES(kGenAiKind, "gen_ai.operation.name");
PENSTOCK_NAMES(kGenAiInput, "gen_ai.usage.input_tokens");
PENSTOCK_NAMES(kGenAiOutput, "gen_ai.usage.output_tokens");
PENSTOCK_NAMES(kGenAiCacheRead, "gen_ai.usage.cache_read.input_tokens");
PENSTOCK_NAMES(kGenAiCacheWrite, "gen_ai.usage.cache_write.input_tokens",
               "gen_ai.usage.cache_creation.input_tokens");
PENSTOCK_NAMES(kGenAiInputs, "gen_ai.input.messages", "gen_ai.tool.call.arguments");
PENSTOCK_NAMES(kGenAiOutputs, "gen_ai.output.messages", "gen_ai.tool.call.result");
PENSTOCK_NAMES(kGenAiModels, "gen_ai.response.model", "gen_ai.request.model");
PENSTOCK_NAMES(kGenAiProviders, "gen_ai.provider.name");
PENSTOCK_NAMES(kGenAiTools, "gen_ai.tool.definitions");

// https://github.com/traceloop/openllmetry
constexpr Kind kTraceloopKinds[] = {
    {"workflow", "WORKFLOW"}, {"task", "TASK"}, {"agent", "AGENT"}, {"tool", "TOOL"}, {"unknown", "UNKNOWN"}};
PENSTOCK_NAMES(kTraceloopKind, "traceloop.span.kind");
PENSTOCK_NAMES(kTraceloopInput, "gen_ai.usage.prompt_tokens");
PENSTOCK_NAMES(kTraceloopOutput, "gen_ai.usage.completion_tokens");
PENSTOCK_NAMES(kTraceloopTotal, "llm.usage.total_tokens");
PENSTOCK_NAMES(kTraceloopInputs, "traceloop.entity.input", "gen_ai.prompt.#.content",
               "gen_ai.completion.#.tool_calls.#.arguments");
PENSTOCK_NAMES(kTraceloopOutputs, "traceloop.entity.output", "gen_ai.completion.#.content");
PENSTOCK_NAMES(kTraceloopProviders, "gen_ai.system");

// https://google.github.io/adk-docs
PENSTOCK_NAMES(kAdkInputs, "gcp.vertex.agent.llm_request", "gcp.vertex.agent.tool_call_args");
PENSTOCK_NAMES(kAdkOutputs, "gcp.vertex.agent.llm_response", "gcp.vertex.agent.tool_response");

// https://ai-sdk.dev/docs/ai-sdk-core/telemetry
constexpr Kind kVercelKinds[] = {{"ai.generateText", "LLM"},
                                 {"ai.generateText.doGenerate", "LLM"},
                                 {"ai.toolCall", "TOOL"},
                                 {"ai.streamText", "LLM"},
                                 {"ai.streamText.doStream", "LLM"},
                                 {"ai.generateObject", "LLM"},
                                 {"ai.generateObject.doGenerate", "LLM"},
                                 {"ai.streamObject", "LLM"},
                                 {"ai.streamObject.doStream", "LLM"},
                                 {"ai.embed", "EMBEDDING"},
                                 {"ai.embed.doEmbed", "EMBEDDING"},
                                 {"ai.embedMany", "EMBEDDING"}};
PENSTOCK_NAMES(kVercelKind, "ai.operationId");
PENSTOCK_NAMES(kVercelInputs, "ai.prompt", "ai.prompt.messages", "ai.toolCall.args", "ai.value", "ai.values");
PENSTOCK_NAMES(kVercelOutputs, "ai.response.text", "ai.toolCall.result", "ai.response.object", "ai.embedding",
               "ai.embeddings");

// https://voltagent.dev: a child inherits entity.type, so that span.type is asked first.
constexpr Kind kVoltAgentKinds[] = {
    {"agent", "AGENT"}, {"llm", "LLM"}, {"tool", "TOOL"}, {"memory", "MEMORY"}};
PENSTOCK_NAMES(kVoltAgentKind, "span.type", "entity.type");
PENSTOCK_NAMES(kVoltAgentInput, "usage.prompt_tokens", "llm.usage.prompt_tokens");
PENSTOCK_NAMES(kVoltAgentOutput, "usage.completion_tokens", "llm.usage.completion_tokens");
PENSTOCK_NAMES(kVoltAgentTotal, "usage.total_tokens", "llm.usage.total_tokens");
PENSTOCK_NAMES(kVoltAgentInputs, "agent.messages", "llm.messages", "input");
PENSTOCK_NAMES(kVoltAgentOutputs, "output");
PENSTOCK_NAMES(kVoltAgentMarks, "voltagent.operation_id", "voltagent.conversation_id");

// https://docs.livekit.io/agents/observability
PENSTOCK_NAMES(kLiveKitInputs, "lk.user_input", "lk.user_transcript", "lk.chat_ctx", "lk.input_text");
PENSTOCK_NAMES(kLiveKitOutputs, "lk.response.text", "lk.response.function_calls");
PENSTOCK_NAMES(kLiveKitMarks, "lk.");

// https://docs.lmnr.ai
constexpr Kind kLaminarKinds[] = {{"LLM", "LLM"},
                                  {"TOOL", "TOOL"},
                                  {"DEFAULT", "CHAIN"},
                                  {"PIPELINE", "CHAIN"},
                                  {"EXECUTOR", "AGENT"},
                                  {"EVALUATOR", "EVALUATOR"},
                                  {"HUMAN_EVALUATOR", "EVALUATOR"},
                                  {"EVALUATION", "EVALUATOR"},
                                  {"CACHED", "LLM"}};
PENSTOCK_NAMES(kLaminarKind, "lmnr.span.type");
PENSTOCK_NAMES(kLaminarInputs, "lmnr.span.input");
PENSTOCK_NAMES(kLaminarOutputs, "lmnr.span.output");

// https://langfuse.com/docs/opentelemetry
constexpr Kind kLangfuseKinds[] = {
    {"generation", "LLM"},      {"embedding", "EMBEDDING"}, {"tool", "TOOL"},
    {"retriever", "RETRIEVER"}, {"agent", "AGENT"},         {"chain", "CHAIN"},
    {"evaluator", "EVALUATOR"}, {"guardrail", "GUARDRAIL"}, {"span", "UNKNOWN"}};
PENSTOCK_NAMES(kLangfuseKind, "langfuse.observation.type");
PENSTOCK_NAMES(kLangfuseInputs, "langfuse.observation.input");
PENSTOCK_NAMES(kLangfuseOutputs, "langfuse.observation.output");
#undef PENSTOCK_NAMES

constexpr std::array kConventions = {
    Convention{.kind_names = kOpenInferenceKind,
               .kinds = kOpenInferenceKinds,
               .input_tokens = kOpenInferenceInput,
               .output_tokens = kOpenInferenceOutput,
               .total_tokens = kOpenInferenceTotal,
               .cache_read_tokens = kOpenInferenceCacheRead,
               .cache_write_tokens = kOpenInferenceCacheWrite,
               .inputs = kOpenInferenceInputs,
               .outputs = kOpenInferenceOutputs,
               .models = kOpenInferenceModels,
               .providers = kOpenInferenceProviders},
    Convention{.kind_names = kGenAiKind,
               .kinds = kGenAiKinds,
               .input_tokens = kGenAiInput,
               .output_tokens = kGenAiOutput,
               .cache_read_tokens = kGenAiCacheRead,
               .cache_write_tokens = kGenAiCacheWrite,
               .inputs = kGenAiInputs,
               .outputs = kGenAiOutputs,
               .models = kGenAiModels,
               .providers = kGenAiProviders,
               .tools = kGenAiTools},
    Convention{.kind_names = kTraceloopKind,
               .kinds = kTraceloopKinds,
               .input_tokens = kTraceloopInput,
               .output_tokens = kTraceloopOutput,
               .total_tokens = kTraceloopTotal,
               .inputs = kTraceloopInputs,
               .outputs = kTraceloopOutputs,
               .providers = kTraceloopProviders},
    Convention{.inputs = kAdkInputs, .outputs = kAdkOutputs},
    Convention{
        .kind_names = kVercelKind, .kinds = kVercelKinds, .inputs = kVercelInputs, .outputs = kVercelOutputs},
    Convention{.kind_names = kVoltAgentKind,
               .kinds = kVoltAgentKinds,
               .input_tokens = kVoltAgentInput,
               .output_tokens = kVoltAgentOutput,
               .total_tokens = kVoltAgentTotal,
               .inputs = kVoltAgentInputs,
               .outputs = kVoltAgentOutputs,
               .message_format = "voltagent",
               .marks = kVoltAgentMarks},
    Convention{.inputs = kLiveKitInputs,
               .outputs = kLiveKitOutputs,
               .message_format = "livekit",
               .marks = kLiveKitMarks},
    Convention{.kind_names = kLaminarKind,
               .kinds = kLaminarKinds,
               .inputs = kLaminarInputs,
               .outputs = kLaminarOutputs,
               .message_format = "openai",
               .marks = kLaminarKind},
    Convention{.kind_names = kLangfuseKind,
               .kinds = kLangfuseKinds,
               .inputs = kLangfuseInputs,
               .outputs = kLangfuseOutputs},
};

constexpr std::array kEventConventions = {
    EventConvention{"gen_ai.content.prompt", "gen_ai.prompt", false},
    EventConvention{"gen_ai.content.completion", "gen_ai.completion", true},
};

}  // namespace

std::span<const Convention> conventions() { return kConventions; }
std::span<const EventConvention> event_conventions() { return kEventConventions; }

}  // namespace penstock::traces
