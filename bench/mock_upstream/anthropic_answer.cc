#include <fmt/format.h>

#include "bench/mock_upstream/answer.h"
#include "bench/mock_upstream/content.h"
#include "core/json_writer.h"

namespace penstock::bench {
namespace {

std::string blocks(const Call& call) {
  JsonWriter json;
  json.begin_array();
  if (call.tokens.reasoning > 0) {
    json.begin_object().field("type", "thinking").field("thinking", kThought);
    json.field("signature", kSignature).end_object();
  }
  for (int64_t tool = 0; tool < tool_calls_of(call); ++tool) {
    json.begin_object().field("type", "tool_use").field("id", fmt::format("toolu_{}", tool + 1));
    json.field("name", call.tool_name).raw_field("input", kToolArguments).end_object();
  }
  if (!call.tools) json.begin_object().field("type", "text").field("text", text_of(call)).end_object();
  return json.end_array().take();
}

std::string message(const Call& call, const std::string& id) {
  JsonWriter json;
  json.begin_object().field("id", id).field("type", "message").field("role", "assistant");
  json.field("model", call.model).raw_field("content", blocks(call));
  json.field("stop_reason", finish_reason(call)).null_field("stop_sequence");
  if (call.behaviour.fault.kind != FaultKind::kNoUsage) json.raw_field("usage", usage(call));
  return json.end_object().take();
}

}  // namespace

std::string anthropic_answer(const Call& call, const std::string& id) {
  if (call.endpoint == Endpoint::kMessages) return message(call, id);
  if (call.endpoint == Endpoint::kCountTokens) {
    return fmt::format(R"({{"input_tokens":{}}})", call.tokens.prompt());
  }
  return {};
}

}  // namespace penstock::bench
