#include <gtest/gtest.h>

#include "providers/answer.h"

namespace penstock::providers {
namespace {

struct Recorded {
  std::string_view who;
  int status;
  std::string_view body;
  RefusalCause cause;
  ErrorCode code;
  std::string_view reason;
  std::string_view message;  // a part of it
};

// As providers answer, shortened.
constexpr Recorded kRecorded[] = {
    {"OpenAI", 400,
     R"({"error":{"message":"This model's maximum context length is 8192 tokens. However,)"
     R"( your messages resulted)"
     R"( in 9000 tokens.","type":"invalid_request_error","param":"messages",)"
     R"("code":"context_length_exceeded"}})",
     RefusalCause::kContextWindow, ErrorCode::kInvalidArgument, "context_length_exceeded", "9000 tokens"},
    {"OpenAI", 429,
     R"({"error":{"message":"You exceeded your current quota","type":"insufficient_quota","param":null,)"
     R"("code":"insufficient_quota"}})",
     RefusalCause::kQuota, ErrorCode::kUpstream, "upstream_quota_exhausted", "quota"},
    {"OpenAI", 429,
     R"({"error":{"message":"Rate limit reached for gpt-4o","type":"tokens","param":null,)"
     R"("code":"rate_limit_exceeded"}})",
     RefusalCause::kRateLimit, ErrorCode::kRateLimited, "rate_limit_exceeded", "Rate limit"},
    {"OpenAI", 401,
     R"({"error":{"message":"Incorrect API key provided: sk-our*****key","type":"invalid_request_error",)"
     R"("param":null,"code":"invalid_api_key"}})",
     RefusalCause::kCredentials, ErrorCode::kUpstream, "upstream_credentials_refused", "credentials"},
    {"OpenAI", 404,
     R"({"error":{"message":"The model `x` does not exist","type":"invalid_request_error","param":null,)"
     R"("code":"model_not_found"}})",
     RefusalCause::kOther, ErrorCode::kNotFound, "model_not_found", "does not exist"},
    {"Azure", 400,
     R"({"error":{"message":"The response was filtered due to the prompt","type":null,"param":"prompt",)"
     R"("code":"content_filter","status":400,"innererror":{"code":"ResponsibleAIPolicyViolation"}}})",
     RefusalCause::kContentPolicy, ErrorCode::kInvalidArgument, "content_filter", "filtered"},
    {"Azure", 429,
     R"({"error":{"code":"429","message":"Requests to the ChatCompletions_Create Operation have exceeded"}})",
     RefusalCause::kRateLimit, ErrorCode::kRateLimited, "rate_limit_exceeded", "exceeded"},
    {"Anthropic", 400,
     R"({"type":"error","error":{"type":"invalid_request_error",)"
     R"("message":"prompt is too long: 208310 tokens > )"
     R"(200000 maximum"},"request_id":"req_1"})",
     RefusalCause::kContextWindow, ErrorCode::kInvalidArgument, "context_length_exceeded", "208310"},
    {"Anthropic", 400,
     R"({"type":"error","error":{"type":"invalid_request_error",)"
     R"("message":"Your credit balance is too low to )"
     R"(access the Anthropic API."}})",
     RefusalCause::kQuota, ErrorCode::kUpstream, "upstream_quota_exhausted", "quota"},
    {"Anthropic", 400,
     R"({"type":"error","error":{"type":"invalid_request_error",)"
     R"("message":"Output blocked by content filtering )"
     R"(policy"}})",
     RefusalCause::kContentPolicy, ErrorCode::kInvalidArgument, "content_policy_violation", "blocked"},
    {"Anthropic", 529, R"({"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}})",
     RefusalCause::kRateLimit, ErrorCode::kUnavailable, "", "Overloaded"},
    {"Gemini", 400,
     R"([{"error":{"code":400,"message":"API key not valid. Please pass a valid API key.",)"
     R"("status":"INVALID_ARGUMENT","details":[{"@type":"x","reason":"API_KEY_INVALID"}]}}])",
     RefusalCause::kCredentials, ErrorCode::kUpstream, "upstream_credentials_refused", "credentials"},
    {"Gemini", 400,
     R"([{"error":{"code":400,"message":"The input token count (1300000) exceeds the maximum numbe)"
     R"(r of tokens )"
     R"(allowed (1048576).","status":"INVALID_ARGUMENT"}}])",
     RefusalCause::kContextWindow, ErrorCode::kInvalidArgument, "context_length_exceeded", "1300000"},
    {"vLLM", 400,
     R"({"object":"error","message":"This model's maximum context length is 2048 tokens.","type":)"
     R"("BadRequestError","param":null,"code":400})",
     RefusalCause::kContextWindow, ErrorCode::kInvalidArgument, "context_length_exceeded", "2048"},
    {"TGI", 422,
     R"({"error":"Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096. Given: 5000",)"
     R"("error_type":"validation"})",
     RefusalCause::kContextWindow, ErrorCode::kInvalidArgument, "context_length_exceeded", "4096"},
    {"llama-server", 400,
     R"({"error":{"code":400,"message":"the request exceeds the available context size, try increasing it",)"
     R"("type":"exceed_context_size_error","n_prompt_tokens":5000,"n_ctx":4096}})",
     RefusalCause::kContextWindow, ErrorCode::kInvalidArgument, "context_length_exceeded", "context size"},
    {"Groq", 413,
     R"({"error":{"message":"Request too large for model on tokens per minute (TPM): Limit 6000",)"
     R"("type":"tokens",)"
     R"("code":"rate_limit_exceeded"}})",
     RefusalCause::kRateLimit, ErrorCode::kRateLimited, "rate_limit_exceeded", "TPM"},
    {"DeepSeek", 402,
     R"({"error":{"message":"Insufficient Balance","type":"unknown_error","param":null,)"
     R"("code":"invalid_request_error"}})",
     RefusalCause::kQuota, ErrorCode::kUpstream, "upstream_quota_exhausted", "402"},
    {"OpenRouter", 403,
     R"({"error":{"code":403,"message":"openai/gpt-4o requires moderation. Your input was flagged",)"
     R"("metadata":{"reasons":["violence"]}}})",
     RefusalCause::kContentPolicy, ErrorCode::kInvalidArgument, "content_policy_violation", "flagged"},
    {"Mistral", 422, R"({"detail":[{"type":"extra_forbidden","loc":["body","seed"],"msg":"Extra inputs"}]})",
     RefusalCause::kOther, ErrorCode::kInvalidArgument, "", "extra_forbidden"},
    {"Ollama", 404, R"({"error":"model 'x' not found"})", RefusalCause::kOther, ErrorCode::kNotFound, "",
     "not found"},
    {"Cohere", 400, R"({"id":"1","message":"invalid request: too many documents"})", RefusalCause::kOther,
     ErrorCode::kInvalidArgument, "", "too many"},
    {"a proxy", 502, "<html>Bad Gateway</html>", RefusalCause::kOther, ErrorCode::kUpstream,
     "upstream_status", "status 502"},
    {"nobody", 500, "", RefusalCause::kOther, ErrorCode::kUpstream, "upstream_status", "status 500"},
    {"a proxy", 503, "[1,2", RefusalCause::kRateLimit, ErrorCode::kUnavailable, "upstream_status", "503"},
};

TEST(Refusals, OfEveryProviderAreToldByTheirCause) {
  for (const Recorded& recorded : kRecorded) {
    Refusal refusal = read_refusal(Protocol::kOpenAi, recorded.status, recorded.body);
    EXPECT_EQ(refusal_cause_name(refusal.cause), refusal_cause_name(recorded.cause)) << recorded.who;
    EXPECT_EQ(error_code_name(refusal.error.code), error_code_name(recorded.code)) << recorded.body;
    EXPECT_EQ(refusal.error.reason, recorded.reason) << recorded.body;
    EXPECT_TRUE(refusal.error.message.contains(recorded.message)) << refusal.error.message;
  }
}

TEST(Refusals, NeverShowWhatConcernsTheGatewaysOwnKey) {
  Refusal refusal = read_refusal(Protocol::kOpenAi, 401, R"({"error":{"message":"bad key sk-abc"}})");
  EXPECT_FALSE(refusal.error.message.contains("sk-abc"));
}

TEST(Refusals, MessagesAreBounded) {
  std::string body = R"({"error":{"message":")" + std::string(100'000, 'x') + R"("}})";
  EXPECT_LE(read_refusal(Protocol::kOpenAi, 400, body).error.message.size(), 2'000U);
}

}  // namespace
}  // namespace penstock::providers
