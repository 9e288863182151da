#include "providers/responses_to_chat.h"

#include <gtest/gtest.h>

#include "providers/translation.h"

namespace penstock::providers {
namespace {

Result<TranslatedRequest> translate(std::string_view body) {
  auto fields = JsonFields::parse(body, "body");
  EXPECT_TRUE(fields) << fields.error().message << body;
  return responses_to_chat(*fields, "m", *find_provider_type("openai_compatible"));
}

TEST(ResponsesToChat, AStringIsAUsersMessageAndInstructionsComeFirst) {
  EXPECT_EQ(translate(R"({"model":"x","input":"hi","instructions":"s","max_output_tokens":5,"stream":true,)"
                      R"("temperature":0.5,"store":true})")
                ->body,
            R"({"model":"m","messages":[{"role":"system","content":"s"},{"role":"user","content":"hi"}],)"
            R"("temperature":0.5,"max_tokens":5,"stream":true,"stream_options":{"include_usage":true}})");
}

TEST(ResponsesToChat, ItemsBecomeMessages) {
  auto translated = translate(
      R"({"input":[{"role":"developer","content":"d"},{"type":"message","role":"user","content":[)"
      R"({"type":"input_text","text":"look"},{"type":"input_image","image_url":"https://x/y.png",)"
      R"("detail":"low"}]},)"
      R"({"type":"reasoning","id":"rs","summary":[{"type":"summary_text","text":"hm"}],)"
      R"("encrypted_content":"sig"},)"
      R"({"type":"message","role":"assistant","content":[{"type":"output_text","text":"calling"}]},)"
      R"({"type":"function_call","call_id":"c1","name":"f","arguments":"{}"},)"
      R"({"type":"function_call","call_id":"c2","name":"g","arguments":"{}"},)"
      R"({"type":"function_call_output","call_id":"c1","output":"1"},)"
      R"({"type":"function_call_output","call_id":"c2","output":[{"type":"input_text","text":"2"}]},)"
      R"({"role":"assistant","content":"done"},{"role":"user","content":"thanks"}]})");
  ASSERT_TRUE(translated) << translated.error().message;
  EXPECT_EQ(translated->body,
            R"({"model":"m","messages":[{"role":"system","content":"d"},)"
            R"({"role":"user","content":[{"type":"text","text":"look"},)"
            R"({"type":"image_url","image_url":{"url":"https://x/y.png","detail":"low"}}]},)"
            R"({"role":"assistant","content":"calling","thinking_blocks":[{"type":"thinking",)"
            R"("thinking":"hm","signature":"sig"}],)"
            R"("tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{}"}},)"
            R"({"id":"c2","type":"function","function":{"name":"g","arguments":"{}"}}]},)"
            R"({"role":"tool","tool_call_id":"c1","content":"1"},{"role":"tool","tool_call_id":"c2",)"
            R"("content":"2"},)"
            R"({"role":"assistant","content":"done"},{"role":"user","content":"thanks"}]})");
}

TEST(ResponsesToChat, SettingsFindTheirPlace) {
  auto translated = translate(
      R"({"input":"x","tools":[{"type":"function","name":"f","description":"d","parameters":{},)"
      R"("strict":true}],)"
      R"("tool_choice":{"type":"function","name":"f"},"text":{"format":{"type":"json_schema","name":"n",)"
      R"("schema":{"type":"object"},"strict":true}},"reasoning":{"effort":"low"},"max_tool_calls":3,)"
      R"("user":"u"})");
  EXPECT_TRUE(translated->body.ends_with(
      R"("user":"u","tools":[{"type":"function","function":{"name":"f","description":"d",)"
      R"("parameters":{},"strict":true}}],)"
      R"("tool_choice":{"type":"function","function":{"name":"f"}},)"
      R"("response_format":{"type":"json_schema","json_schema":{"name":"n",)"
      R"("schema":{"type":"object"},"strict":true}},)"
      R"("reasoning_effort":"low"})"))
      << translated->body;
  EXPECT_EQ(translated->dropped, std::vector<std::string>{"max_tool_calls"});
}

TEST(ResponsesToChat, WhatNeedsAStoreOrTheProvidersToolsIsAbsent) {
  constexpr std::pair<std::string_view, std::string_view> kAbsent[] = {
      {R"({"input":"x","previous_response_id":"resp_1"})", "previous_response_id"},
      {R"({"input":"x","conversation":"c"})", "conversation"},
      {R"({"input":"x","prompt":{"id":"p"}})", "prompt"},
      {R"({"input":"x","background":true})", "background"},
      {R"({"input":"x","tools":[{"type":"web_search"}]})", "tools[0].type"},
      {R"({"input":"x","tool_choice":{"type":"web_search"}})", "tool_choice.type"},
      {R"({"input":[{"type":"item_reference","id":"i"}]})", "input[0].type"},
      {R"({"input":[{"type":"computer_call"}]})", "input[0].type"},
      {R"({"input":[{"role":"user","content":[{"type":"input_file","file_id":"f"}]}]})",
       "input[0].content[0]"},
  };
  for (const auto& [body, field] : kAbsent) {
    auto refused = translate(body);
    ASSERT_FALSE(refused) << body;
    EXPECT_EQ(refused.error().code, ErrorCode::kNotImplemented) << body;
    EXPECT_EQ(refused.error().field, field) << body;
  }
}

TEST(ResponsesToChat, WrongItemsAreRefusedByName) {
  constexpr std::pair<std::string_view, std::string_view> kRefused[] = {
      {R"({"input":5})", "input"},
      {R"({"input":[{"role":"robot","content":"x"}]})", "input[0].role"},
      {R"({"input":[{"role":"user","content":[{"type":"video"}]}]})", "input[0].content[0].type"},
      {R"({"input":[{"type":"function_call","call_id":"c"}]})", "input[0].name"},
      {R"({"input":[{"role":"assistant","content":[{"type":"image"}]}]})", "input[0].content[0].type"},
      {R"({"input":"x","tools":[{"type":"function"}]})", "tools[0].name"},
  };
  for (const auto& [body, field] : kRefused) {
    auto refused = translate(body);
    ASSERT_FALSE(refused) << body;
    EXPECT_EQ(refused.error().code, ErrorCode::kInvalidArgument) << body;
    EXPECT_EQ(refused.error().field, field) << body;
  }
}

TEST(Responses, GoOnToAnthropicByWayOfAChat) {
  constexpr std::string_view kBody = R"({"model":"x","input":"hi","instructions":"s","max_output_tokens":50,)"
                                     R"("top_logprobs":2,"prompt_cache_key":"k"})";
  auto fields = JsonFields::parse(kBody, "body");
  auto request = prepare_request(*find_provider_type("anthropic"), Operation::kResponses, kBody, *fields,
                                 "claude-x", {});
  ASSERT_TRUE(request) << request.error().message;
  EXPECT_EQ(request->body,
            R"({"model":"claude-x","system":[{"type":"text","text":"s"}],"messages":[{"role":"user",)"
            R"("content":[{"type":"text","text":"hi"}]}],"max_tokens":50})");
  EXPECT_EQ(request->dropped, (std::vector<std::string>{"top_logprobs", "prompt_cache_key"}));
}

TEST(Responses, GetTheQuirksOfTheirUpstream) {
  constexpr std::string_view kBody =
      R"({"model":"x","input":"hi","max_output_tokens":50,"user":"u","stream":true})";
  auto fields = JsonFields::parse(kBody, "body");
  auto mistral =
      prepare_request(*find_provider_type("mistral"), Operation::kResponses, kBody, *fields, "m", {});
  EXPECT_EQ(mistral->body,
            R"({"model":"m","messages":[{"role":"user","content":"hi"}],"max_tokens":50,"stream":true})");
  EXPECT_EQ(mistral->dropped, std::vector<std::string>{"user"});
  auto openai =
      prepare_request(*find_provider_type("openai"), Operation::kResponses, kBody, *fields, "gpt-5", {});
  EXPECT_TRUE(openai->body.contains(R"("max_completion_tokens":50)")) << openai->body;
}

}  // namespace
}  // namespace penstock::providers
