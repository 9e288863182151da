#include "engine/grammar.h"

#include <gtest/gtest.h>

#include "engine/test_model.h"

namespace penstock::engine {
namespace {

// Whether `text`, token by token, follows the grammar.
bool follows(Grammar& grammar, std::string_view text) {
  for (Token token : tokens_of(text)) {
    if (!grammar.allows(token) || !grammar.accept(token)) return false;
  }
  return true;
}

std::unique_ptr<Grammar> of_schema(std::string_view schema) {
  return Grammar::create(chat_model(),
                         {.grammar = grammar_of_schema(schema).value(), .triggers = {}, .begun = {}})
      .value();
}

TEST(Grammar, AcceptsWhatItsSchemaAccepts) {
  constexpr std::string_view kSchema =
      R"({"type":"object","properties":{"age":{"type":"integer"}},"required":["age"],)"
      R"("additionalProperties":false})";
  EXPECT_TRUE(follows(*of_schema(kSchema), R"({"age": 42})"));
  EXPECT_FALSE(follows(*of_schema(kSchema), R"({"age": "x"})"));
  EXPECT_FALSE(follows(*of_schema(kSchema), R"({"name": 1})"));
  EXPECT_FALSE(follows(*of_schema(kSchema), "Sure!"));
}

TEST(Grammar, AcceptsAnyObjectForAnEmptySchema) {
  EXPECT_TRUE(follows(*of_schema("{}"), R"({"a": [1, {"b": null}]})"));
  EXPECT_FALSE(follows(*of_schema("{}"), "[1]"));
}

TEST(Grammar, AllowsTheEndOnlyWhereTheTextIsComplete) {
  auto grammar = of_schema(R"({"type":"object","properties":{},"additionalProperties":false})");
  const Token end = tokens_of("<|im_end|>")[0];
  EXPECT_FALSE(grammar->allows(end));
  EXPECT_TRUE(follows(*grammar, "{"));
  EXPECT_FALSE(grammar->allows(end));
  EXPECT_TRUE(follows(*grammar, "}"));
  EXPECT_TRUE(grammar->allows(end));
  EXPECT_TRUE(grammar->accept(end));
}

TEST(Grammar, BeginsAtItsTrigger) {
  auto grammar = Grammar::create(chat_model(), {.grammar = R"(root ::= "<call>" [a-z]+ "</call>")",
                                                .triggers = {{Trigger::Kind::kWord, "<call>"}},
                                                .begun = {}})
                     .value();
  EXPECT_TRUE(follows(*grammar, "Anything, 123 < 4: <call"));
  EXPECT_TRUE(follows(*grammar, ">abc"));
  EXPECT_FALSE(grammar->allows(tokens_of("1")[0]));
  EXPECT_TRUE(follows(*grammar, "def</call>"));
  EXPECT_TRUE(grammar->allows(tokens_of("<|im_end|>")[0]));
}

TEST(Grammar, GoesOnFromWhatThePromptHasBegun) {
  auto grammar =
      Grammar::create(chat_model(),
                      {.grammar = R"(root ::= "one two" " three")", .triggers = {}, .begun = "one two"})
          .value();
  EXPECT_FALSE(grammar->allows(tokens_of("one")[0]));
  EXPECT_TRUE(follows(*grammar, " three"));
}

TEST(Grammar, IsRefusedWhenItCannotBeUsed) {
  EXPECT_FALSE(Grammar::create(chat_model(), {.grammar = "root ::= undefined", .triggers = {}, .begun = {}}));
  EXPECT_FALSE(
      Grammar::create(chat_model(), {.grammar = std::string(2 << 20, 'x'), .triggers = {}, .begun = {}}));
  EXPECT_FALSE(grammar_of_schema("[]"));
  EXPECT_FALSE(grammar_of_schema(R"({"type":"unknown"})"));
  EXPECT_FALSE(grammar_of_schema(R"({"$ref":"#/$defs/absent"})"));
}

}  // namespace
}  // namespace penstock::engine
