#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "core/clock.h"
#include "core/random.h"
#include "core/run_task.h"
#include "engine/chat_handler.h"
#include "engine/engine_service.h"
#include "engine/test_model.h"
#include "engine/test_stream.h"
#include "engine/text_handler.h"

namespace penstock::engine {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

// The real model behind the real handlers, with small limits.
EngineService& service() {
  static const std::unique_ptr<EngineService> made = [] {
    EngineOptions options{.model = PENSTOCK_CHAT_MODEL, .model_name = "smol"};
    options.context_tokens = 2'048;
    options.sequences_max = 4;
    options.queue_max = 8;
    return EngineService::create(options, system_clock(), system_random()).value();
  }();
  return *made;
}

TestStream chat(std::string_view members, int leaves_after_writes = -1) {
  TestStream stream;
  stream.leaves_after_writes = leaves_after_writes;
  Request request = post(R"({"model":"smol","temperature":0,)" + std::string(members) + "}");
  run_task(chat_completions(service(), request, stream));
  return stream;
}

TestStream text(std::string_view members) {
  TestStream stream;
  Request request = post(R"({"model":"smol","temperature":0,)" + std::string(members) + "}");
  run_task(text_completions(service(), request, stream));
  return stream;
}

constexpr std::string_view kHello = R"("messages":[{"role":"system","content":""},)"
                                    R"({"role":"user","content":"What is the capital of France?"}])";

std::string hello(std::string_view members) { return std::string(kHello) + "," + std::string(members); }

TEST(ChatHandler, AnswersWithEveryRequiredMember) {
  const TestStream stream = chat(hello(R"("max_tokens":32)"));
  ASSERT_EQ(stream.head.status, 200) << stream.body;
  const Json answer = stream.json();
  EXPECT_THAT(std::string(string_at(answer, "id")), StartsWith("chatcmpl-"));
  EXPECT_EQ(string_at(answer, "object"), "chat.completion");
  EXPECT_EQ(string_at(answer, "model"), "smol");
  EXPECT_EQ(string_at(answer, "system_fingerprint"), service().model->fingerprint());
  const Json& choice = answer.at("choices").at(0);
  EXPECT_EQ(choice.at("index"), 0);
  EXPECT_EQ(choice.at("message").at("role"), "assistant");
  EXPECT_THAT(std::string(choice.at("message").at("content").as_string()), HasSubstr("Paris"));
  EXPECT_TRUE(choice.at("message").at("refusal").is_null());
  EXPECT_TRUE(choice.at("logprobs").is_null());
  EXPECT_EQ(choice.at("finish_reason"), "stop");
  const Json& usage = answer.at("usage");
  EXPECT_EQ(int_at(usage, "prompt_tokens") + int_at(usage, "completion_tokens"),
            int_at(usage, "total_tokens"));
}

TEST(ChatHandler, CountsThePromptOnceForSeveralChoices) {
  const Json one = chat(hello(R"("max_tokens":3)")).json();
  const Json three = chat(hello(R"("max_tokens":3,"n":3)")).json();
  EXPECT_EQ(three.at("choices").as_array().size(), 3U);
  EXPECT_EQ(three.at("usage").at("prompt_tokens"), one.at("usage").at("prompt_tokens"));
  EXPECT_EQ(three.at("usage").at("completion_tokens"), 9);
  EXPECT_EQ(three.at("choices").at(2).at("finish_reason"), "length");
}

TEST(ChatHandler, StreamsRoleTextEndUsageAndDoneInOrder) {
  const TestStream stream =
      chat(hello(R"("max_tokens":4,"stream":true,"stream_options":{"include_usage":true})"));
  EXPECT_EQ(stream.head.headers.get("content-type"), "text/event-stream; charset=utf-8");
  EXPECT_TRUE(stream.finished);
  auto events = stream.events();
  ASSERT_GE(events.size(), 4U);
  EXPECT_EQ(events.back(), "[DONE]");
  events.pop_back();
  std::set<std::string> ids;
  std::string content;
  for (size_t i = 0; i < events.size(); ++i) {
    const Json chunk = parse_json(events[i]).value();
    ids.insert(std::string(string_at(chunk, "id")));
    EXPECT_EQ(string_at(chunk, "object"), "chat.completion.chunk");
    if (i + 1 == events.size()) {
      EXPECT_TRUE(chunk.at("choices").as_array().empty());
      EXPECT_EQ(chunk.at("usage").at("completion_tokens"), 4);
      continue;
    }
    EXPECT_TRUE(chunk.at("usage").is_null());
    const Json& choice = chunk.at("choices").at(0);
    EXPECT_EQ(choice.at("delta").as_object().contains("role"), i == 0);
    content += string_at(choice.at("delta"), "content");
    const bool last = i + 2 == events.size();
    EXPECT_EQ(choice.at("finish_reason").is_null(), !last);
    if (last) EXPECT_TRUE(choice.at("delta").as_object().empty());
  }
  EXPECT_EQ(ids.size(), 1U);
  EXPECT_EQ(content, std::string(chat(hello(R"("max_tokens":4)"))
                                     .json()
                                     .at("choices")
                                     .at(0)
                                     .at("message")
                                     .at("content")
                                     .as_string()));
}

TEST(ChatHandler, LeavesUsageOutOfStreamsThatDidNotAskForIt) {
  const TestStream stream = chat(hello(R"("max_tokens":2,"stream":true)"));
  EXPECT_THAT(stream.body, ::testing::Not(HasSubstr("usage")));
}

TEST(ChatHandler, ReportsLogprobsOfEveryToken) {
  const Json answer = chat(hello(R"("max_tokens":4,"logprobs":true,"top_logprobs":2)")).json();
  const auto& content = answer.at("choices").at(0).at("logprobs").at("content").as_array();
  ASSERT_EQ(content.size(), 4U);
  EXPECT_EQ(content[0].at("top_logprobs").as_array().size(), 2U);
  EXPECT_EQ(content[0].at("token"), content[0].at("top_logprobs").at(0).at("token"));
  EXPECT_FALSE(content[0].at("bytes").as_array().empty());
}

TEST(ChatHandler, KeepsItsAnswerToTheSchema) {
  const Json answer =
      chat(hello(
               R"("max_tokens":100,"response_format":{"type":"json_schema","json_schema":{"name":"s","schema":
         {"type":"object","properties":{"city":{"type":"string","maxLength":12},"big":{"type":"boolean"}},
          "required":["city","big"],"additionalProperties":false}}})"))
          .json();
  const Json& choice = answer.at("choices").at(0);
  auto value = parse_json(choice.at("message").at("content").as_string());
  ASSERT_TRUE(value) << choice;
  EXPECT_TRUE(value->at("city").is_string());
  EXPECT_TRUE(value->at("big").is_bool());
}

TEST(ChatHandler, CallsTheToolThatIsRequired) {
  const std::string members = hello(
      R"("max_tokens":80,"tool_choice":"required","tools":[{"type":"function","function":{"name":"look_up",
         "parameters":{"type":"object","properties":{"what":{"type":"string","maxLength":10}},
                       "required":["what"],"additionalProperties":false}}}])");
  const Json answer = chat(members).json();
  const Json& choice = answer.at("choices").at(0);
  EXPECT_EQ(choice.at("finish_reason"), "tool_calls");
  EXPECT_TRUE(choice.at("message").at("content").is_null());
  const Json& call = choice.at("message").at("tool_calls").at(0);
  EXPECT_EQ(call.at("type"), "function");
  EXPECT_EQ(call.at("function").at("name"), "look_up");
  EXPECT_TRUE(parse_json(call.at("function").at("arguments").as_string())->at("what").is_string());

  bool named = false;
  for (const std::string& event : chat(members + R"(,"stream":true)").events()) {
    if (event == "[DONE]") continue;
    const Json chunk = parse_json(event).value();
    const Json* calls = find(chunk.at("choices").at(0).at("delta"), "tool_calls");
    if (calls == nullptr) continue;
    EXPECT_EQ(calls->at(0).at("index"), 0);
    EXPECT_EQ(!string_at(calls->at(0), "id").empty(), !named) << "id and name come once, first";
    named = true;
  }
  EXPECT_TRUE(named);
}

TEST(ChatHandler, RefusesWhatCannotBeServed) {
  EXPECT_EQ(chat(R"("messages":[])").head.status, 400);
  EXPECT_EQ(chat(hello(R"("logit_bias":{"999999":1})")).json().at("error").at("param"), "logit_bias");
  TestStream unknown;
  Request request = post(R"({"model":"other","messages":[{"role":"user","content":"Hi"}]})");
  run_task(chat_completions(service(), request, unknown));
  EXPECT_EQ(unknown.head.status, 404);
  EXPECT_EQ(unknown.json().at("error").at("code"), "model_not_found");
  std::string words;
  for (int i = 0; i < 3'000; ++i) words += "word ";
  const TestStream overflow = chat(R"("messages":[{"role":"user","content":")" + words + R"("}])");
  EXPECT_EQ(overflow.head.status, 400);
  EXPECT_EQ(overflow.json().at("error").at("code"), "context_length_exceeded");
  EXPECT_EQ(overflow.json().at("error").at("param"), "messages");
}

TEST(ChatHandler, StopsGeneratingWhenTheClientGoes) {
  const TestStream stream = chat(hello(R"("stream":true,"ignore_eos":true)"), 3);
  EXPECT_TRUE(stream.aborted);
  EXPECT_THAT(stream.body, ::testing::Not(HasSubstr("[DONE]")));
  // Its slot is free again: this would wait for 2,000 tokens otherwise.
  EXPECT_EQ(chat(hello(R"("max_tokens":2)")).head.status, 200);
}

TEST(TextHandler, CompletesEveryPromptInOrder) {
  const TestStream stream = text(R"("prompt":["The sea is","One, two, three,"],"max_tokens":4,"n":2)");
  ASSERT_EQ(stream.head.status, 200) << stream.body;
  const Json answer = stream.json();
  const auto& choices = answer.at("choices").as_array();
  ASSERT_EQ(choices.size(), 4U);
  for (size_t i = 0; i < 4; ++i) EXPECT_EQ(choices[i].at("index"), i);
  EXPECT_EQ(choices[0].at("text"), choices[1].at("text"));
  EXPECT_THAT(std::string(choices[2].at("text").as_string()), HasSubstr("four"));
  EXPECT_EQ(answer.at("usage").at("completion_tokens"), 16);
}

TEST(TextHandler, EchoesThePromptWithItsLogprobs) {
  const Json answer = text(R"("prompt":"The sea is","max_tokens":0,"echo":true,"logprobs":1)").json();
  const Json& choice = answer.at("choices").at(0);
  EXPECT_EQ(choice.at("text"), "The sea is");
  const Json& logprobs = choice.at("logprobs");
  EXPECT_EQ(logprobs.at("tokens").as_array().size(), 3U);
  EXPECT_TRUE(logprobs.at("token_logprobs").at(0).is_null());
  EXPECT_LT(logprobs.at("token_logprobs").at(1).as_double(), 0);
  EXPECT_EQ(logprobs.at("text_offset").at(1), 3);
  EXPECT_EQ(answer.at("usage").at("completion_tokens"), 0);
}

TEST(TextHandler, KeepsTheLikeliestOfBestOf) {
  const Json best =
      text(R"("prompt":"The sea is","max_tokens":6,"best_of":3,"temperature":1,"seed":4,"logprobs":0)")
          .json();
  ASSERT_EQ(best.at("choices").as_array().size(), 1U);
  EXPECT_EQ(best.at("usage").at("completion_tokens"), 18) << "all that was generated is counted";
}

TEST(TextHandler, StreamsChoicesByIndex) {
  const TestStream stream = text(R"("prompt":["a","b"],"max_tokens":2,"stream":true)");
  std::set<int64_t> ended;
  for (const std::string& event : stream.events()) {
    if (event == "[DONE]") continue;
    const Json chunk = parse_json(event).value();
    const Json& choice = chunk.at("choices").at(0);
    if (!choice.at("finish_reason").is_null()) ended.insert(int_at(choice, "index"));
  }
  EXPECT_EQ(ended, (std::set<int64_t>{0, 1}));
  EXPECT_TRUE(stream.finished);
}

}  // namespace
}  // namespace penstock::engine
