#include "providers/translation.h"

#include <gtest/gtest.h>

#include <numeric>

#include "core/json.h"
#include "core/random.h"
#include "providers/translation_fixture.h"

namespace penstock::providers {
namespace {

struct Pair {
  Operation operation;
  Protocol upstream;
  std::string_view stream;
};
constexpr Pair kPairs[] = {
    {Operation::kChat, Protocol::kAnthropic, kMessagesStream},
    {Operation::kMessages, Protocol::kOpenAi, kChatStream},
    {Operation::kResponses, Protocol::kOpenAi, kChatStream},
    {Operation::kResponses, Protocol::kAnthropic, kMessagesStream},
};

Translated translate(const Pair& pair, std::string_view stream, const std::vector<size_t>& cuts = {1'000'000},
                     const TranslationContext& context = test_context()) {
  auto translation = make_answer_translation(pair.operation, pair.upstream, context);
  return translate_stream(*translation, stream, cuts);
}

std::vector<std::string> events(Operation operation, Protocol upstream, std::string_view stream,
                                const TranslationContext& context = test_context()) {
  Translated translated = translate({operation, upstream, ""}, stream, {1'000'000}, context);
  EXPECT_TRUE(translated.outcome) << translated.outcome.error().message;
  return events_of(translated.bytes);
}

// The data of chat chunks without what is the same in all of them.
std::string short_chunk(std::string chunk) {
  constexpr std::string_view kHead =
      R"({"id":"msg_1","object":"chat.completion.chunk","created":1700000000,"model":"asked","choices":[)";
  EXPECT_TRUE(chunk == "[DONE]" || chunk.starts_with(kHead)) << chunk;
  return chunk == "[DONE]" ? chunk : chunk.substr(kHead.size());
}

TEST(MessagesAnswerToChat, AStreamBecomesChunks) {
  std::vector<std::string> chunks = events(Operation::kChat, Protocol::kAnthropic, kMessagesStream);
  auto delta = [](std::string_view json, std::string_view reason = "null") {
    return R"({"index":0,"delta":)" + std::string(json) + R"(,"logprobs":null,"finish_reason":)" +
           std::string(reason) + R"(}],"usage":null})";
  };
  auto call = [&](std::string_view json) { return delta(R"({"tool_calls":[)" + std::string(json) + "]}"); };
  std::vector<std::string> expected = {
      delta(R"({"role":"assistant","content":"","refusal":null})"),
      delta(R"({"reasoning_content":"Hm\n"})"),
      delta(R"({"thinking_blocks":[{"type":"thinking","thinking":"Hm\n","signature":"Eq=="}]})"),
      delta("{\"content\":\"Gr\\u00fc\\u00dfe \xF0\x9F\x98\x80\"}"),
      call(R"({"index":0,"id":"toolu_1","type":"function","function":{"name":"f","arguments":""}})"),
      call(R"({"index":0,"function":{"arguments":"{\"a\":"}})"),
      call(R"({"index":0,"function":{"arguments":"1}"}})"),
      call(R"({"index":1,"id":"toolu_2","type":"function","function":{"name":"g","arguments":""}})"),
      call(R"({"index":1,"function":{"arguments":"{}"}})"),
      delta("{}", R"("tool_calls")"),
      R"(],"usage":{"prompt_tokens":15,"completion_tokens":20,"total_tokens":35,)"
      R"("prompt_tokens_details":{"cached_tokens":5,"cache_write_tokens":0,"audio_tokens":0},)"
      R"("completion_tokens_details":{"reasoning_tokens":0,"audio_tokens":0,"accepted_prediction_tokens":0,)"
      R"("rejected_prediction_tokens":0}}})",
      "[DONE]"};
  ASSERT_EQ(chunks.size(), expected.size());
  for (size_t i = 0; i < chunks.size(); ++i) EXPECT_EQ(short_chunk(chunks[i]), expected[i]);
}

TEST(MessagesAnswerToChat, UsageComesOnlyWhenAskedFor) {
  TranslationContext context = test_context();
  context.usage_asked = false;
  for (const std::string& chunk : events(Operation::kChat, Protocol::kAnthropic, kMessagesStream, context)) {
    EXPECT_FALSE(chunk.contains("usage")) << chunk;
  }
}

TEST(MessagesAnswerToChat, AWholeAnswerBecomesACompletion) {
  auto translation = make_answer_translation(Operation::kChat, Protocol::kAnthropic, test_context());
  auto whole = translation->whole(
      R"({"id":"msg_1","type":"message","role":"assistant","model":"c","content":[)"
      R"({"type":"thinking","thinking":"hm","signature":"s"},{"type":"text","text":"a\""},)"
      R"({"type":"server_tool_use","id":"s","name":"web_search","input":{}},{"type":"text","text":"b"},)"
      R"({"type":"tool_use","id":"t","name":"f","input":{"x": 1}}],"stop_reason":"tool_use",)"
      R"("usage":{"input_tokens":1,"output_tokens":2}})");
  ASSERT_TRUE(whole) << whole.error().message;
  EXPECT_TRUE(whole->starts_with(
      R"({"id":"msg_1","object":"chat.completion","created":1700000000,"model":"asked",)"
      R"("choices":[{"index":0,)"
      R"("message":{"role":"assistant","content":"a\"b","refusal":null,"reasoning_content":"hm",)"
      R"("thinking_blocks":[{"type":"thinking","thinking":"hm","signature":"s"}],)"
      R"("tool_calls":[{"id":"t","type":"function","function":{"name":"f","arguments":"{\"x\": 1}"}}]},)"
      R"("logprobs":null,"finish_reason":"tool_calls"}],"usage":{"prompt_tokens":1,"completion_tokens":2,)"))
      << *whole;
}

TEST(MessagesAnswerToChat, AnAnswerByToolIsAnAnswer) {
  auto translation = make_answer_translation(Operation::kChat, Protocol::kAnthropic, test_context());
  auto whole = translation->whole(R"({"content":[{"type":"tool_use","id":"t","name":"json_response",)"
                                  R"("input":{"a":1}}],"stop_reason":"tool_use","usage":{}})");
  EXPECT_TRUE(whole->contains(R"("content":"{\"a\":1}")")) << *whole;
  EXPECT_TRUE(whole->contains(R"("finish_reason":"stop")"));
  std::string stream(kMessagesStream);
  stream.replace(stream.find("\"name\":\"f\""), 10, "\"name\":\"json_response\"");
  std::string text;
  for (const std::string& chunk : events(Operation::kChat, Protocol::kAnthropic, stream)) text += chunk;
  EXPECT_TRUE(text.contains(R"({"content":"{\"a\":"})")) << text;
  EXPECT_FALSE(text.contains("json_response"));
}

TEST(ChatAnswerToMessages, AStreamBecomesBlocksOneAfterTheOther) {
  std::vector<std::string> got = events(Operation::kMessages, Protocol::kOpenAi, kChatStream);
  auto delta = [](int index, std::string_view json) {
    return R"(content_block_delta {"type":"content_block_delta","index":)" + std::to_string(index) +
           R"(,"delta":)" + std::string(json) + "}";
  };
  auto start = [](int index, std::string_view json) {
    return R"(content_block_start {"type":"content_block_start","index":)" + std::to_string(index) +
           R"(,"content_block":)" + std::string(json) + "}";
  };
  auto stop = [](int index) {
    return R"(content_block_stop {"type":"content_block_stop","index":)" + std::to_string(index) + "}";
  };
  constexpr std::string_view kUsage =
      R"("usage":{"input_tokens":10,"cache_creation_input_tokens":0,"cache_read_input_tokens":5,)"
      R"("cache_creation":{"ephemeral_5m_input_tokens":0,"ephemeral_1h_input_tokens":0},"output_tokens":20,)"
      R"("output_tokens_details":{"thinking_tokens":3},"server_tool_use":null,"service_tier":"standard",)"
      R"("inference_geo":null})";
  ASSERT_EQ(got.size(), 16U);
  EXPECT_TRUE(got[0].starts_with(
      R"(message_start {"type":"message_start","message":{"id":"msg_r1","type":"message","role":"assistant",)"
      R"("model":"asked","content":[],"stop_reason":null,"stop_sequence":null,)"))
      << got[0];
  std::vector<std::string> expected = {
      start(0, R"({"type":"thinking","thinking":"","signature":""})"),
      delta(0, R"({"type":"thinking_delta","thinking":"Hm"})"),
      stop(0),
      start(1, R"({"type":"text","text":"","citations":[]})"),
      delta(1, R"({"type":"text_delta","text":"He"})"),
      delta(1, R"({"type":"text_delta","text":"llo"})"),
      stop(1),
      start(2, R"({"type":"tool_use","id":"call_1","name":"f","input":{},"caller":{"type":"direct"}})"),
      delta(2, R"({"type":"input_json_delta","partial_json":"{\"a\":1}"})"),
      stop(2),
      start(3, R"({"type":"tool_use","id":"call_2","name":"g","input":{},"caller":{"type":"direct"}})"),
      delta(3, R"({"type":"input_json_delta","partial_json":"{}"})"),
      stop(3),
      R"(message_delta {"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null,)"
      R"("stop_details":null,"container":null},)" +
          std::string(kUsage) + "}",
      R"(message_stop {"type":"message_stop"})"};
  for (size_t i = 0; i < expected.size(); ++i) EXPECT_EQ(got[i + 1], expected[i]);
}

std::string message_of(std::string_view choice) {
  auto translation = make_answer_translation(Operation::kMessages, Protocol::kOpenAi, test_context());
  auto whole =
      translation->whole(R"({"choices":[)" + std::string(choice) + R"(],"usage":{"prompt_tokens":1}})");
  return whole ? *whole : "error: " + whole.error().message;
}

TEST(ChatAnswerToMessages, AWholeAnswerBecomesAMessage) {
  std::string message =
      message_of(R"({"index":0,"message":{"role":"assistant","content":"hi","reasoning":"hm","tool_calls":[)"
                 R"({"id":"c","type":"function","function":{"name":"f","arguments":"{\"a\":1}"}},)"
                 R"({"id":"","type":"function","function":{"name":"g","arguments":"{\"a"}}]},)"
                 R"("finish_reason":"tool_calls"})");
  EXPECT_TRUE(message.starts_with(
      R"({"id":"msg_r1","type":"message","role":"assistant","model":"asked","content":[)"
      R"({"type":"thinking","thinking":"hm","signature":""},{"type":"text","text":"hi","citations":[]},)"
      R"({"type":"tool_use","id":"c","name":"f","input":{"a":1},"caller":{"type":"direct"}},)"
      R"({"type":"tool_use","id":"toolu_r1_1","name":"g","input":{"_unparsed":"{\"a"},)"
      R"("caller":{"type":"direct"}}],)"
      R"("stop_reason":"tool_use","stop_sequence":null,"stop_details":null,"container":null,)"
      R"("usage":{"input_tokens":1)"))
      << message;
}

TEST(ChatAnswerToMessages, EveryEndHasItsReason) {
  constexpr std::pair<std::string_view, std::string_view> kEnds[] = {
      {R"("finish_reason":"stop")", R"("stop_reason":"end_turn","stop_sequence":null)"},
      {R"("finish_reason":"length")", R"("stop_reason":"max_tokens")"},
      {R"("finish_reason":"content_filter")", R"("stop_reason":"refusal")"},
      {R"("finish_reason":"stop","stop_reason":"END")",
       R"("stop_reason":"stop_sequence","stop_sequence":"END")"},
      {R"("finish_reason":"stop","stop_reason":128009)", R"("stop_reason":"end_turn")"},
      {R"("finish_reason":"eos")", R"("stop_reason":"end_turn")"},
  };
  for (const auto& [end, expected] : kEnds) {
    EXPECT_TRUE(message_of(R"({"message":{"content":"x"},)" + std::string(end) + "}").contains(expected))
        << end;
  }
  EXPECT_TRUE(message_of(R"({"message":{"content":null,"refusal":"no"},"finish_reason":"stop"})")
                  .contains(R"([{"type":"text","text":"no","citations":[]}],"stop_reason":"refusal")"));
  EXPECT_TRUE(message_of(R"({"message":{"tool_calls":[{"id":"c","function":{"name":"f","arguments":"{}"}}]},)"
                         R"("finish_reason":"stop"})")
                  .contains(R"("stop_reason":"tool_use")"));
}

TEST(ChatAnswerToMessages, ToolCallsWithoutIndexAreToldApartByTheirIds) {
  std::vector<std::string> got =
      events(Operation::kMessages, Protocol::kOpenAi,
             "data: "
             "{\"choices\":[{\"delta\":{\"tool_calls\":[{\"id\":\"a\",\"function\":{\"name\":\"f\","
             "\"arguments\":\"{\"}}]}}]}\n\n"
             "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"function\":{\"arguments\":\"}\"}}]}}]}\n\n"
             "data: "
             "{\"choices\":[{\"delta\":{\"tool_calls\":[{\"id\":\"b\",\"function\":{\"name\":\"g\","
             "\"arguments\":\"{}\"}}]}}]}\n\n"
             "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"tool_calls\"}]}\n\n");
  std::string all = std::accumulate(got.begin(), got.end(), std::string());
  EXPECT_TRUE(all.contains(R"("index":0,"content_block":{"type":"tool_use","id":"a")")) << all;
  EXPECT_TRUE(all.contains(R"("index":1,"content_block":{"type":"tool_use","id":"b")")) << all;
}

TEST(ChatAnswerToResponses, AStreamIsNamedNumberedAndComplete) {
  std::vector<std::string> got = events(Operation::kResponses, Protocol::kOpenAi, kChatStream);
  std::string names;
  for (size_t i = 0; i < got.size(); ++i) {
    std::string name = got[i].substr(0, got[i].find(' '));
    names += name.substr(name.find('.') + 1) + " ";
    auto event = parse_json(std::string_view(got[i]).substr(name.size() + 1));
    ASSERT_TRUE(event) << got[i];
    EXPECT_EQ(string_at(*event, "type"), name);
    EXPECT_EQ(int_at(*event, "sequence_number"), static_cast<int64_t>(i));
  }
  EXPECT_EQ(names,
            "created in_progress "
            "output_item.added reasoning_summary_part.added reasoning_summary_text.delta "
            "reasoning_summary_text.done reasoning_summary_part.done output_item.done "
            "output_item.added content_part.added output_text.delta output_text.delta output_text.done "
            "content_part.done output_item.done "
            "output_item.added function_call_arguments.delta function_call_arguments.done output_item.done "
            "output_item.added function_call_arguments.delta function_call_arguments.done output_item.done "
            "completed ");
  EXPECT_TRUE(got.back().contains(
      R"("output":[{"id":"rs_r1_0","type":"reasoning","summary":[{"type":"summary_text","text":"Hm"}]},)"
      R"({"id":"msg_r1_1","type":"message","status":"completed","role":"assistant","content":[)"
      R"({"type":"output_text","text":"Hello","annotations":[],"logprobs":[]}]},)"
      R"({"id":"fc_r1_2","type":"function_call","status":"completed","arguments":"{\"a\":1}",)"
      R"("call_id":"call_1",)"
      R"("name":"f"},{"id":"fc_r1_3","type":"function_call","status":"completed","arguments":"{}",)"
      R"("call_id":"call_2","name":"g"}])"))
      << got.back();
  EXPECT_TRUE(got.back().contains(
      R"("usage":{"input_tokens":15,"input_tokens_details":{"cached_tokens":5,"cache_write_tokens":0},)"
      R"("output_tokens":20,"output_tokens_details":{"reasoning_tokens":3},"total_tokens":35})"))
      << got.back();
}

TEST(ChatAnswerToResponses, SettingsAreEchoedWithTheirDefaults) {
  TranslationContext context = test_context(
      R"({"input":"x","instructions":"be brief","temperature":0.5,"store":true,"reasoning":{"effort":"low"},)"
      R"("text":{"format":{"type":"json_object"}},"tools":[{"type":"function","name":"f"}],)"
      R"("metadata":null})");
  auto translation = make_answer_translation(Operation::kResponses, Protocol::kOpenAi, context);
  auto whole = translation->whole(R"({"choices":[{"message":{"content":"cut"},"finish_reason":"length"}]})");
  ASSERT_TRUE(whole) << whole.error().message;
  for (std::string_view part :
       {R"("id":"resp_r1","object":"response","created_at":1700000000,"status":"incomplete")",
        R"("incomplete_details":{"reason":"max_output_tokens"})", R"("instructions":"be brief")",
        R"("temperature":0.5)", R"("top_p":1.0)", R"("metadata":{})", R"("store":false)",
        R"("reasoning":{"effort":"low","summary":null})",
        R"("text":{"format":{"type":"json_object"},"verbosity":"medium"})",
        R"("tools":[{"type":"function","name":"f","description":null,"parameters":null,"strict":false}])",
        R"("status":"incomplete","role":"assistant")"}) {
    EXPECT_TRUE(whole->contains(part)) << part << "\n" << *whole;
  }
}

TEST(ChatAnswerToResponses, AFailureIsToldInTheStreamsOwnWords) {
  auto translation = make_answer_translation(Operation::kResponses, Protocol::kOpenAi, test_context());
  std::string out;
  (void)translation->event({.data = R"({"choices":[{"delta":{"content":"x"}}]})"}, out);
  std::vector<std::string> told = events_of(
      translation->error_event(Error{.code = ErrorCode::kUpstream, .message = "cut", .reason = "r"}));
  ASSERT_EQ(told.size(), 2U);
  EXPECT_EQ(told[0], R"(error {"type":"error","sequence_number":5,"code":"r","message":"cut","param":null,)"
                     R"("error":{"message":"cut","type":"server_error","param":null,"code":"r"}})");
  EXPECT_TRUE(told[1].starts_with(R"(response.failed {"type":"response.failed","sequence_number":6,)"));
  EXPECT_TRUE(told[1].contains(R"("status":"failed","error":{"code":"server_error","message":"cut"})"));
}

TEST(ResponsesOverAnthropic, SignaturesComeWhenAskedFor) {
  TranslationContext context = test_context(R"({"include":["reasoning.encrypted_content"]})");
  std::vector<std::string> got =
      events(Operation::kResponses, Protocol::kAnthropic, kMessagesStream, context);
  EXPECT_TRUE(got.back().contains(
      R"({"id":"rs_r1_0","type":"reasoning","summary":[{"type":"summary_text","text":"Hm\n"}],)"
      R"("encrypted_content":"Eq=="})"))
      << got.back();
  EXPECT_TRUE(got.back().contains(R"("input_tokens":15)"));
}

TEST(Translations, NativePairsNeedNone) {
  EXPECT_EQ(make_answer_translation(Operation::kChat, Protocol::kOpenAi, {}), nullptr);
  EXPECT_EQ(make_answer_translation(Operation::kMessages, Protocol::kAnthropic, {}), nullptr);
  EXPECT_EQ(make_answer_translation(Operation::kCountTokens, Protocol::kOpenAi, {}), nullptr);
}

TEST(Translations, GiveTheSameBytesHoweverTheStreamWasCut) {
  uint64_t seed = system_random().next_u64();
  SCOPED_TRACE("seed " + std::to_string(seed));
  SeededRandom random(seed);
  for (const Pair& pair : kPairs) {
    Translated whole = translate(pair, pair.stream);
    ASSERT_TRUE(whole.outcome) << whole.outcome.error().message;
    for (int round = 0; round < 30; ++round) {
      std::vector<size_t> cuts(7);
      for (size_t& cut : cuts) cut = random.next_u64() % (static_cast<uint64_t>(round) + 2) + 1;
      EXPECT_EQ(translate(pair, pair.stream, cuts).bytes, whole.bytes);
    }
  }
}

TEST(Translations, EndWithAnErrorWhereTheUpstreamBreaksItsProtocol) {
  constexpr std::string_view kBroken[] = {
      "data: hello\n\n",
      "data: {\"choices\":[1]}\n\n",
      "data: {\"error\":{\"message\":\"no\"},\"type\":\"error\"}\n\n",
      "data: "
      "{\"type\":\"content_block_delta\",\"index\":9,\"delta\":{\"type\":\"text_delta\",\"text\":\"x\"},"
      "\"choices\":{}}\n\n",
  };
  for (const Pair& pair : kPairs) {
    for (std::string_view broken : kBroken) {
      if (pair.upstream == Protocol::kAnthropic && broken.contains("[1]")) continue;
      Translated translated = translate(pair, broken);
      ASSERT_FALSE(translated.outcome) << broken;
      EXPECT_EQ(translated.outcome.error().code, ErrorCode::kUpstream);
    }
    auto translation = make_answer_translation(pair.operation, pair.upstream, test_context());
    for (std::string_view body : {"<html>", "{}", R"({"choices":[],"content":1})"}) {
      EXPECT_EQ(translation->whole(body).error().code, ErrorCode::kUpstream) << body;
    }
  }
}

TEST(ChatAnswer, GoingBackToAnEndedCallIsAnUpstreamError) {
  Translated translated = translate(
      {Operation::kMessages, Protocol::kOpenAi, ""},
      "data: "
      "{\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"a\",\"function\":{\"name\":\"f\","
      "\"arguments\":\"{\"}}]}}]}\n\n"
      "data: "
      "{\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":1,\"id\":\"b\",\"function\":{\"name\":\"f\","
      "\"arguments\":\"{}\"}}]}}]}\n\n"
      "data: "
      "{\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"}\"}}]}}]}\n\n");
  EXPECT_FALSE(translated.outcome);
}

}  // namespace
}  // namespace penstock::providers
