#include "providers/anthropic_answer.h"

#include <gtest/gtest.h>

namespace penstock::providers {
namespace {

using Seen = AnswerObserver::Seen;

Result<Seen> observe(AnswerObserver& observer, std::string_view data) {
  return observer.observe(http::SseEvent{.data = data});
}

TEST(AnthropicUsage, CachedTokensAreNeitherInputNorCountedTwice) {
  AnthropicUsage usage;
  EXPECT_FALSE(usage.tokens());
  usage.read(R"({"input_tokens":7,"cache_creation_input_tokens":30,"cache_read_input_tokens":100,
                 "cache_creation":{"ephemeral_5m_input_tokens":20,"ephemeral_1h_input_tokens":10},
                 "output_tokens":50,"output_tokens_details":{"thinking_tokens":15}})");
  EXPECT_EQ(usage.tokens(), (TokenCounts{.input = 7,
                                         .cached_input = 100,
                                         .cache_write = 20,
                                         .cache_write_1h = 10,
                                         .output = 35,
                                         .reasoning = 15,
                                         .source = TokenSource::kProvider}));
}

TEST(AnthropicUsage, LaterFiguresReplaceEarlierOnesAndAbsentOnesLeaveThem) {
  AnthropicUsage usage;
  usage.read(R"({"input_tokens":7,"cache_creation_input_tokens":null,"output_tokens":1})");
  usage.read(R"({"output_tokens":9})");
  usage.read("null");
  EXPECT_EQ(usage.tokens()->input, 7);
  EXPECT_EQ(usage.tokens()->output, 9);
}

TEST(AnthropicAnswer, AMessageGivesItsBlocksReasonAndUsage) {
  auto facts = read_anthropic_answer(
      R"({"id":"msg_1","type":"message","role":"assistant","model":"claude-x",
          "content":[{"type":"text","text":"hi"}],"stop_reason":"end_turn","stop_sequence":null,
          "usage":{"input_tokens":3,"output_tokens":1}})");
  ASSERT_TRUE(facts) << facts.error().message;
  EXPECT_EQ(facts->finish_reason, "end_turn");
  EXPECT_EQ(facts->output, R"({"role":"assistant","content":[{"type":"text","text":"hi"}]})");
  EXPECT_EQ(facts->tokens->output, 1);
}

TEST(AnthropicAnswer, ACountOfTokensIsNoAnswerToBill) {
  auto facts = read_anthropic_answer(R"({"input_tokens":2095})");
  ASSERT_TRUE(facts);
  EXPECT_FALSE(facts->tokens);
}

TEST(AnthropicAnswer, AnErrorOrAPageBehindA200IsAnUpstreamError) {
  EXPECT_EQ(read_anthropic_answer("<html>").error().code, ErrorCode::kUpstream);
  auto error = read_anthropic_answer(R"({"type":"error","error":{"type":"api_error","message":"oh"}})");
  EXPECT_EQ(error.error().message, "the upstream answered 200 with an error: oh");
}

// As recorded from the Messages API, shortened.
constexpr std::string_view kEvents[] = {
    R"({"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","content":[],)"
    R"("model":"claude-x","stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":472,)"
    R"("cache_read_input_tokens":5,"output_tokens":2}}})",
    R"({"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"",)"
    R"("signature":""}})",
    R"({"type":"ping"})",
    R"({"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"Let me"}})",
    R"({"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"EqQB=="}})",
    R"({"type":"content_block_stop","index":0})",
    R"({"type":"content_block_start","index":1,"content_block":{"type":"text","text":""}})",
    R"({"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"Okay"}})",
    R"({"type":"content_block_stop","index":1})",
    R"({"type":"content_block_start","index":2,"content_block":{"type":"tool_use","id":"toolu_1",)"
    R"("name":"get_weather","input":{}}})",
    R"({"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":""}})",
    R"({"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta",)"
    R"("partial_json":"{\"city\":"}})",
    R"({"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta",)"
    R"("partial_json":" \"Paris\"}"}})",
    R"({"type":"content_block_stop","index":2})",
    R"({"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null},)"
    R"("usage":{"output_tokens":89}})",
    R"({"type":"a_later_kind_of_event","x":1})",
    R"({"type":"message_stop"})",
};

TEST(AnthropicObserver, ThinkingTextToolsUsageAndEndAreSeen) {
  AnthropicObserver observer(10'000);
  std::string content;
  for (std::string_view data : kEvents) {
    EXPECT_FALSE(observer.finished() && !data.contains("stop") && !data.contains("later"));
    auto seen = observe(observer, data);
    ASSERT_TRUE(seen) << seen.error().message;
    content += seen->done ? 'd' : seen->content ? 'c' : '-';
  }
  EXPECT_EQ(content, "---c---c-c-cc---d");
  EXPECT_EQ(observer.finish_reason(), "tool_use");
  EXPECT_EQ(observer.tokens()->input, 472);
  EXPECT_EQ(observer.tokens()->cached_input, 5);
  EXPECT_EQ(observer.tokens()->output, 89);
  EXPECT_EQ(observer.content_events(), 5);
  EXPECT_EQ(observer.output(),
            R"({"role":"assistant","content":[{"type":"thinking","thinking":"Let me","signature":"EqQB=="},)"
            R"({"type":"text","text":"Okay"},)"
            R"({"type":"tool_use","id":"toolu_1","name":"get_weather","input":{"city": "Paris"}}]})");
}

TEST(AnthropicObserver, AnErrorEventIsToldWithItsCause) {
  AnthropicObserver observer(1000);
  auto seen =
      observe(observer, R"({"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}})");
  EXPECT_EQ(seen->error, "Overloaded");
  EXPECT_EQ(seen->cause, RefusalCause::kRateLimit);
}

TEST(AnthropicObserver, WhatTheProtocolForbidsIsAnUpstreamError) {
  for (std::string_view data :
       {"hello", R"({"type":"message_start"})", R"({"type":"content_block_start","index":0})",
        R"({"type":"content_block_delta","index":3,"delta":{"type":"text_delta","text":"x"}})",
        R"({"type":"content_block_delta","delta":{"type":"text_delta","text":"x"}})"}) {
    AnthropicObserver observer(1000);
    EXPECT_FALSE(observe(observer, data)) << data;
  }
}

TEST(AnthropicObserver, TheOutputIsBounded) {
  AnthropicObserver observer(40);
  (void)observe(observer,
                R"({"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}})");
  auto seen = observe(observer, R"({"type":"content_block_delta","index":0,"delta":{"type":"text_delta",)"
                                R"("text":"longer than what is left"}})");
  EXPECT_TRUE(seen->content);
  EXPECT_TRUE(observer.truncated());
  EXPECT_EQ(observer.output(), R"({"role":"assistant","content":[{"type":"text","text":""}]})");
}

}  // namespace
}  // namespace penstock::providers
