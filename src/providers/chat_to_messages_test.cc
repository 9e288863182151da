#include "providers/chat_to_messages.h"

#include <gtest/gtest.h>

namespace penstock::providers {
namespace {

using Strings = std::vector<std::string>;

Result<TranslatedRequest> translate(std::string_view body, std::string_view model = "claude-sonnet-4-5",
                                    const ProviderOptions& options = {}) {
  auto fields = JsonFields::parse(body, "body");
  EXPECT_TRUE(fields) << fields.error().message << body;
  return chat_to_messages(*fields, model, options);
}

std::string body_of(std::string_view request, std::string_view model = "claude-sonnet-4-5") {
  auto translated = translate(request, model);
  return translated ? translated->body : "error: " + translated.error().message;
}

// The members of the translated request without model, messages and max_tokens, which stand in all.
std::string settings(std::string_view members, std::string_view model = "claude-sonnet-4-5") {
  std::string request = R"({"messages":[{"role":"user","content":"hi"}],"max_tokens":100)";
  std::string body = body_of(request + (members.empty() ? "" : ",") + std::string(members) + "}", model);
  auto fields = JsonFields::parse(body, "body");
  if (!fields) return body;
  std::string out;
  for (const JsonFields::Member& member : fields->members()) {
    if (member.name == "model" || member.name == "messages" || member.name == "max_tokens") continue;
    out.append(out.empty() ? "" : ",").append(member.name).append(":").append(member.raw);
  }
  return out;
}

Strings dropped(std::string_view members, std::string_view model = "claude-sonnet-4-5") {
  auto translated = translate(
      R"({"messages":[{"role":"user","content":"hi"}],"max_tokens":100,)" + std::string(members) + "}",
      model);
  EXPECT_TRUE(translated) << translated.error().message;
  return translated ? translated->dropped : Strings{};
}

TEST(ChatToMessages, ASimpleChatBecomesSystemAndMessages) {
  EXPECT_EQ(body_of(R"({"model":"x","messages":[{"role":"system","content":"be brief"},)"
                    R"({"role":"user","content":"hi"}],"max_tokens":10,"stream":true})"),
            R"({"model":"claude-sonnet-4-5","system":[{"type":"text","text":"be brief"}],)"
            R"("messages":[{"role":"user","content":[{"type":"text","text":"hi"}]}],"max_tokens":10,)"
            R"("stream":true})");
}

TEST(ChatToMessages, InstructionsFromAnywhereStandTogether) {
  std::string body = body_of(R"({"messages":[{"role":"developer","content":[{"type":"text","text":"a"}]},)"
                             R"({"role":"user","content":"hi"},{"role":"system","content":"b"}]})");
  EXPECT_TRUE(body.contains(R"("system":[{"type":"text","text":"a"},{"type":"text","text":"b"}])")) << body;
}

TEST(ChatToMessages, ResultsOfParallelCallsStandInOneTurn) {
  std::string body =
      body_of(R"({"messages":[{"role":"user","content":"go"},)"
              R"({"role":"assistant","content":null,"tool_calls":[)"
              R"({"id":"call:1","type":"function","function":{"name":"f","arguments":"{\"a\": 1}"}},)"
              R"({"id":"c2","type":"function","function":{"name":"g","arguments":""}}]},)"
              R"({"role":"tool","tool_call_id":"call:1","content":"one"},)"
              R"({"role":"tool","tool_call_id":"c2","content":[{"type":"text","text":"two"}]},)"
              R"({"role":"user","content":"and now?"}]})");
  EXPECT_TRUE(body.contains(
      R"("messages":[{"role":"user","content":[{"type":"text","text":"go"}]},)"
      R"({"role":"assistant","content":[{"type":"tool_use","id":"call_1","name":"f","input":{"a": 1}},)"
      R"({"type":"tool_use","id":"c2","name":"g","input":{}}]},)"
      R"({"role":"user","content":[{"type":"tool_result","tool_use_id":"call_1","content":"one"},)"
      R"({"type":"tool_result","tool_use_id":"c2","content":[{"type":"text","text":"two"}]},)"
      R"({"type":"text","text":"and now?"}]}])"))
      << body;
}

TEST(ChatToMessages, TheOlderFunctionsAreToolsToo) {
  std::string body =
      body_of(R"({"messages":[{"role":"user","content":"go"},)"
              R"({"role":"assistant","content":null,"function_call":{"name":"f","arguments":"{}"}},)"
              R"({"role":"function","name":"f","content":"1"}],)"
              R"("functions":[{"name":"f","parameters":{"type":"object"}}],"function_call":{"name":"f"}})");
  EXPECT_TRUE(body.contains(R"({"type":"tool_use","id":"call_f","name":"f","input":{}})")) << body;
  EXPECT_TRUE(body.contains(R"("tool_use_id":"call_f")")) << body;
  EXPECT_TRUE(body.contains(R"("tools":[{"name":"f","input_schema":{"type":"object"}}])")) << body;
  EXPECT_TRUE(body.contains(R"("tool_choice":{"type":"tool","name":"f"})")) << body;
}

TEST(ChatToMessages, ImagesAndDocumentsComeAsTheyWereGiven) {
  std::string body = body_of(
      R"({"messages":[{"role":"user","content":[)"
      R"({"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA","detail":"low"}},)"
      R"({"type":"image_url","image_url":{"url":"https://x/y.png"},"cache_control":{"type":"ephemeral"}},)"
      R"({"type":"file","file":{"filename":"a.pdf","file_data":"data:application/pdf;base64,BBBB"}}]}]})");
  EXPECT_TRUE(body.contains(
      R"([{"type":"image","source":{"type":"base64","media_type":"image/png","data":"AAAA"}},)"
      R"({"type":"image","source":{"type":"url","url":"https://x/y.png"},)"
      R"("cache_control":{"type":"ephemeral"}},)"
      R"({"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"BBBB"}}])"))
      << body;
}

TEST(ChatToMessages, SignedThoughtsGoBackUnchangedAndUnsignedOnesDoNot) {
  std::string body = body_of(
      R"({"messages":[{"role":"user","content":"go"},{"role":"assistant","content":"hm",)"
      R"("reasoning_content":"x","thinking_blocks":[{"type":"thinking","thinking":"x\n",)"
      R"("signature":"EqQ=="},)"
      R"({"type":"thinking","thinking":"y","signature":""},{"type":"redacted_thinking","data":"ZZ"}]}]})");
  EXPECT_TRUE(body.contains(
      R"({"role":"assistant","content":[{"type":"thinking","thinking":"x\n","signature":"EqQ=="},)"
      R"({"type":"redacted_thinking","data":"ZZ"},{"type":"text","text":"hm"}]})"))
      << body;
}

TEST(ChatToMessages, EmptyTextsAreLeftOut) {
  std::string body =
      body_of(R"({"messages":[{"role":"user","content":"go"},{"role":"assistant","content":""},)"
              R"({"role":"user","content":[{"type":"text","text":""},{"type":"text","text":"x"}]}]})");
  EXPECT_TRUE(body.contains(R"("messages":[{"role":"user","content":[{"type":"text","text":"go"},)"
                            R"({"type":"text","text":"x"}]}])"))
      << body;
}

TEST(ChatToMessages, ToolsAndTheirChoice) {
  constexpr std::string_view kTools =
      R"("tools":[{"type":"function","function":{"name":"f","description":"d",)"
      R"("parameters":{"type":"object"},)"
      R"("strict":true},"cache_control":{"type":"ephemeral"}},{"type":"function","function":{"name":"g"}}])";
  std::string tools(kTools);
  EXPECT_EQ(settings(tools),
            R"(tools:[{"name":"f","description":"d","input_schema":{"type":"object"},"strict":true,)"
            R"("cache_control":{"type":"ephemeral"}},{"name":"g","input_schema":{"type":"object",)"
            R"("properties":{}}}])");
  EXPECT_TRUE(settings(tools + R"(,"tool_choice":"required")").ends_with(R"(tool_choice:{"type":"any"})"));
  EXPECT_TRUE(settings(tools + R"(,"tool_choice":"none")").ends_with(R"(tool_choice:{"type":"none"})"));
  EXPECT_TRUE(settings(tools + R"(,"tool_choice":{"type":"function","function":{"name":"f"}})")
                  .ends_with(R"(tool_choice:{"type":"tool","name":"f"})"));
  EXPECT_TRUE(settings(tools + R"(,"parallel_tool_calls":false)")
                  .ends_with(R"(tool_choice:{"type":"auto","disable_parallel_tool_use":true})"));
  EXPECT_EQ(settings(R"("tool_choice":"auto")"), "") << "without tools there is nothing to choose";
}

TEST(ChatToMessages, ASchemaIsAskedForAsTheModelTakesIt) {
  constexpr std::string_view kFormat =
      R"("response_format":{"type":"json_schema","json_schema":{"name":"n","strict":true,)"
      R"("schema":{"type":"object"}}})";
  EXPECT_EQ(settings(kFormat),
            R"(output_config:{"format":{"type":"json_schema","schema":{"type":"object"}}})");
  EXPECT_EQ(
      settings(kFormat, "claude-3-5-haiku-latest"),
      R"(tools:[{"name":"json_response","description":"Gives the answer, in the form that was asked for.",)"
      R"("input_schema":{"type":"object"}}],tool_choice:{"type":"tool","name":"json_response"})");
  EXPECT_EQ(settings(R"("response_format":{"type":"text"})"), "");
  EXPECT_EQ(dropped(R"("response_format":{"type":"json_object"})"), Strings{"response_format"});
}

TEST(ChatToMessages, EffortIsABudgetOrAnEffort) {
  auto budget = translate(R"({"messages":[{"role":"user","content":"x"}],"max_completion_tokens":60000,)"
                          R"("reasoning_effort":"medium","temperature":0.5})");
  EXPECT_TRUE(
      budget->body.contains(R"("max_tokens":60000,"thinking":{"type":"enabled","budget_tokens":8192})"));
  EXPECT_EQ(budget->dropped, Strings{"temperature"}) << "thinking takes no temperature";
  EXPECT_TRUE(settings(R"("reasoning_effort":"high")", "claude-opus-4-6")
                  .ends_with(R"(thinking:{"type":"adaptive"},output_config:{"effort":"high"})"));
  EXPECT_EQ(settings(R"("reasoning_effort":"none")"), "");
  EXPECT_EQ(dropped(R"("reasoning_effort":"low")"), Strings{"reasoning_effort"})
      << "100 tokens leave no room";
  EXPECT_EQ(dropped(R"("reasoning_effort":"low")", "claude-3-5-haiku-latest"), Strings{"reasoning_effort"});
  EXPECT_EQ(settings(R"("thinking":{"type":"enabled","budget_tokens":2000})"),
            R"(thinking:{"type":"enabled","budget_tokens":2000})");
}

TEST(ChatToMessages, ABudgetDoesNotGoOnFromCallsWithoutTheirThoughts) {
  auto request = translate(R"({"messages":[{"role":"user","content":"go"},{"role":"assistant","tool_calls":[)"
                           R"({"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}]},)"
                           R"({"role":"tool","tool_call_id":"c","content":"1"}],"reasoning_effort":"low"})");
  EXPECT_EQ(request->dropped, Strings{"reasoning_effort"});
}

TEST(ChatToMessages, SamplingIsSaidAsFarAsTheModelTakesIt) {
  EXPECT_EQ(settings(R"("temperature":1.5)"), "temperature:1");
  EXPECT_EQ(settings(R"("top_p":0.5,"top_k":4)"), "top_p:0.5,top_k:4");
  EXPECT_EQ(dropped(R"("temperature":0.5,"top_p":0.5)"), Strings{"top_p"});
  EXPECT_EQ(dropped(R"("temperature":0.5)", "claude-opus-5"), Strings{"temperature"});
}

TEST(ChatToMessages, StopsUserAndTier) {
  EXPECT_EQ(settings(R"("stop":"END")"), R"(stop_sequences:["END"])");
  EXPECT_EQ(settings(R"("stop":["a","\n"])"), R"(stop_sequences:["a"])");
  EXPECT_EQ(dropped(R"("stop":["\n"])"), Strings{"stop"});
  EXPECT_EQ(settings(R"("user":"u1")"), R"(metadata:{"user_id":"u1"})");
  EXPECT_EQ(settings(R"("service_tier":"default")"), R"(service_tier:"standard_only")");
}

TEST(ChatToMessages, TheLimitIsTheClientsTheOperatorsOrTheModels) {
  constexpr std::string_view kHi = R"({"messages":[{"role":"user","content":"x"}]})";
  EXPECT_TRUE(translate(kHi)->body.contains(R"("max_tokens":64000)"));
  EXPECT_TRUE(translate(kHi, "claude-3-haiku-20240307")->body.contains(R"("max_tokens":4096)"));
  EXPECT_TRUE(translate(kHi, "claude-x", {.max_tokens = 7})->body.contains(R"("max_tokens":7)"));
}

TEST(ChatToMessages, WhatHasNoCounterpartIsNamed) {
  EXPECT_EQ(dropped(R"("seed":1,"logit_bias":{},"presence_penalty":null,"metadata":{"feature":"x"},"n":1)"),
            (Strings{"seed", "logit_bias"}));
}

TEST(ChatToMessages, WhatCannotBeSaidIsRefusedByName) {
  constexpr std::pair<std::string_view, std::string_view> kRefused[] = {
      {R"({"messages":[{"role":"user","content":"x"}],"n":2})", "n"},
      {R"({"messages":"x"})", "messages"},
      {R"({"messages":[{"role":"system","content":"x"}]})", "messages"},
      {R"({"messages":[1]})", "messages[0]"},
      {R"({"messages":[{"role":"robot","content":"x"}]})", "messages[0].role"},
      {R"({"messages":[{"role":"user","content":[{"type":"input_audio","input_audio":{}}]}]})",
       "messages[0].content[0].type"},
      {R"({"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"ftp://x"}}]}]})",
       "messages[0].content[0].image_url"},
      {R"({"messages":[{"role":"user","content":[{"type":"image_url",)"
       R"("image_url":{"url":"data:image/bmp;base64,A"}}]}]})",
       "messages[0].content[0].image_url"},
      {R"({"messages":[{"role":"user","content":[{"type":"file","file":{"file_id":"f"}}]}]})",
       "messages[0].content[0].file.file_data"},
      {R"({"messages":[{"role":"assistant","tool_calls":[{"id":"c","type":"function",)"
       R"("function":{"name":"f","arguments":"{\"a"}}]}]})",
       "messages[0].tool_calls[0].function.arguments"},
      {R"({"messages":[{"role":"user","content":"x"}],"tools":[{"type":"custom","custom":{}}]})",
       "tools[0].type"},
      {R"({"messages":[{"role":"user","content":"x"}],"tools":[{"type":"function","function":{}}]})",
       "tools[0].function.name"},
      {R"({"messages":[{"role":"user","content":"x"}],"tools":[{"type":"function","function":{"name":"f"}}],)"
       R"("tool_choice":"some"})",
       "tool_choice"},
      {R"({"messages":[{"role":"user","content":"x"}],"stop":[1]})", "stop"},
      {R"({"messages":[{"role":"user","content":"x"}],"reasoning_effort":"huge"})", "reasoning_effort"},
      {R"({"messages":[{"role":"user","content":"x"}],"response_format":{"type":"xml"}})", "response_format"},
      {R"({"messages":[{"role":"user","content":"x"}],"modalities":["text","audio"]})", "modalities"},
      {R"({"messages":[{"role":"user","content":"x"}],"temperature":"hot"})", "temperature"},
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
