#include "datasets/dvc/yaml_text.h"

#include <gtest/gtest.h>

namespace penstock::datasets::dvc {
namespace {

Value read(std::string_view text) {
  Result<Value> value = read_yaml(text, "test.yaml");
  EXPECT_TRUE(value) << value.error().message;
  return value ? *value : Value{};
}

constexpr std::string_view kOutput =
    "outs:\n"
    "- md5: 764efa883dda1e11db47671c4a3bbd9e\n"
    "  size: 3\n"
    "  hash: md5\n"
    "  path: a\n";

TEST(YamlText, WhatDvcWroteComesBackByteByByte) { EXPECT_EQ(write_yaml(read(kOutput)), kOutput); }

TEST(YamlText, CommentsAndBlankLinesStay) {
  std::string text =
      "# head\n\nouts:  # all of them\n# between\n- md5: 764efa883dda1e11db47671c4a3bbd9e   # a hash\n  "
      "size: 3\n\n"
      "  path: a\n# end\n";
  EXPECT_EQ(write_yaml(read(text)), text);
}

TEST(YamlText, AChangeLeavesTheRestAlone) {
  Value target = read("outs:\n- md5: aa  # kept\n  path: x\n  desc: text\n");
  Value source = read("outs:\n- md5: bb\n  path: x\n  desc: text\n  size: 3\n");
  apply_changes(source, target);
  EXPECT_EQ(write_yaml(target), "outs:\n- md5: bb  # kept\n  path: x\n  desc: text\n  size: 3\n");
}

TEST(YamlText, ScalarsAreQuotedWherePlainTextWouldReadAsSomethingElse) {
  Value map = Value::map();
  for (std::string_view text :
       {"12",   "1e5", "true", "null",  "~",         "2020-01-01", "0x1F",       "a: b",
        "- a",  "#x",  "x #y", " lead", "trail ",    "it's",       "two\nlines", "tab\there",
        "",     "<<",  "=",    "@at",   "%p",        "key:",       "a,b",        "1.2.3",
        "0o17", "yes", ".5",   "12:30", "\u00fc: y", "nul\0"}) {
    map.set("k" + std::to_string(map.members.size()), Value::string(text));
  }
  Value back = read(write_yaml(map));
  EXPECT_EQ(back, map) << write_yaml(map);
}

// Each line as ruamel.yaml 0.18 wrote it.
TEST(YamlText, SpellsAsRuamelDoes) {
  auto spelled = [](std::string_view text) {
    Value map = Value::map();
    map.set("k", Value::string(text));
    return write_yaml(map);
  };
  EXPECT_EQ(spelled("12"), "k: '12'\n");
  EXPECT_EQ(spelled("it's"), "k: it's\n");
  EXPECT_EQ(spelled("'quoted"), "k: \"'quoted\"\n");
  EXPECT_EQ(spelled("a: b"), "k: 'a: b'\n");
  EXPECT_EQ(spelled("tab\there"), "k: \"tab\\there\"\n");
  EXPECT_EQ(spelled("two\nlines"), "k: \"two\\nlines\"\n");
  EXPECT_EQ(spelled(""), "k: ''\n");
  EXPECT_EQ(spelled("yes"), "k: yes\n");
}

TEST(YamlText, LongPlainTextIsFoldedAfterEightyColumns) {
  Value map = Value::map();
  map.set("cmd", Value::string(
                     "python3 -c \"import json;json.dump({'auc':0.5,'n':{'x':1}},open('metrics.json','w'))\" "
                     "> model.bin"));
  EXPECT_EQ(write_yaml(map),
            "cmd: python3 -c \"import \n"
            "  json;json.dump({'auc':0.5,'n':{'x':1}},open('metrics.json','w'))\" > model.bin\n");
  EXPECT_EQ(read(write_yaml(map)), map);
}

TEST(YamlText, FlowCollectionsAnchorsAndBlockScalarsAreRead) {
  Value value = read(
      "base: &b\n  lr: 0.1\n  name: 'x''y'\nuse:\n  <<: *b\n  lr: 0.2\nlist: [1, \"two\", {a: b}]\n"
      "text: |\n  one\n   two\nfolded: >-\n  a\n  b\nmulti: one\n  two\n");
  EXPECT_EQ(value.find("use")->text_at("lr"), "0.2");
  EXPECT_EQ(value.find("use")->text_at("name"), "x'y");
  EXPECT_EQ(value.find("list")->items.size(), 3U);
  EXPECT_EQ(value.text_at("text"), "one\n two\n");
  EXPECT_EQ(value.text_at("folded"), "a b");
  EXPECT_EQ(value.text_at("multi"), "one two");
}

TEST(YamlText, ErrorsNameFileAndLine) {
  for (std::string_view text : {"a: b: c\n", "a: 1\n  b: 2\n", "a: [1\n", "a: 'x\n", "- a\nb\n",
                                "a: 1\na: 2\n", "a: !tag x\n", "a: *none\n", "\ta: 1\n"}) {
    Result<Value> value = read_yaml(text, "broken.dvc");
    ASSERT_FALSE(value) << text;
    EXPECT_EQ(value.error().code, ErrorCode::kInvalidArgument);
    EXPECT_TRUE(value.error().message.starts_with("broken.dvc line ")) << value.error().message;
  }
}

TEST(YamlText, DepthIsBounded) {
  std::string deep(10'000, '[');
  EXPECT_FALSE(read_yaml("a: " + deep, "deep.yaml"));
  std::string dashes;
  for (int i = 0; i < 1000; ++i) dashes += "- ";
  EXPECT_FALSE(read_yaml(dashes, "deep.yaml"));
}

TEST(PythonJson, IsThatOfJsonDumps) {
  Value map = Value::map();
  map.set("b", Value::string("ü\x01\"\\\n\U0001F600\x7f"));
  map.set("a", Value::list());
  EXPECT_EQ(python_json(map), "{\"b\": \"\\u00fc\\u0001\\\"\\\\\\n\\ud83d\\ude00\\u007f\", \"a\": []}");
  EXPECT_EQ(python_json(map, MemberOrder::kSorted).substr(0, 8), "{\"a\": []");
}

}  // namespace
}  // namespace penstock::datasets::dvc
