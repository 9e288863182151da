#include "core/yaml.h"

#include <gtest/gtest.h>

namespace penstock {
namespace {

TEST(YamlTest, KeepsTextOrderAndTheLineOfEachKey) {
  YamlNode root = parse_yaml("b: 0.50\na:\n  - x\n  - y: true\n", "f").value();
  ASSERT_EQ(root.members.size(), 2U);
  EXPECT_EQ(root.members[0].first, "b");
  EXPECT_EQ(root.text_at("b"), "0.50");
  const YamlNode& list = *root.find("a");
  EXPECT_EQ(list.line, 2);
  ASSERT_EQ(list.items.size(), 2U);
  EXPECT_EQ(list.items[0].line, 3);
  EXPECT_EQ(list.items[1].find("y")->line, 4);
  EXPECT_EQ(list.items[1].text_at("y"), "true");
  EXPECT_EQ(root.find("c"), nullptr);
  EXPECT_EQ(root.text_at("a"), "");
}

TEST(YamlTest, FollowsAnchorsAndMerges) {
  YamlNode root = parse_yaml(
                      "one: &one {key: 1, other: 2}\ntwo: &two {third: 3}\n"
                      "all: {<<: [*one, *two], key: own}\nsame: *one\n",
                      "f")
                      .value();
  const YamlNode& all = *root.find("all");
  EXPECT_EQ(all.text_at("key"), "own");
  EXPECT_EQ(all.text_at("other"), "2");
  EXPECT_EQ(all.text_at("third"), "3");
  EXPECT_EQ(all.find("<<"), nullptr);
  EXPECT_EQ(root.find("same")->text_at("other"), "2");
}

TEST(YamlTest, NothingIsANullNode) {
  EXPECT_EQ(parse_yaml("", "f").value().kind, YamlNode::Kind::kNull);
  EXPECT_EQ(parse_yaml("a:\n", "f").value().find("a")->kind, YamlNode::Kind::kNull);
}

TEST(YamlTest, AnErrorNamesFileLineAndColumn) {
  auto broken = parse_yaml("a: 1\nb: [1, 2\n", "config.yaml");
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error().code, ErrorCode::kInvalidArgument);
  EXPECT_TRUE(broken.error().message.starts_with("config.yaml:")) << broken.error().message;
}

TEST(YamlTest, RefusesWhatIsTooLargeTooDeepOrABombOfAnchors) {
  EXPECT_EQ(parse_yaml("abc", "f", {.bytes_max = 2}).error().code, ErrorCode::kTooLarge);
  EXPECT_EQ(parse_yaml("[[[[1]]]]", "f", {.depth_max = 3}).error().code, ErrorCode::kTooLarge);
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i) {
    std::string before = "*a" + std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int j = 0; j < 10; ++j) bomb += (j == 0 ? "" : ", ") + before;
    bomb += "]\n";
  }
  EXPECT_EQ(parse_yaml(bomb, "f").error().code, ErrorCode::kTooLarge);
}

}  // namespace
}  // namespace penstock
