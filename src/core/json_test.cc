#include <gtest/gtest.h>

#include <array>

#include "core/json.h"
#include "core/json_fields.h"
#include "core/json_writer.h"
#include "core/random.h"

namespace penstock {
namespace {

TEST(JsonWriter, WritesNestedValuesWithCommasInPlace) {
  JsonWriter json;
  json.begin_object().field("a", 1).key("b").begin_array().value("x").value(true).null().end_array();
  json.key("c").begin_object().end_object().field("d", 0.5).end_object();
  EXPECT_EQ(json.text(), R"({"a":1,"b":["x",true,null],"c":{},"d":0.5})");
}

TEST(JsonWriter, StringsAreEscapedAndInvalidUtf8BecomesTheReplacementCharacter) {
  std::string out;
  append_json_string(out, "q\" b\\ n\n \x01 é \xff \xed\xa0\x80");
  EXPECT_EQ(out, "\"q\\\" b\\\\ n\\n \\u0001 é \xEF\xBF\xBD \xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"");
}

TEST(JsonWriter, EveryTextReadsBackThroughAParser) {
  constexpr std::array<std::string_view, 12> kPieces = {"a", "0123456789", "\"",   "\\", "\n", "\x1F",
                                                        " ", "!",          "\x7F", "é",  "日", "😀"};
  for (uint64_t seed = 1; seed <= 5'000; ++seed) {
    SeededRandom random(seed);
    std::string text;
    for (uint64_t left = random.next_u64() % 30; left > 0; --left) {
      text += kPieces[random.next_u64() % kPieces.size()];
    }
    std::string json;
    append_json_string(json, text);
    auto read = parse_json(json);
    ASSERT_TRUE(read) << "seed " << seed << ": " << json;
    EXPECT_EQ(std::string_view(read->get_string()), text) << "seed " << seed;
  }
}

TEST(JsonWriter, NumbersThatJsonLacksBecomeNull) {
  std::string out;
  append_json_number(out, std::numeric_limits<double>::infinity());
  EXPECT_EQ(out, "null");
}

TEST(Json, WhatIsNotStrictJsonIsRefused) {
  for (std::string_view bad : {"{", "{} x", "{\"a\":NaN}", "{'a':1}", "[1,]", "// c\n{}", "\"\xff\"", ""}) {
    EXPECT_FALSE(parse_json(bad)) << bad;
  }
  EXPECT_FALSE(parse_json(std::string(100, '[') + std::string(100, ']')));
  EXPECT_FALSE(parse_json("[1,2]", {.bytes_max = 3}));
}

constexpr std::string_view kBody =
    R"({ "model" : "gpt-x" , "stream":true,"n": 2 ,"messages":[{"role":"user","content":"hi \"}\" "}],)"
    R"( "o":{"k":"v"}, "z":null})";

TEST(Json, DoublesReadBackAsTheyWereWritten) {
  SeededRandom random(20261125);
  for (int i = 0; i < 20'000; ++i) {
    double number = static_cast<double>(random.next_u64()) / static_cast<double>(random.next_u64() | 1);
    std::string text;
    append_json_number(text, number);
    auto json = parse_json("[" + text + "]");
    ASSERT_TRUE(json);
    ASSERT_EQ(json->get_array()[0].to_number<double>(), number) << text;
  }
  EXPECT_EQ(parse_json("90.28571428571429")->get_double(), 632.0 / 7);
}

TEST(JsonFields, MembersAreSlicesOfTheText) {
  auto fields = JsonFields::parse(kBody, "request body");
  ASSERT_TRUE(fields) << fields.error().message;
  EXPECT_EQ(fields->raw("model"), "\"gpt-x\"");
  EXPECT_EQ(fields->raw("n"), "2");
  EXPECT_EQ(fields->raw("messages"), R"([{"role":"user","content":"hi \"}\" "}])");
  EXPECT_EQ(fields->string("model")->value(), "gpt-x");
  EXPECT_TRUE(fields->boolean("stream")->value());
  EXPECT_EQ(fields->integer("n")->value(), 2);
  EXPECT_EQ((*fields->object("o"))->string("k")->value(), "v");
  EXPECT_FALSE(fields->string("z")->has_value());
  EXPECT_FALSE(fields->string("absent")->has_value());
}

TEST(JsonFields, AWrongTypeNamesTheField) {
  auto fields = JsonFields::parse(kBody, "request body");
  auto wrong = fields->string("n");
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().field, "n");
  EXPECT_EQ(wrong.error().message, "'n' must be a string, got 2");
}

TEST(JsonFields, TheWholeTextIsCheckedNotOnlyWhatIsRead) {
  for (std::string_view bad : {"", "[]", "1", "{", R"({"a":1} x)", R"({"a":NaN})", R"({"a":[1,}])",
                               R"({"a":tru})", "{\"a\":\"\xff\"}", R"({"a" 1})"}) {
    EXPECT_FALSE(JsonFields::parse(bad, "body")) << bad;
  }
  std::string deep = "{\"a\":" + std::string(200, '[') + std::string(200, ']') + "}";
  EXPECT_FALSE(JsonFields::parse(deep, "body"));
}

TEST(JsonFields, AMemberIsReplacedInPlaceOrAdded) {
  auto fields = JsonFields::parse(kBody, "body");
  std::string replaced = json_with(kBody, *fields, "model", "\"y\"");
  EXPECT_EQ(replaced.substr(0, 20), R"({ "model" : "y" , "s)");
  EXPECT_EQ(replaced.size(), kBody.size() - 4);
  std::string added = json_with(kBody, *fields, "k", "1");
  EXPECT_TRUE(added.ends_with(R"("z":null,"k":1})"));
  auto empty = JsonFields::parse("{}", "body");
  EXPECT_EQ(json_with("{}", *empty, "k", "1"), R"({"k":1})");
}

TEST(JsonFields, ElementsOfAnArrayAreSlices) {
  auto elements = json_elements(R"([ "a" , {"b":[1]},3 ])");
  ASSERT_TRUE(elements);
  EXPECT_EQ(*elements, (std::vector<std::string_view>{"\"a\"", R"({"b":[1]})", "3"}));
  EXPECT_EQ(*json_unquote(R"("a\né")"), "a\né");
}

}  // namespace
}  // namespace penstock
