#include "engine/chat_template.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/json.h"
#include "engine/chat_output.h"
#include "engine/grammar.h"
#include "engine/test_model.h"

namespace penstock::engine {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

// A template that knows tools and thoughts, in the manner of Hermes and Qwen.
constexpr std::string_view kToolTemplate = R"({%- if tools %}
{{- '<|im_start|>system\n# Tools\n<tools>' }}
{%- for tool in tools %}{{- "\n" }}{{- tool | tojson }}{%- endfor %}
{{- "\n</tools>\nFor each call return <tool_call>\n" }}
{{- "{\"name\": <name>, \"arguments\": <args>}\n</tool_call><|im_end|>\n" }}
{%- endif %}
{%- for message in messages %}
{%- if message.role == "assistant" and message.tool_calls %}
{{- '<|im_start|>assistant' }}
{%- for tool_call in message.tool_calls %}
{{- '\n<tool_call>\n{"name": "' + tool_call.function.name + '", "arguments": ' }}
{{- tool_call.function.arguments | tojson }}{{- '}\n</tool_call>' }}
{%- endfor %}{{- '<|im_end|>\n' }}
{%- elif message.role == "tool" %}
{{- '<|im_start|>user\n<tool_response>\n' + message.content + '\n</tool_response><|im_end|>\n' }}
{%- else %}{{- '<|im_start|>' + message.role + '\n' + message.content + '<|im_end|>\n' }}{%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}{{- '<|im_start|>assistant\n' }}{%- endif %})";

Tool weather() {
  return {.name = "get_weather",
          .description = "The weather of a city",
          .parameters = R"({"type":"object","properties":{"city":{"type":"string"}},"required":["city"],)"
                        R"("additionalProperties":false})"};
}

ChatRequest ask(std::string_view text) {
  ChatRequest request;
  request.messages.push_back({.role = "user", .content = std::string(text)});
  return request;
}

ChatTemplate own_template() { return ChatTemplate::create(chat_model(), "").value(); }

std::vector<ChatDelta> read_all(const ChatPrompt& prompt, std::string_view text, size_t piece) {
  SeededRandom random(1);
  auto parser = make_output_parser(prompt, random).value();
  std::vector<ChatDelta> all;
  for (size_t i = 0; i < text.size(); i += piece) {
    auto deltas = parser->add(text.substr(i, piece)).value();
    std::move(deltas.begin(), deltas.end(), std::back_inserter(all));
  }
  auto deltas = parser->finish().value();
  std::move(deltas.begin(), deltas.end(), std::back_inserter(all));
  return all;
}

std::string content_of(const std::vector<ChatDelta>& deltas) {
  std::string text;
  for (const ChatDelta& delta : deltas) text += delta.content;
  return text;
}

ToolCall call_of(const std::vector<ChatDelta>& deltas, int32_t index) {
  ToolCall call;
  for (const ChatDelta& delta : deltas) {
    if (delta.call_index != index) continue;
    call.id += delta.call.id;
    call.name += delta.call.name;
    call.arguments += delta.call.arguments;
  }
  return call;
}

TEST(ChatTemplate, RendersTheModelsOwnTemplate) {
  const ChatPrompt prompt = own_template().render(ask("Hi")).value();
  EXPECT_THAT(prompt.text, StartsWith("<|im_start|>system\nYou are a helpful AI assistant named SmolLM"));
  EXPECT_THAT(prompt.text, EndsWith("<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n"));
  EXPECT_EQ(prompt.syntax, OutputSyntax::kPlain);
  EXPECT_TRUE(prompt.constraint.grammar.empty());
}

TEST(ChatTemplate, TakesAnotherTemplateInsteadOfTheModels) {
  auto other =
      ChatTemplate::create(chat_model(), "{% for m in messages %}[{{ m.role }}]{{ m.content }}{% endfor %}");
  ASSERT_TRUE(other) << other.error().message;
  EXPECT_EQ(other->render(ask("Hi"))->text, "[user]Hi");
  EXPECT_FALSE(ChatTemplate::create(chat_model(), "{% for %}"));
}

TEST(ChatTemplate, RefusesWhatTheTemplateRefuses) {
  auto strict = ChatTemplate::create(
      chat_model(),
      "{% for m in messages %}{% if m.content == 'no' %}{{ raise_exception('not that') }}{% endif %}"
      "{{ m.content }}{% endfor %}");
  ASSERT_TRUE(strict);
  auto refused = strict->render(ask("no"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().field, "messages");
  EXPECT_THAT(refused.error().message, HasSubstr("not that"));
}

TEST(ChatTemplate, MakesAGrammarOfASchema) {
  ChatRequest request = ask("Hi");
  request.output_schema = R"({"type":"object"})";
  EXPECT_FALSE(own_template().render(request)->constraint.grammar.empty());
  request.output_schema = R"({"$ref":"#/nowhere"})";
  EXPECT_EQ(own_template().render(request).error().field, "response_format");
}

TEST(ChatTemplate, DescribesToolsToAModelWhoseTemplateDoesNot) {
  ChatRequest request = ask("Weather in Oslo?");
  request.tools = {weather()};
  ChatPrompt prompt = own_template().render(request).value();
  EXPECT_EQ(prompt.syntax, OutputSyntax::kTagged);
  EXPECT_THAT(prompt.text, HasSubstr(R"("name":"get_weather")"));
  EXPECT_EQ(prompt.constraint.triggers.size(), 1U) << "text is free until a call begins";
  request.tool_choice = ToolChoice::kRequired;
  prompt = own_template().render(request).value();
  EXPECT_TRUE(prompt.constraint.triggers.empty());
  request.tool_choice = ToolChoice::kNone;
  EXPECT_THAT(own_template().render(request)->text, Not(HasSubstr("get_weather")));
}

TEST(ChatTemplate, WritesCallsAndResultsOfAConversation) {
  ChatRequest request = ask("Weather in Oslo?");
  request.tools = {weather()};
  request.messages.push_back(
      {.role = "assistant", .tool_calls = {{"c1", "get_weather", R"({"city":"Oslo"})"}}});
  request.messages.push_back({.role = "tool", .content = "rain", .tool_call_id = "c1"});
  const std::string text = own_template().render(request)->text;
  EXPECT_THAT(text,
              HasSubstr(R"(<tool_call>{"name":"get_weather","arguments":{"city":"Oslo"}}</tool_call>)"));
  EXPECT_THAT(text, HasSubstr("<tool_response>\nrain\n</tool_response>"));
}

TEST(ChatTemplate, LetsOnlyValidCallsThrough) {
  ChatRequest request = ask("Weather in Oslo?");
  request.tools = {weather()};
  request.tool_choice = ToolChoice::kRequired;
  const ChatPrompt prompt = own_template().render(request).value();
  auto follows = [&](std::string_view text) {
    auto grammar = Grammar::create(chat_model(), prompt.constraint).value();
    for (Token token : tokens_of(text)) {
      if (!grammar->allows(token) || !grammar->accept(token)) return false;
    }
    return grammar->allows(tokens_of("<|im_end|>")[0]);
  };
  EXPECT_TRUE(follows(R"(<tool_call>{"name": "get_weather", "arguments": {"city": "Oslo"}}</tool_call>)"));
  EXPECT_FALSE(follows(R"(<tool_call>{"name": "get_news", "arguments": {}}</tool_call>)"));
  EXPECT_FALSE(follows(R"(<tool_call>{"name": "get_weather", "arguments": {}}</tool_call>)"));
  EXPECT_FALSE(follows("It rains."));
}

TEST(ChatOutput, ReadsTaggedCallsHoweverTheTextIsCut) {
  constexpr std::string_view kText =
      "Let me look. <tool_call>{\"name\": \"a\", \"arguments\": {\"x\": 1}}</tool_call>\n"
      "<tool_call>{\"name\": \"b\", \"arguments\": {}}</tool_call>";
  for (size_t piece : {size_t{1}, size_t{3}, size_t{7}, kText.size()}) {
    const auto deltas = read_all({.syntax = OutputSyntax::kTagged}, kText, piece);
    EXPECT_EQ(content_of(deltas), "Let me look. ");
    EXPECT_EQ(call_of(deltas, 0).name, "a");
    EXPECT_EQ(call_of(deltas, 0).arguments, R"({"x":1})");
    EXPECT_EQ(call_of(deltas, 1).name, "b");
    EXPECT_THAT(call_of(deltas, 1).id, StartsWith("call_"));
  }
}

TEST(ChatOutput, LeavesWhatIsNoCallInTheText) {
  for (std::string_view text :
       {"a <tool_call>no json</tool_call> b", "1 <tool_cal", "<tool_call>{\"name\":"}) {
    const auto deltas = read_all({.syntax = OutputSyntax::kTagged}, text, 2);
    EXPECT_EQ(content_of(deltas), text);
  }
}

TEST(ChatOutput, ReadsTheCallsOfATemplateThatKnowsTools) {
  auto made = ChatTemplate::create(chat_model(), std::string(kToolTemplate));
  ASSERT_TRUE(made) << made.error().message;
  ChatRequest request = ask("Weather in Oslo?");
  request.tools = {weather()};
  auto prompt = made->render(request);
  ASSERT_TRUE(prompt) << prompt.error().message;
  EXPECT_EQ(prompt->syntax, OutputSyntax::kTemplate);
  EXPECT_THAT(prompt->text, HasSubstr("get_weather"));
  constexpr std::string_view kText =
      "<tool_call>\n{\"name\": \"get_weather\", \"arguments\": {\"city\": \"Oslo\"}}\n</tool_call>";
  for (size_t piece : {size_t{1}, size_t{5}, kText.size()}) {
    const ToolCall call = call_of(read_all(*prompt, kText, piece), 0);
    EXPECT_EQ(call.name, "get_weather");
    EXPECT_EQ(parse_json(call.arguments).value(), parse_json(R"({"city":"Oslo"})").value()) << call.arguments;
  }
  EXPECT_EQ(content_of(read_all(*prompt, "It rains.", 2)), "It rains.");
}

}  // namespace
}  // namespace penstock::engine
