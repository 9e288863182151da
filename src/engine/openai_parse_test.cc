#include "engine/openai_parse.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace penstock::engine {
namespace {

using ::testing::ElementsAre;

constexpr std::string_view kMessages = R"("messages":[{"role":"user","content":"Hi"}])";

std::string chat(std::string_view members) {
  std::string body = R"({"model":"m",)";
  body += kMessages;
  if (!members.empty()) body += ",";
  return body + std::string(members) + "}";
}

ChatRequest parsed(std::string_view members) {
  auto request = parse_chat_request(chat(members));
  EXPECT_TRUE(request) << request.error().message;
  return request.value_or(ChatRequest());
}

TEST(ParseChat, GivesDefaultsToWhatIsAbsentOrNull) {
  const ChatRequest request = parsed(R"("temperature":null,"stop":null,"tools":null,"unknown":{"x":1})");
  EXPECT_EQ(request.options.sampling.temperature, 1);
  EXPECT_EQ(request.options.choices, 1);
  EXPECT_FALSE(request.options.stream);
  EXPECT_FALSE(request.options.tokens_max);
  EXPECT_FALSE(request.options.top_logprobs);
  ASSERT_EQ(request.messages.size(), 1U);
  EXPECT_EQ(request.messages[0].content, "Hi");
}

TEST(ParseChat, ReadsEverySamplingParameter) {
  const ChatRequest request = parsed(
      R"("temperature":0.5,"top_p":0.9,"seed":-3,"stop":["a","b"],"max_tokens":7,"n":2,"presence_penalty":-1,
         "frequency_penalty":0.25,"logit_bias":{"5":-100,"6":2.5},"logprobs":true,"top_logprobs":3,"top_k":4,
         "min_p":0.1,"repetition_penalty":1.1,"ignore_eos":true,"stream":true,
         "stream_options":{"include_usage":true})");
  const SamplingOptions& sampling = request.options.sampling;
  EXPECT_FLOAT_EQ(sampling.temperature, 0.5F);
  EXPECT_FLOAT_EQ(sampling.top_p, 0.9F);
  EXPECT_EQ(sampling.seed, static_cast<uint64_t>(-3));
  EXPECT_THAT(request.options.stops, ElementsAre("a", "b"));
  EXPECT_EQ(request.options.tokens_max, 7);
  EXPECT_EQ(request.options.choices, 2);
  EXPECT_FLOAT_EQ(sampling.presence_penalty, -1);
  EXPECT_FLOAT_EQ(sampling.frequency_penalty, 0.25F);
  ASSERT_EQ(sampling.logit_bias.size(), 2U);
  EXPECT_EQ(request.options.top_logprobs, 3);
  EXPECT_EQ(sampling.top_k, 4);
  EXPECT_FLOAT_EQ(sampling.min_p, 0.1F);
  EXPECT_FLOAT_EQ(sampling.repetition_penalty, 1.1F);
  EXPECT_TRUE(request.options.ignore_end);
  EXPECT_TRUE(request.options.stream_usage);
}

TEST(ParseChat, PrefersMaxCompletionTokens) {
  EXPECT_EQ(parsed(R"("max_tokens":7,"max_completion_tokens":9)").options.tokens_max, 9);
}

TEST(ParseChat, ReadsConversationsWithTools) {
  auto request = parse_chat_request(
      R"({"model":"m","messages":[
            {"role":"developer","content":"Be brief."},
            {"role":"user","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]},
            {"role":"assistant","content":null,
             "tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{\"x\":1}"}}]},
            {"role":"tool","tool_call_id":"c1","content":"42"}],
          "tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object"}}},
                   {"type":"function","function":{"name":"g"}}],
          "tool_choice":{"type":"function","function":{"name":"g"}}})");
  ASSERT_TRUE(request) << request.error().message;
  EXPECT_EQ(request->messages[0].role, "system");
  EXPECT_EQ(request->messages[1].content, "a\nb");
  EXPECT_EQ(request->messages[2].tool_calls[0].arguments, R"({"x":1})");
  EXPECT_EQ(request->messages[3].tool_call_id, "c1");
  ASSERT_EQ(request->tools.size(), 1U) << "a named tool leaves no other";
  EXPECT_EQ(request->tools[0].name, "g");
  EXPECT_EQ(request->tool_choice, ToolChoice::kRequired);
}

TEST(ParseChat, ReadsResponseFormats) {
  EXPECT_FALSE(parsed(R"("response_format":{"type":"text"})").output_schema);
  EXPECT_EQ(parsed(R"("response_format":{"type":"json_object"})").output_schema, "{}");
  EXPECT_EQ(
      parsed(
          R"("response_format":{"type":"json_schema","json_schema":{"name":"s","schema":{"type":"object"}}})")
          .output_schema,
      R"({"type":"object"})");
}

struct Refusal {
  std::string_view members;
  std::string_view field;
};

TEST(ParseChat, NamesTheMemberThatIsWrong) {
  constexpr Refusal kRefusals[] = {
      {R"("temperature":2.1)", "temperature"},
      {R"("temperature":"hot")", "temperature"},
      {R"("top_p":-0.1)", "top_p"},
      {R"("n":0)", "n"},
      {R"("n":129)", "n"},
      {R"("n":1.5)", "n"},
      {R"("max_tokens":0)", "max_tokens"},
      {R"("max_completion_tokens":-1)", "max_completion_tokens"},
      {R"("presence_penalty":2.5)", "presence_penalty"},
      {R"("frequency_penalty":-2.5)", "frequency_penalty"},
      {R"("repetition_penalty":0)", "repetition_penalty"},
      {R"("logit_bias":[1])", "logit_bias"},
      {R"("logit_bias":{"a":1})", "logit_bias"},
      {R"("logit_bias":{"1":101})", "logit_bias.1"},
      {R"("top_logprobs":2)", "top_logprobs"},
      {R"("logprobs":true,"top_logprobs":21)", "top_logprobs"},
      {R"("seed":"x")", "seed"},
      {R"("stop":["a","b","c","d","e"])", "stop"},
      {R"("stop":[1])", "stop"},
      {R"("stop":"")", "stop"},
      {R"("stream":"yes")", "stream"},
      {R"("stream_options":{"include_usage":true})", "stream_options"},
      {R"("tool_choice":"required")", "tool_choice"},
      {R"("tool_choice":"maybe")", "tool_choice"},
      {R"("tools":{})", "tools"},
      {R"("tools":[{"type":"web_search"}])", "tools[0].type"},
      {R"("tools":[{"type":"function","function":{"name":"a b"}}])", "tools[0].function.name"},
      {R"("functions":[])", "functions"},
      {R"("response_format":{"type":"xml"})", "response_format.type"},
      {R"("response_format":{"type":"json_schema"})", "response_format.json_schema"},
      {R"("response_format":"json")", "response_format"},
  };
  for (const Refusal& refusal : kRefusals) {
    auto request = parse_chat_request(chat(refusal.members));
    ASSERT_FALSE(request) << refusal.members;
    EXPECT_EQ(request.error().code, ErrorCode::kInvalidArgument) << refusal.members;
    EXPECT_EQ(request.error().field, refusal.field) << refusal.members;
  }
}

TEST(ParseChat, NamesTheMessageThatIsWrong) {
  constexpr Refusal kRefusals[] = {
      {R"("messages":[])", "messages"},
      {R"("messages":"Hi")", "messages"},
      {R"("messages":[1])", "messages[0]"},
      {R"("messages":[{"content":"Hi"}])", "messages[0].role"},
      {R"("messages":[{"role":"robot","content":"Hi"}])", "messages[0].role"},
      {R"("messages":[{"role":"user"}])", "messages[0].content"},
      {R"("messages":[{"role":"user","content":1}])", "messages[0].content"},
      {R"("messages":[{"role":"user","content":[{"type":"image_url"}]}])", "messages[0].content[0].type"},
      {R"("messages":[{"role":"assistant","tool_calls":[{"id":"a"}]}])",
       "messages[0].tool_calls[0].function"},
      {R"("x":1)", "messages"},
  };
  for (const Refusal& refusal : kRefusals) {
    auto request = parse_chat_request(R"({"model":"m",)" + std::string(refusal.members) + "}");
    ASSERT_FALSE(request) << refusal.members;
    EXPECT_EQ(request.error().field, refusal.field) << refusal.members;
  }
}

TEST(ParseChat, RefusesBodiesThatAreNoObject) {
  for (std::string_view body : {"", "{", "[]", "1", "{\"model\":\"\xFF\"}"}) {
    EXPECT_FALSE(parse_chat_request(body)) << body;
  }
  EXPECT_EQ(parse_chat_request(R"({"messages":[]})").error().field, "model");
}

TEST(ParseText, ReadsEveryFormOfPrompt) {
  auto one = parse_text_request(R"({"model":"m","prompt":"a"})");
  ASSERT_TRUE(one);
  EXPECT_EQ(std::get<std::string>(one->prompts[0]), "a");
  EXPECT_EQ(one->options.tokens_max, 16);
  auto texts = parse_text_request(R"({"model":"m","prompt":["a","b"]})");
  EXPECT_EQ(texts->prompts.size(), 2U);
  auto tokens = parse_text_request(R"({"model":"m","prompt":[1,2]})");
  EXPECT_THAT(std::get<std::vector<Token>>(tokens->prompts[0]), ElementsAre(1, 2));
  auto lists = parse_text_request(R"({"model":"m","prompt":[[1,2],[3]]})");
  EXPECT_THAT(std::get<std::vector<Token>>(lists->prompts[1]), ElementsAre(3));
}

TEST(ParseText, NamesTheMemberThatIsWrong) {
  constexpr Refusal kRefusals[] = {
      {R"("x":1)", "prompt"},
      {R"("prompt":[])", "prompt"},
      {R"("prompt":{})", "prompt"},
      {R"("prompt":[1,"a"])", "prompt"},
      {R"("prompt":["a",{}])", "prompt[1]"},
      {R"("prompt":[-1])", "prompt"},
      {R"("prompt":"a","suffix":"b")", "suffix"},
      {R"("prompt":"a","max_tokens":0)", "max_tokens"},
      {R"("prompt":"a","n":3,"best_of":2)", "best_of"},
      {R"("prompt":"a","best_of":2,"stream":true)", "best_of"},
      {R"("prompt":"a","logprobs":true)", "logprobs"},
  };
  for (const Refusal& refusal : kRefusals) {
    auto request = parse_text_request(R"({"model":"m",)" + std::string(refusal.members) + "}");
    ASSERT_FALSE(request) << refusal.members;
    EXPECT_EQ(request.error().field, refusal.field) << refusal.members;
  }
  EXPECT_TRUE(parse_text_request(R"({"model":"m","prompt":"a","max_tokens":0,"echo":true})"));
}

TEST(ParseEmbedding, ReadsInputsAndFormats) {
  auto request =
      parse_embedding_request(R"({"model":"m","input":["a","b"],"encoding_format":"base64","dimensions":8})");
  ASSERT_TRUE(request);
  EXPECT_EQ(request->inputs.size(), 2U);
  EXPECT_EQ(request->format, EmbeddingFormat::kBase64);
  EXPECT_EQ(request->dimensions, 8);
  EXPECT_EQ(parse_embedding_request(R"({"model":"m","input":"a","encoding_format":"int8"})").error().field,
            "encoding_format");
  EXPECT_EQ(parse_embedding_request(R"({"model":"m","input":"a","dimensions":0})").error().field,
            "dimensions");
  EXPECT_EQ(parse_embedding_request(R"({"model":"m"})").error().field, "input");
}

}  // namespace
}  // namespace penstock::engine
