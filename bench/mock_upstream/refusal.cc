#include "bench/mock_upstream/refusal.h"

#include <fmt/format.h>

#include <array>

#include "bench/mock_upstream/answer.h"
#include "core/json_writer.h"

namespace penstock::bench {
namespace {

struct AnthropicType {
  int status;
  std::string_view type;
};

// https://docs.anthropic.com/en/api/errors
constexpr std::array kAnthropicTypes = {
    AnthropicType{401, "authentication_error"}, AnthropicType{402, "billing_error"},
    AnthropicType{403, "permission_error"},     AnthropicType{404, "not_found_error"},
    AnthropicType{413, "request_too_large"},    AnthropicType{429, "rate_limit_error"},
    AnthropicType{504, "timeout_error"},        AnthropicType{529, "overloaded_error"},
};

std::string_view anthropic_type(int status) {
  for (const AnthropicType& row : kAnthropicTypes) {
    if (row.status == status) return row.type;
  }
  return status >= 500 ? "api_error" : "invalid_request_error";
}

struct RefusalRow {
  FaultKind kind;
  Words words;
  int status;
  std::string_view body;
};

constexpr std::array kRefusals = {
    RefusalRow{
        FaultKind::kContextWindow, Words::kOpenAi, 400,
        R"({"error":{"message":"This model's maximum context length is 8192 tokens. However, your messages )"
        R"(resulted in 9001 tokens. Please reduce the length of the messages.",)"
        R"("type":"invalid_request_error","param":"messages","code":"context_length_exceeded"}})"},
    RefusalRow{
        FaultKind::kContextWindow, Words::kAzure, 400,
        R"({"error":{"message":"This model's maximum context length is 8192 tokens. However, your messages )"
        R"(resulted in 9001 tokens. Please reduce the length of the messages.",)"
        R"("type":"invalid_request_error","param":"messages","code":"context_length_exceeded"}})"},
    RefusalRow{FaultKind::kContextWindow, Words::kAnthropic, 400,
               R"({"type":"error","error":{"type":"invalid_request_error",)"
               R"("message":"prompt is too long: 210001 tokens > 200000 maximum"},"request_id":"req_mock"})"},
    RefusalRow{
        FaultKind::kContextWindow, Words::kVllm, 400,
        R"({"object":"error","message":"This model's maximum context length is 4096 tokens. However, )"
        R"(you requested 5000 tokens (4900 in the messages, 100 in the completion). Please reduce the )"
        R"(length of the messages or completion.","type":"BadRequestError","param":null,"code":400})"},
    RefusalRow{FaultKind::kContextWindow, Words::kLlamaServer, 400,
               R"({"error":{"code":400,"message":"the request exceeds the available context size, try )"
               R"(increasing it","type":"exceed_context_size_error","n_prompt_tokens":5000,"n_ctx":4096}})"},
    RefusalRow{
        FaultKind::kContextWindow, Words::kGemini, 400,
        R"([{"error":{"code":400,"message":"The input token count (1100000) exceeds the maximum number )"
        R"(of tokens allowed (1048576).","status":"INVALID_ARGUMENT"}}])"},
    RefusalRow{FaultKind::kContentPolicy, Words::kOpenAi, 400,
               R"({"error":{"message":"Your request was rejected as a result of our safety system.",)"
               R"("type":"invalid_request_error","param":null,"code":"content_policy_violation"}})"},
    RefusalRow{
        FaultKind::kContentPolicy, Words::kAzure, 400,
        R"({"error":{"message":"The response was filtered due to the prompt triggering Azure OpenAI's )"
        R"(content management policy. Please modify your prompt and retry.","type":null,"param":"prompt",)"
        R"("code":"content_filter","status":400,"innererror":{"code":"ResponsibleAIPolicyViolation",)"
        R"("content_filter_result":{"violence":{"filtered":true,"severity":"high"}}}}})"},
    RefusalRow{FaultKind::kContentPolicy, Words::kAnthropic, 400,
               R"({"type":"error","error":{"type":"invalid_request_error",)"
               R"("message":"Output blocked by content filtering policy"},"request_id":"req_mock"})"},
    RefusalRow{FaultKind::kQuota, Words::kOpenAi, 429,
               R"({"error":{"message":"You exceeded your current quota, please check your plan and billing )"
               R"(details.",)"
               R"("type":"insufficient_quota","param":null,"code":"insufficient_quota"}})"},
    RefusalRow{
        FaultKind::kQuota, Words::kAnthropic, 400,
        R"({"type":"error","error":{"type":"invalid_request_error","message":"Your credit balance is too )"
        R"(low to access the Anthropic API. Please go to Plans & Billing to upgrade or purchase credits."},)"
        R"("request_id":"req_mock"})"},
};

const RefusalRow& row_of(FaultKind kind, Words words) {
  const RefusalRow* in_openais_words = kRefusals.data();
  for (const RefusalRow& row : kRefusals) {
    if (row.kind == kind && row.words == words) return row;
    if (row.kind == kind && row.words == Words::kOpenAi) in_openais_words = &row;
  }
  return *in_openais_words;
}

std::string fields_of(const Behaviour& behaviour, int status) {
  if (status != 429 && status != 503) return {};
  std::string fields;
  if (behaviour.retry_after_ms > 0) fields += fmt::format("retry-after-ms: {}\r\n", behaviour.retry_after_ms);
  if (behaviour.retry_after_s > 0) fields += fmt::format("retry-after: {}\r\n", behaviour.retry_after_s);
  return fields;
}

}  // namespace

std::string error_body(Words words, int status, std::string_view message, std::string_view code) {
  JsonWriter json;
  json.begin_object();
  if (words == Words::kAnthropic) {
    json.field("type", "error").key("error").begin_object().field("type", anthropic_type(status));
    return json.field("message", message).end_object().field("request_id", "req_mock").end_object().take();
  }
  if (words == Words::kVllm) {
    json.field("object", "error").field("message", message).field("type", "Error").null_field("param");
    return json.field("code", status).end_object().take();
  }
  json.key("error").begin_object().field("message", message);
  json.field("type", status >= 500 ? "server_error" : "invalid_request_error");
  return json.null_field("param").field("code", code).end_object().end_object().take();
}

Script status_answer(const Behaviour& behaviour, int status, std::string_view message) {
  const std::string body = error_body(behaviour.words, status, message, fmt::format("mock_{}", status));
  return {{.bytes = http_answer(status, kJsonType, body, fields_of(behaviour, status)),
           .then = Then::kKeepAlive}};
}

Script refusal(const Call& call) {
  const RefusalRow& row = row_of(call.behaviour.fault.kind, call.behaviour.words);
  return {{.bytes = http_answer(row.status, kJsonType, row.body), .then = Then::kKeepAlive}};
}

}  // namespace penstock::bench
