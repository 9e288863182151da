#include "datasets/expectations/suite.h"

#include <gtest/gtest.h>

#include "core/json_text.h"
#include "datasets/expectations/catalogue.h"

namespace penstock::datasets {
namespace {

TEST(Suite, OneOfVersionOneIsReadAndWrittenBack) {
  constexpr std::string_view kText =
      R"({"name":"users","id":"i","expectations":[{"type":"expect_column_values_to_be_unique",)"
      R"("kwargs":{"column":"id"},"meta":{"owner":"x"},"id":"e1","severity":"warning"}],)"
      R"("suite_parameters":{},"meta":{"great_expectations_version":"1.24.1"},"notes":null})";
  auto suite = parse_suite(kText, "suite.json");
  ASSERT_TRUE(suite.has_value()) << suite.error().message;
  EXPECT_EQ(suite->name, "users");
  auto again = parse_suite(json_text(suite_document(*suite)), "again.json");
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(again->expectations.at(0).severity, "warning");
  EXPECT_EQ(again->expectations.at(0).id, "e1");
  EXPECT_EQ(json_text(again->expectations.at(0).meta), R"({"owner":"x"})");
}

TEST(Suite, OneOfVersionZeroIsReadByItsOldNames) {
  auto suite = parse_suite(
      R"({"expectation_suite_name":"old","expectations":[{"expectation_type":)"
      R"("expect_column_pair_values_A_to_be_greater_than_B","kwargs":{"column_A":"a","column_B":"b"}}]})",
      "old.json");
  ASSERT_TRUE(suite.has_value()) << suite.error().message;
  EXPECT_EQ(suite->name, "old");
  EXPECT_EQ(suite->expectations.at(0).type, "expect_column_pair_values_a_to_be_greater_than_b");
}

TEST(Suite, ShortYamlNamesColumnsAndTable) {
  auto suite = parse_suite(
      "suite: users\n"
      "table:\n"
      "  - row_count_to_be_between: {min_value: 1}\n"
      "columns:\n"
      "  user_id: [not_be_null, be_unique]\n"
      "  age:\n"
      "    - mean_to_be_between: {min_value: 18, max_value: 65.5, severity: warning}\n",
      "users.yaml");
  ASSERT_TRUE(suite.has_value()) << suite.error().message;
  ASSERT_EQ(suite->expectations.size(), 4U);
  EXPECT_EQ(suite->expectations[0].type, "expect_table_row_count_to_be_between");
  EXPECT_EQ(suite->expectations[2].type, "expect_column_values_to_be_unique");
  EXPECT_EQ(json_text(suite->expectations[3].kwargs), R"({"min_value":18,"max_value":65.5,"column":"age"})");
  EXPECT_EQ(suite->expectations[3].severity, "warning");
}

TEST(Suite, YamlErrorsNameTheLine) {
  auto suite = parse_suite("columns:\n  a:\n    - be_uniqe\n", "users.yaml");
  ASSERT_FALSE(suite.has_value());
  EXPECT_NE(suite.error().message.find("users.yaml:3"), std::string::npos) << suite.error().message;
}

TEST(Suite, WhatIsNoSuiteIsRefused) {
  for (std::string_view text :
       {"{}", R"({"expectations":{}})", R"({"expectations":[{"kwargs":{}}]})", "{", "- a"}) {
    EXPECT_FALSE(parse_suite(text, "x").has_value()) << text;
  }
}

TEST(Suite, ParametersAreFilledIn) {
  auto suite = parse_suite(R"({"name":"p","expectations":[{"type":"expect_column_max_to_be_between",)"
                           R"("kwargs":{"column":"a","max_value":{"$PARAMETER":"top"}}}]})",
                           "p.json");
  ASSERT_TRUE(suite.has_value());
  Suite other = *suite;
  EXPECT_FALSE(fill_parameters(other, {}).has_value());
  ASSERT_TRUE(fill_parameters(*suite, {{"top", 7}}).has_value());
  EXPECT_EQ(suite->expectations[0].kwargs["max_value"], 7);
}

TEST(Catalogue, EveryShortNameOfARowLeadsToThatRow) {
  for (const ExpectationType& type : catalogue()) {
    EXPECT_EQ(full_name(type.name), type.name);
    EXPECT_NE(type.map == nullptr, type.aggregate == nullptr) << type.name;
  }
  EXPECT_EQ(full_name("be_in_set"), "expect_column_values_to_be_in_set");
  EXPECT_EQ(full_name("mean_to_be_between"), "expect_column_mean_to_be_between");
  EXPECT_EQ(full_name("nothing"), "");
}

}  // namespace
}  // namespace penstock::datasets
