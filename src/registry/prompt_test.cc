#include "registry/prompt.h"

#include <gtest/gtest.h>

namespace penstock::registry {
namespace {

Version text_prompt(const std::string& text) {
  return {.kind = Kind::kPrompt, .name = "greet", .number = 2, .tags = {{"mlflow.prompt.text", text}}};
}

Version chat_prompt(const std::string& messages) {
  return {.kind = Kind::kPrompt,
          .name = "greet",
          .number = 2,
          .tags = {{"_mlflow_prompt_type", "chat"}, {"mlflow.prompt.text", messages}}};
}

TEST(PromptTest, AVariableStandsInDoubleBracesAndMayHaveDots) {
  Prompt prompt =
      prompt_of(text_prompt("Hi {{name}}, {{ user.city }}; {{name}}! {x} {{ 1a }} {{a b}} {{c-d}}")).value();
  EXPECT_EQ(prompt_variables(prompt), (std::vector<std::string>{"name", "user.city"}));
  auto rendered = render_prompt(prompt, {{"name", "Ada"}, {"user.city", "Turin"}});
  ASSERT_TRUE(rendered) << rendered.error().message;
  EXPECT_EQ(prompt_text(*rendered), "Hi Ada, Turin; Ada! {x} {{ 1a }} {{a b}} {{c-d}}");
}

TEST(PromptTest, AValueIsNotLookedAtForVariables) {
  Prompt prompt = prompt_of(text_prompt("{{a}} {{b}}")).value();
  EXPECT_EQ(prompt_text(render_prompt(prompt, {{"a", "{{b}}"}, {"b", "2"}}).value()), "{{b}} 2");
}

TEST(PromptTest, AMissingVariableIsNamed) {
  Prompt prompt = prompt_of(text_prompt("{{a}} {{ b.c }}")).value();
  auto refused = render_prompt(prompt, {{"a", "1"}});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(refused.error().field, "variables.b.c");
}

TEST(PromptTest, AChatIsAListOfMessages) {
  Prompt prompt =
      prompt_of(
          chat_prompt(R"([{"role":"system","content":"Be {{tone}}."},{"role":"user","content":"{{q}}"}])"))
          .value();
  EXPECT_TRUE(prompt.chat);
  EXPECT_EQ(prompt_variables(prompt), (std::vector<std::string>{"tone", "q"}));
  Prompt rendered = render_prompt(prompt, {{"tone", "kind"}, {"q", "Why?"}}).value();
  EXPECT_EQ(rendered.messages, (std::vector<PromptMessage>{{"system", "Be kind."}, {"user", "Why?"}}));
  EXPECT_EQ(prompt_text(rendered), "system: Be kind.\nuser: Why?\n");
}

TEST(PromptTest, WhatIsNoPromptIsRefused) {
  EXPECT_EQ(prompt_of({.name = "m"}).error().code, ErrorCode::kInvalidArgument);
  for (const char* bad : {"{}", "[1]", "not json", R"([{"role":"user"}])", R"([{"content":"x"}])"}) {
    EXPECT_EQ(prompt_of(chat_prompt(bad)).error().code, ErrorCode::kCorrupt) << bad;
  }
}

TEST(PromptTest, UnclosedBracesAreText) {
  Prompt prompt = prompt_of(text_prompt("{{a {{b}} {{{c}}} {{")).value();
  EXPECT_EQ(prompt_variables(prompt), (std::vector<std::string>{"b", "c"}));
}

}  // namespace
}  // namespace penstock::registry
