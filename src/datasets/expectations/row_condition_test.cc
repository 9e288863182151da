#include "datasets/expectations/row_condition.h"

#include "datasets/expectations/expectations_fixture.h"

namespace penstock::datasets {
namespace {

class RowConditionTest : public ExpectationsTest {
 protected:
  void SetUp() override {
    ExpectationsTest::SetUp();
    auto opened = DataFile::open(
        *connection_, {.path = write("rows.csv", "n,s,my col\n1,a,true\n2,,false\n,c,true\n4,a,true\n")});
    ASSERT_TRUE(opened.has_value()) << opened.error().message;
    file_ = std::move(*opened);
  }

  // How many of the four rows a condition lets through; -1 if it is refused.
  int64_t rows(const Json& condition) {
    auto sql = parse_row_condition(condition, file_);
    if (!sql) return -1;
    auto result = connection_->run("SELECT count(*) FROM data WHERE " + *sql);
    EXPECT_TRUE(result.has_value()) << *sql;
    auto cells = result->all(1);
    return std::get<int64_t>(cells->at(0).at(0));
  }

  DataFile file_;
};

TEST_F(RowConditionTest, PandasQueriesCompareAndCombine) {
  EXPECT_EQ(rows("n > 1"), 2);
  EXPECT_EQ(rows("n == 1 or s == 'c'"), 2);
  EXPECT_EQ(rows("(n >= 1) & ~(s == \"a\")"), 1);
  EXPECT_EQ(rows("not n in [1, 4]"), 2);
  EXPECT_EQ(rows("n not in [1, 4]"), 2);
  EXPECT_EQ(rows("`my col`"), 3);
  EXPECT_EQ(rows("`my col` == False"), 1);
  EXPECT_EQ(rows("s.isnull() | n.isnull()"), 2);
  EXPECT_EQ(rows("n > -1.5e0 and n <= 2"), 2);
}

TEST_F(RowConditionTest, AMissingValueIsUnequalToEverything) {
  EXPECT_EQ(rows("n == 1"), 1);
  EXPECT_EQ(rows("n != 1"), 3);
  EXPECT_EQ(rows("s == 5"), 0);
  EXPECT_EQ(rows("s != 5"), 4);
}

TEST_F(RowConditionTest, TheOldParsersStringsAreUnderstood) {
  EXPECT_EQ(rows("col(\"s\").notnull()"), 3);
  EXPECT_EQ(rows("col(\"n\") > 1"), 2);
  EXPECT_EQ(rows("col(\"s\") == 'a'"), 2);
}

TEST_F(RowConditionTest, ConditionObjectsAreUnderstood) {
  auto object = [](std::string_view text) { return *parse_json(text); };
  EXPECT_EQ(rows(object(R"({"type":"comparison","column":{"name":"n"},"operator":"<","parameter":3})")), 2);
  EXPECT_EQ(rows(object(R"({"type":"comparison","column":{"name":"s"},"operator":"IN","parameter":["a"]})")),
            2);
  EXPECT_EQ(rows(object(R"({"type":"nullity","column":{"name":"s"},"is_null":true})")), 1);
  EXPECT_EQ(rows(object(R"({"type":"or","conditions":[
      {"type":"pass_through","pass_through_filter":"n == 2"},
      {"type":"and","conditions":[{"type":"nullity","column":{"name":"n"},"is_null":true}]}]})")),
            2);
}

TEST_F(RowConditionTest, WhatIsNotUnderstoodIsRefused) {
  for (std::string_view text : {"absent == 1", "n >", "n", "s > 1", "n == 1 extra", "(n == 1", "s == 'a",
                                "n.sum()", "n == 1; DROP VIEW data", "@n == 1"}) {
    EXPECT_EQ(rows(boost::json::string(text)), -1) << text;
  }
  EXPECT_EQ(rows(boost::json::string(std::string(200, '('))), -1);
}

}  // namespace
}  // namespace penstock::datasets
