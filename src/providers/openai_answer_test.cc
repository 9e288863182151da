#include "providers/openai_answer.h"

#include <gtest/gtest.h>

#include "providers/openai_usage.h"

namespace penstock::providers {
namespace {

TEST(OpenAiUsage, TokensAreCountedOnceEachInExclusiveKinds) {
  auto tokens = read_openai_usage(
      R"({"prompt_tokens":100,"completion_tokens":50,"total_tokens":150,
          "prompt_tokens_details":{"cached_tokens":60,"cache_write_tokens":10,"audio_tokens":5},
          "completion_tokens_details":{"reasoning_tokens":20,"audio_tokens":4}})");
  ASSERT_TRUE(tokens);
  EXPECT_EQ(tokens->input, 25);
  EXPECT_EQ(tokens->cached_input, 60);
  EXPECT_EQ(tokens->cache_write, 10);
  EXPECT_EQ(tokens->audio, 9);
  EXPECT_EQ(tokens->output, 26);
  EXPECT_EQ(tokens->reasoning, 20);
}

TEST(OpenAiUsage, NullsZeroesAndAbsenceAreNotMixedUp) {
  auto zero = read_openai_usage(R"({"prompt_tokens":0,"completion_tokens":0,"prompt_tokens_details":null})");
  ASSERT_TRUE(zero);
  EXPECT_EQ(zero->input, 0);
  EXPECT_EQ(zero->source, TokenSource::kProvider);
  EXPECT_FALSE(read_openai_usage("null"));
  EXPECT_FALSE(read_openai_usage("{}"));
}

TEST(OpenAiAnswer, AChatAnswerGivesItsMessageReasonAndUsage) {
  auto facts = read_openai_answer(
      R"({"choices":[{"index":0,"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}],
          "usage":{"prompt_tokens":3,"completion_tokens":1}})");
  ASSERT_TRUE(facts) << facts.error().message;
  EXPECT_EQ(facts->finish_reason, "stop");
  EXPECT_EQ(facts->output, R"({"role":"assistant","content":"hi"})");
  EXPECT_EQ(facts->tokens->output, 1);
}

TEST(OpenAiAnswer, SeveralChoicesBecomeAList) {
  auto facts = read_openai_answer(R"({"choices":[{"text":"a"},{"text":"b"}]})");
  EXPECT_EQ(facts->output, R"(["a","b"])");
}

TEST(OpenAiAnswer, AnErrorOrAPageBehindA200IsAnUpstreamError) {
  EXPECT_EQ(read_openai_answer("<html>").error().code, ErrorCode::kUpstream);
  EXPECT_EQ(read_openai_answer("").error().code, ErrorCode::kUpstream);
  auto error = read_openai_answer(R"({"error":{"message":"out of quota"}})");
  EXPECT_EQ(error.error().message, "the upstream answered 200 with an error: out of quota");
}

TEST(OpenAiObserver, TextToolCallsUsageAndEndAreSeen) {
  OpenAiObserver observer(1000);
  EXPECT_FALSE(
      observer.observe(R"({"choices":[{"index":0,"delta":{"role":"assistant","content":""}}]})")->content);
  EXPECT_TRUE(observer.observe(R"({"choices":[{"index":0,"delta":{"content":"He"},"finish_reason":null}]})")
                  ->content);
  EXPECT_TRUE(observer.observe(R"({"choices":[{"index":0,"delta":{"content":"llo"}}]})")->content);
  EXPECT_TRUE(
      observer
          .observe(R"({"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"c1","type":"function",
                      "function":{"name":"f","arguments":"{\"a\""}}]}}]})")
          ->content);
  (void)observer.observe(
      R"({"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":":1}"}}]}}]})");
  EXPECT_FALSE(observer.finished());
  (void)observer.observe(R"({"choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}],"usage":null})");
  EXPECT_TRUE(observer.finished());
  auto usage = observer.observe(R"({"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":7}})");
  EXPECT_TRUE(usage->usage_only);
  EXPECT_TRUE(observer.observe("[DONE]")->done);
  EXPECT_EQ(observer.finish_reason(), "tool_calls");
  EXPECT_EQ(observer.tokens()->output, 7);
  EXPECT_EQ(observer.content_events(), 4);
  EXPECT_EQ(observer.output(),
            R"({"role":"assistant","content":"Hello","tool_calls":[{"id":"c1","type":"function",)"
            R"("function":{"name":"f","arguments":"{\"a\":1}"}}]})");
}

TEST(OpenAiObserver, ErrorsAndGarbageAreTold) {
  OpenAiObserver observer(1000);
  EXPECT_EQ(observer.observe(R"({"error":{"message":"overloaded","type":"server_error"}})")->error,
            "overloaded");
  EXPECT_FALSE(observer.observe(R"({"choices":[)"));
  EXPECT_FALSE(observer.observe("hello"));
  EXPECT_FALSE(observer.observe(R"({"choices":[1]})"));
}

TEST(OpenAiObserver, TheOutputIsBounded) {
  OpenAiObserver observer(4);
  (void)observer.observe(R"({"choices":[{"index":0,"text":"abc"}]})");
  (void)observer.observe(R"({"choices":[{"index":0,"text":"de"}]})");
  EXPECT_TRUE(observer.truncated());
  EXPECT_EQ(observer.output(), R"("abc")");
}

// As providers tell tokens, shortened.
TEST(OpenAiUsage, WhatProvidersTellElsewhereIsFound) {
  auto deepseek = read_openai_usage(R"({"prompt_tokens":10,"completion_tokens":2,"total_tokens":12,)"
                                    R"("prompt_cache_hit_tokens":6,"prompt_cache_miss_tokens":4})");
  EXPECT_EQ(deepseek->cached_input, 6);
  EXPECT_EQ(deepseek->input, 4);
  auto gemini = read_openai_usage(R"({"prompt_tokens":9,"completion_tokens":11,"total_tokens":541})");
  EXPECT_EQ(gemini->output, 11);
  EXPECT_EQ(gemini->reasoning, 521) << "thoughts stand in the total alone";
  auto xai = read_openai_usage(R"({"prompt_tokens":5,"completion_tokens":7,"total_tokens":32,)"
                               R"("completion_tokens_details":{"reasoning_tokens":20}})");
  EXPECT_EQ(xai->output, 7);
  EXPECT_EQ(xai->reasoning, 20);
  auto reranker = read_openai_usage(R"({"total_tokens":30})");
  EXPECT_EQ(reranker->input, 30);
  EXPECT_EQ(reranker->output, 0);
}

TEST(OpenAiObserver, ProvidersThatSayItOtherwiseAreUnderstood) {
  OpenAiObserver groq(1000);
  (void)groq.observe(R"({"choices":[{"index":0,"delta":{},"finish_reason":"stop"}],)"
                     R"("x_groq":{"usage":{"prompt_tokens":3,"completion_tokens":4,"total_tokens":7}}})");
  EXPECT_EQ(groq.tokens()->output, 4);

  OpenAiObserver mistral(1000);
  EXPECT_TRUE(mistral
                  .observe(R"({"choices":[{"index":0,"delta":{"content":[{"type":"thinking","thinking":[)"
                           R"({"type":"text","text":"hm"}]},{"type":"text","text":"a"}]}}]})")
                  ->content);
  EXPECT_EQ(mistral.output(), R"({"role":"assistant","content":"a","reasoning_content":"hm"})");

  OpenAiObserver openrouter(1000);
  EXPECT_TRUE(
      openrouter.observe(R"({"choices":[{"index":0,"delta":{"content":"","reasoning":"hm"}}]})")->content);
  OpenAiObserver both(1000);
  (void)both.observe(R"({"choices":[{"index":0,"delta":{"reasoning":"hm","reasoning_content":"hm"}}]})");
  EXPECT_EQ(both.output(), R"({"role":"assistant","content":"","reasoning_content":"hm"})");

  OpenAiObserver vllm(1000);
  auto seen =
      vllm.observe(R"({"object":"error","message":"maximum context length is 8","type":"BadRequestError"})");
  EXPECT_EQ(seen->error, "maximum context length is 8");
  EXPECT_EQ(seen->cause, RefusalCause::kContextWindow);
}

}  // namespace
}  // namespace penstock::providers
