#include "bench/mock_upstream/call.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "bench/mock_upstream/answer.h"

namespace penstock::bench {
namespace {

HttpMessage post(std::string_view target, std::string body) {
  return {.start_line = fmt::format("POST {} HTTP/1.1", target),
          .headers = {{"anthropic-version", "2023-06-01"}, {"api-key", "k"}},
          .body = std::move(body)};
}

Result<Call> read(std::string_view target, std::string body) {
  return Call::read(post(target, std::move(body)), 8);
}

constexpr std::string_view kMessages = R"("messages":[{"role":"user","content":"Hi"}])";

std::string anthropic_body(std::string_view model, std::string_view more = "") {
  return fmt::format(R"({{"model":"{}","max_tokens":100,{}{}}})", model, kMessages, more);
}

TEST(Place, IsTheEndOfAnyPath) {
  EXPECT_EQ(Place::of("POST /v1beta/openai/chat/completions HTTP/1.1").endpoint, Endpoint::kChat);
  EXPECT_EQ(Place::of("POST /v1/completions HTTP/1.1").endpoint, Endpoint::kCompletions);
  EXPECT_EQ(Place::of("POST /v1/messages/count_tokens HTTP/1.1").endpoint, Endpoint::kCountTokens);
  EXPECT_EQ(Place::of("GET /v1/chat/completions HTTP/1.1").endpoint, Endpoint::kUnknown);
  EXPECT_EQ(Place::of("nonsense").endpoint, Endpoint::kUnknown);
}

TEST(Place, OfAzureNamesItsDeployment) {
  const Place place =
      Place::of("POST /openai/deployments/gpt-x/chat/completions?api-version=2024-10-21 HTTP/1.1");
  EXPECT_EQ(place.deployment, "gpt-x");
  EXPECT_TRUE(place.has_api_version);
}

TEST(Call, OfAzureAsksForItsVersion) {
  const std::string body = fmt::format("{{{}}}", kMessages);
  EXPECT_EQ(read("/openai/deployments/gpt-x/chat/completions?api-version=1", body)->model, "gpt-x");
  EXPECT_FALSE(read("/openai/deployments/gpt-x/chat/completions", body));
}

TEST(Call, BillsExclusiveKindsThatMakeUpThePrompt) {
  const std::string body = anthropic_body("claude-x+cached+cache-write+reasoning");
  const auto call = read("/v1/messages", body);
  ASSERT_TRUE(call);
  EXPECT_GT(call->tokens.cached_input, 0);
  EXPECT_GT(call->tokens.cache_write_1h, 0);
  EXPECT_GT(call->tokens.reasoning, 0);
  EXPECT_EQ(call->tokens.prompt(), static_cast<int64_t>(body.size()) / 4);
}

TEST(Call, EndsByLengthWhereMaxTokensIsSmaller) {
  const auto call =
      read("/v1/chat/completions", fmt::format(R"({{"model":"gpt-x","max_tokens":3,{}}})", kMessages));
  ASSERT_TRUE(call);
  EXPECT_EQ(call->tokens.output, 3);
  EXPECT_EQ(finish_reason(*call), "length");
}

TEST(Call, InTheAnthropicProtocolIsRefusedWhatAnthropicRefuses) {
  EXPECT_TRUE(read("/v1/messages", anthropic_body("c")));
  EXPECT_TRUE(read("/v1/messages", anthropic_body("c", R"(,"x_new":1)")));
  EXPECT_FALSE(read("/v1/messages", anthropic_body("c", R"(,"stream_options":{})")));
  EXPECT_FALSE(read("/v1/messages", anthropic_body("c", R"(,"tools":[{"type":"function","function":{}}])")));
  EXPECT_FALSE(read("/v1/messages", fmt::format(R"({{"model":"c",{}}})", kMessages)));
  EXPECT_FALSE(
      read("/v1/messages", R"({"model":"c","max_tokens":1,"messages":[{"role":"system","content":"x"}]})"));
}

TEST(Call, IsStrictAboutOpenAisProtocolWhereTheModelSaysSo) {
  constexpr std::string_view kMixed =
      R"({{"model":"{}","messages":[{{"role":"user","content":[{{"type":"tool_result"}}]}}]}})";
  EXPECT_TRUE(read("/v1/chat/completions", fmt::format(kMixed, "gpt-x")));
  EXPECT_FALSE(read("/v1/chat/completions", fmt::format(kMixed, "gpt-x+strict")));
}

TEST(Call, AsksForTheToolThatIsChosenUntilItsResultIsThere) {
  constexpr std::string_view kTools =
      R"(,"tools":[{"name":"a","input_schema":{}},{"name":"b","input_schema":{}}])";
  EXPECT_EQ(read("/v1/messages", anthropic_body("tools", kTools))->tool_name, "a");
  const std::string chosen = fmt::format("{}{}", kTools, R"(,"tool_choice":{"type":"tool","name":"b"})");
  EXPECT_EQ(read("/v1/messages", anthropic_body("tools", chosen))->tool_name, "b");
  EXPECT_FALSE(read("/v1/messages", anthropic_body("tools"))->tools);
  const std::string answered =
      R"({"model":"tools","max_tokens":9,"messages":[{"role":"user","content":[{"type":"tool_result",)"
      R"("tool_use_id":"toolu_1","content":"18"}]}],"tools":[{"name":"a","input_schema":{}}]})";
  EXPECT_FALSE(read("/v1/messages", answered)->tools);
}

TEST(Plan, OfEveryFaultInEitherProtocolIsAScriptThatEnds) {
  for (std::string_view fault : {"silent",         "slow-headers", "cut",     "reset",     "reset-3",
                                 "reset-head",     "stall",        "drip",    "malformed", "truncated",
                                 "200-error",      "error-event",  "429",     "529",       "html",
                                 "content-type",   "empty",        "no-done", "no-usage",  "context-window",
                                 "content-policy", "quota"}) {
    for (std::string_view target : {"/v1/messages", "/v1/chat/completions"}) {
      for (std::string_view stream : {"", R"(,"stream":true)"}) {
        const auto call = read(target, anthropic_body(fmt::format("fault-{}", fault), stream));
        ASSERT_TRUE(call) << fault;
        const Script script = plan(*call, "id", {});
        ASSERT_FALSE(script.empty()) << fault;
        EXPECT_NE(script.back().then, Then::kGoOn) << fault;
      }
    }
  }
}

TEST(Plan, SendsAsManyTokensAsItBills) {
  for (std::string_view target : {"/v1/messages", "/v1/chat/completions"}) {
    for (std::string_view model : {"m", "m+reasoning", "m+json", "tools"}) {
      for (std::string_view stream : {"", R"(,"stream":true)"}) {
        const auto call = read(target, anthropic_body(model, stream));
        ASSERT_TRUE(call);
        int64_t tokens = 0;
        int64_t reasoning = 0;
        for (const Step& step : plan(*call, "id", {})) {
          tokens += step.tokens;
          reasoning += step.reasoning;
        }
        EXPECT_EQ(tokens, call->tokens.output) << target << model << stream;
        EXPECT_EQ(reasoning, call->tokens.reasoning) << target << model << stream;
      }
    }
  }
}

}  // namespace
}  // namespace penstock::bench
