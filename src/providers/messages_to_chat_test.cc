#include "providers/messages_to_chat.h"

#include <gtest/gtest.h>

namespace penstock::providers {
namespace {

using Strings = std::vector<std::string>;

Result<TranslatedRequest> translate(std::string_view body, std::string_view type = "openai_compatible",
                                    std::string_view model = "m") {
  auto fields = JsonFields::parse(body, "body");
  EXPECT_TRUE(fields) << fields.error().message << body;
  return messages_to_chat(*fields, model, *find_provider_type(type));
}

std::string messages_of(std::string_view messages, std::string_view type = "openai_compatible") {
  auto translated = translate(R"({"max_tokens":5,"messages":)" + std::string(messages) + "}", type);
  if (!translated) return "error: " + translated.error().message;
  auto fields = JsonFields::parse(translated->body, "body");
  return std::string(fields->raw("messages"));
}

// The members of the translated request without model, messages and limit.
std::string settings(std::string_view members, std::string_view type = "openai_compatible",
                     std::string_view model = "m") {
  auto translated = translate(R"({"max_tokens":5,"messages":[],)" + std::string(members) + "}", type, model);
  if (!translated) return "error: " + translated.error().message;
  auto fields = JsonFields::parse(translated->body, "body");
  std::string out;
  for (const JsonFields::Member& member : fields->members()) {
    if (member.name == "model" || member.name == "messages" || member.name.starts_with("max_")) continue;
    out.append(out.empty() ? "" : ",").append(member.name).append(":").append(member.raw);
  }
  for (const std::string& name : translated->dropped) out.append(" -").append(name);
  return out;
}

TEST(MessagesToChat, SystemAndPlainTextsStayPlain) {
  auto translated =
      translate(R"({"model":"x","max_tokens":5,"system":[{"type":"text","text":"s"}],)"
                R"("messages":[{"role":"user","content":[{"type":"text","text":"a"}]},)"
                R"({"role":"assistant","content":"b"},{"role":"user","content":"c"}],"stream":true})");
  EXPECT_EQ(translated->body,
            R"({"model":"m","messages":[{"role":"system","content":"s"},{"role":"user","content":"a"},)"
            R"({"role":"assistant","content":"b"},{"role":"user","content":"c"}],"max_tokens":5,)"
            R"("stream":true,"stream_options":{"include_usage":true}})");
}

TEST(MessagesToChat, TextsOfInstructionsAndToolsAreJoinedForSimpleServers) {
  auto translated =
      translate(R"({"max_tokens":5,"system":[{"type":"text","text":"a"},{"type":"text","text":"b"}],)"
                R"("messages":[{"role":"user","content":[{"type":"tool_result","tool_use_id":"t",)"
                R"("content":[{"type":"text","text":"1"},{"type":"text","text":"2"}]},)"
                R"({"type":"text","text":"x"},{"type":"text","text":"y"}]}]})");
  EXPECT_TRUE(translated->body.contains(
      R"([{"role":"system","content":"a\nb"},{"role":"tool","tool_call_id":"t","content":"1\n2"},)"
      R"({"role":"user","content":[{"type":"text","text":"x"},{"type":"text","text":"y"}]}])"))
      << translated->body;
}

TEST(MessagesToChat, CallsAndTheirResultsAreMessagesOfTheirOwn) {
  EXPECT_EQ(
      messages_of(R"([{"role":"assistant","content":[{"type":"text","text":"a"},{"type":"text","text":"b"},)"
                  R"({"type":"tool_use","id":"t1","name":"f","input":{"x": 1}},{"type":"tool_use","id":"t2",)"
                  R"("name":"g","input":{}}]},)"
                  R"({"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","content":"one"},)"
                  R"({"type":"tool_result","tool_use_id":"t2","content":[{"type":"text","text":"two"},)"
                  R"({"type":"image","source":{"type":"base64","media_type":"image/png","data":"AA"}}]},)"
                  R"({"type":"text","text":"now?"}]}])"),
      R"([{"role":"assistant","content":"ab","tool_calls":[)"
      R"({"id":"t1","type":"function","function":{"name":"f","arguments":"{\"x\": 1}"}},)"
      R"({"id":"t2","type":"function","function":{"name":"g","arguments":"{}"}}]},)"
      R"({"role":"tool","tool_call_id":"t1","content":"one"},{"role":"tool","tool_call_id":"t2",)"
      R"("content":"two"},)"
      R"({"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,AA"}},)"
      R"({"type":"text","text":"now?"}]}])");
}

TEST(MessagesToChat, GeminiGetsASignatureWithEarlierCalls) {
  EXPECT_TRUE(
      messages_of(R"([{"role":"assistant","content":[{"type":"tool_use","id":"t","name":"f","input":{}}]}])",
                  "gemini")
          .contains(R"("arguments":"{}"},"extra_content":{"google":{"thought_signature":)"));
}

TEST(MessagesToChat, AnAnswerOfCallsAloneHasNoText) {
  EXPECT_TRUE(
      messages_of(R"([{"role":"assistant","content":[{"type":"tool_use","id":"t","name":"f","input":{}}]}])")
          .contains(R"("content":null)"));
  EXPECT_TRUE(messages_of(R"([{"role":"user","content":[{"type":"tool_result","tool_use_id":"t"}]}])")
                  .contains(R"("content":"")"));
}

TEST(MessagesToChat, DocumentsBecomeFilesOrText) {
  EXPECT_EQ(
      messages_of(R"([{"role":"user","content":[{"type":"document","title":"a.pdf","source":)"
                  R"({"type":"base64","media_type":"application/pdf","data":"AA"}},)"
                  R"({"type":"document","source":{"type":"text","media_type":"text/plain","data":"t"}},)"
                  R"({"type":"search_result","source":"s","title":"t","content":[{"type":"text",)"
                  R"("text":"found"}]}]}])"),
      R"([{"role":"user","content":[{"type":"file","file":{"filename":"a.pdf",)"
      R"("file_data":"data:application/pdf;base64,AA"}},{"type":"text","text":"t"},{"type":"text",)"
      R"("text":"found"}]}])");
}

TEST(MessagesToChat, ThoughtsGoWhereTheyAreTaken) {
  constexpr std::string_view kThought =
      R"([{"role":"assistant","content":[{"type":"thinking","thinking":"hm","signature":"s"},)"
      R"({"type":"text","text":"a"}]}])";
  EXPECT_EQ(messages_of(kThought, "vllm"),
            R"([{"role":"assistant","content":"a","reasoning_content":"hm"}])");
  EXPECT_EQ(messages_of(kThought), R"([{"role":"assistant","content":"a"}])");
  auto translated = translate(R"({"max_tokens":5,"messages":)" + std::string(kThought) + "}");
  EXPECT_EQ(translated->dropped, Strings{"messages.content.thinking"});
}

TEST(MessagesToChat, CacheMarksGoWhereTheyAreKnown) {
  constexpr std::string_view kMarked =
      R"([{"role":"user","content":[{"type":"text","text":"a","cache_control":{"type":"ephemeral"}}]}])";
  EXPECT_EQ(
      messages_of(kMarked, "openrouter"),
      R"([{"role":"user","content":[{"type":"text","text":"a","cache_control":{"type":"ephemeral"}}]}])");
  EXPECT_EQ(messages_of(kMarked, "openai"), R"([{"role":"user","content":"a"}])");
}

TEST(MessagesToChat, ToolsAndTheirChoice) {
  EXPECT_EQ(settings(R"("tools":[{"name":"f","description":"d","input_schema":{"type":"object"}}])"),
            R"(tools:[{"type":"function","function":{"name":"f","description":"d",)"
            R"("parameters":{"type":"object"}}}])");
  EXPECT_EQ(settings(R"("tool_choice":{"type":"any","disable_parallel_tool_use":true})"),
            R"(tool_choice:"required",parallel_tool_calls:false)");
  EXPECT_EQ(settings(R"("tool_choice":{"type":"tool","name":"f"})"),
            R"(tool_choice:{"type":"function","function":{"name":"f"}})");
}

TEST(MessagesToChat, ThinkingIsAnEffortWhereOneIsTaken) {
  constexpr std::string_view kThinking = R"("thinking":{"type":"enabled","budget_tokens":5000})";
  EXPECT_EQ(settings(kThinking, "vllm"), R"(reasoning_effort:"medium")");
  EXPECT_EQ(settings(kThinking, "openai", "gpt-5-mini"), R"(reasoning_effort:"medium")");
  EXPECT_EQ(settings(kThinking, "openai", "gpt-4o"), " -thinking");
  EXPECT_EQ(settings(R"("thinking":{"type":"adaptive"},"output_config":{"effort":"max"})", "vllm"),
            R"(reasoning_effort:"xhigh")");
  EXPECT_EQ(settings(R"("thinking":{"type":"disabled"},"output_config":{"effort":"high"})", "vllm"), "");
}

TEST(MessagesToChat, AFormatIsAResponseFormat) {
  EXPECT_EQ(settings(R"("output_config":{"format":{"type":"json_schema","schema":{"type":"object"}}})"),
            R"(response_format:{"type":"json_schema","json_schema":{"name":"response",)"
            R"("schema":{"type":"object"},"strict":true}})");
}

TEST(MessagesToChat, SamplingAsFarAsItIsTaken) {
  constexpr std::string_view kSampling = R"("temperature":0.5,"top_k":3,"stop_sequences":["x"])";
  EXPECT_EQ(settings(kSampling, "vllm"), R"(temperature:0.5,top_k:3,stop:["x"])");
  EXPECT_EQ(settings(kSampling, "openai", "gpt-4o"), R"(temperature:0.5,stop:["x"] -top_k)");
  EXPECT_EQ(settings(kSampling, "openai", "o3"), " -temperature -top_k -stop_sequences");
  EXPECT_TRUE(translate(R"({"max_tokens":5,"messages":[]})", "openai", "o3")
                  ->body.contains(R"("max_completion_tokens":5)"));
}

TEST(MessagesToChat, AUserIsKeptShort) {
  EXPECT_EQ(settings(R"("metadata":{"user_id":"u"})"), R"(user:"u")");
  std::string hashed = settings(R"("metadata":{"user_id":")" + std::string(65, 'u') + R"("})");
  EXPECT_EQ(hashed.size(), std::string_view(R"(user:"")").size() + 64);
}

TEST(MessagesToChat, WhatHasNoCounterpartIsNamed) {
  EXPECT_EQ(settings(R"("container":"c","service_tier":"auto","inference_geo":null)"),
            " -container -service_tier");
}

TEST(MessagesToChat, WhatCannotBeSaidIsRefusedByName) {
  constexpr std::pair<std::string_view, std::string_view> kRefused[] = {
      {R"({"messages":[]})", "max_tokens"},
      {R"({"max_tokens":1})", "messages"},
      {R"({"max_tokens":1,"messages":[{"role":"tool","content":"x"}]})", "messages[0].role"},
      {R"({"max_tokens":1,"messages":[{"role":"user","content":[{"type":"image",)"
       R"("source":{"type":"file"}}]}]})",
       "messages[0].content[0].source.type"},
      {R"({"max_tokens":1,"messages":[{"role":"user","content":[{"type":"document",)"
       R"("source":{"type":"url"}}]}]})",
       "messages[0].content[0].source.type"},
      {R"({"max_tokens":1,"messages":[{"role":"user","content":[{"type":"container_upload"}]}]})",
       "messages[0].content[0].type"},
      {R"({"max_tokens":1,"messages":[{"role":"user","content":[{"type":"text"}]}]})",
       "messages[0].content[0].text"},
      {R"({"max_tokens":1,"messages":[],"tools":[{"type":"web_search_20250305","name":"w"}]})",
       "tools[0].type"},
      {R"({"max_tokens":1,"messages":[],"tools":[{"input_schema":{}}]})", "tools[0].name"},
      {R"({"max_tokens":1,"messages":[],"tool_choice":{"type":"some"}})", "tool_choice.type"},
      {R"({"max_tokens":1,"messages":[],"mcp_servers":[]})", "mcp_servers"},
      {R"({"max_tokens":1,"messages":[],"output_config":{"format":{"type":"json_schema"}}})",
       "output_config.format.schema"},
  };
  for (const auto& [body, field] : kRefused) {
    auto refused = translate(body);
    ASSERT_FALSE(refused) << body;
    EXPECT_EQ(refused.error().code, ErrorCode::kInvalidArgument) << body;
    EXPECT_EQ(refused.error().field, field) << refused.error().message;
  }
}

}  // namespace
}  // namespace penstock::providers
