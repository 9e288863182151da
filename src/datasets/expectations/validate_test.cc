#include "datasets/expectations/validate.h"

#include "core/json_text.h"
#include "datasets/expectations/expectations_fixture.h"

namespace penstock::datasets {
namespace {

constexpr std::string_view kUsers =
    "user_id,age,name\n"
    "1,30,ann\n"
    "2,,bob\n"
    ",200,\"with, comma\"\n"
    "4,41,NA\n";

using ValidateTest = ExpectationsTest;

TEST_F(ValidateTest, AMissingValueFailsNotBeNullAndIsNamed) {
  auto result =
      judge(write("users.csv", kUsers), "expect_column_values_to_not_be_null", R"({"column":"user_id"})");
  EXPECT_FALSE(result.success);
  EXPECT_EQ(result.result["unexpected_count"], 1);
  EXPECT_EQ(result.result["unexpected_percent"], 25.0);
  EXPECT_EQ(json_text(result.result["partial_unexpected_index_list"]), "[2]");
}

TEST_F(ValidateTest, MostlyLetsSomeRowsBeUnexpected) {
  std::string path = write("users.csv", kUsers);
  EXPECT_TRUE(
      judge(path, "expect_column_values_to_not_be_null", R"({"column":"age","mostly":0.75})").success);
  EXPECT_FALSE(
      judge(path, "expect_column_values_to_not_be_null", R"({"column":"age","mostly":0.76})").success);
}

TEST_F(ValidateTest, NamesOfColumnsAreTakenLiterally) {
  std::string path = write("odd.csv", "\"a \"\"b\"\"; DROP VIEW data\",x\n1,2\n");
  auto result =
      judge(path, "expect_column_max_to_be_between", R"({"column":"a \"b\"; DROP VIEW data","max_value":1})");
  EXPECT_TRUE(result.success) << result.exception;
}

TEST_F(ValidateTest, ValuesOfASetAreTakenLiterally) {
  std::string path = write("quotes.csv", "s\nit's\nplain\n");
  auto result = judge(path, "expect_column_values_to_be_in_set",
                      R"({"column":"s","value_set":["it's","') OR ('1'='1"]})");
  EXPECT_EQ(result.result["unexpected_count"], 1);
}

TEST_F(ValidateTest, ASuiteOfManyCountsIsOneScan) {
  Suite suite;
  for (std::string_view column : {"user_id", "age"}) {
    for (int i = 0; i < 20; ++i) {
      suite.expectations.push_back(
          {.type = "expect_column_values_to_be_between",
           .kwargs = {{"column", column}, {"min_value", -i}, {"max_value", 1000 + i}}});
      suite.expectations.push_back(
          {.type = "expect_column_mean_to_be_between", .kwargs = {{"column", column}, {"min_value", -i}}});
    }
  }
  auto validation = validate(*connection_, {.path = write("users.csv", kUsers)}, suite, {});
  ASSERT_TRUE(validation.has_value());
  EXPECT_TRUE(succeeded(*validation));
  EXPECT_EQ(validation->statements, 1U);
}

TEST_F(ValidateTest, WhatCannotBeJudgedFailsAloneAndSaysWhy) {
  Suite suite{
      .expectations = {
          {.type = "expect_column_values_to_be_unique", .kwargs = {{"column", "absent"}}},
          {.type = "expect_nothing", .kwargs = {}},
          {.type = "expect_column_mean_to_be_between", .kwargs = {{"column", "name"}}},
          {.type = "expect_column_values_to_match_regex", .kwargs = {{"column", "name"}, {"regex", "(?=x)"}}},
          {.type = "expect_column_values_to_be_unique", .kwargs = {{"column", "name"}, {"mostle", 1}}},
          {.type = "expect_column_to_exist", .kwargs = {{"column", "name"}}}}};
  auto validation = validate(*connection_, {.path = write("users.csv", kUsers)}, suite, {});
  ASSERT_TRUE(validation.has_value());
  std::vector<std::string> words = {"absent", "expect_nothing", "mean", "RE2", "did you mean 'mostly'"};
  for (size_t i = 0; i < words.size(); ++i) {
    EXPECT_FALSE(validation->results[i].success);
    EXPECT_NE(validation->results[i].exception.find(words[i]), std::string::npos)
        << validation->results[i].exception;
  }
  EXPECT_TRUE(validation->results.back().success);
  EXPECT_FALSE(succeeded(*validation));
}

TEST_F(ValidateTest, ATypeThatTheFirstRowsDidNotShowIsFoundInTheWholeFile) {
  std::string text = "x\n";
  for (int i = 0; i < 40'000; ++i) text += std::to_string(i) + "\n";
  text += "many\n";
  auto result =
      judge(write("late.csv", text), "expect_column_values_to_be_of_type", R"({"column":"x","type_":"str"})");
  EXPECT_TRUE(result.success) << result.exception << json_text(result.result);
}

TEST_F(ValidateTest, NaNInParquetIsAMissingValue) {
  std::string path = write_parquet("nan.parquet", "SELECT unnest([1.5, 'nan'::DOUBLE, NULL]) AS x");
  auto result = judge(path, "expect_column_values_to_not_be_null", R"({"column":"x"})");
  EXPECT_EQ(result.result["unexpected_count"], 2);
  EXPECT_EQ(judge(path, "expect_column_max_to_be_between", R"({"column":"x"})").result["observed_value"],
            1.5);
}

TEST_F(ValidateTest, AFileThatIsNotThereIsNotFound) {
  auto validation = validate(*connection_, {.path = "/absent/file.csv"}, {}, {});
  ASSERT_FALSE(validation.has_value());
  EXPECT_EQ(validation.error().code, ErrorCode::kNotFound);
}

TEST_F(ValidateTest, AnUnknownEndingAsksForTheFormat) {
  auto validation = validate(*connection_, {.path = write("data.bin", "x\n")}, {}, {});
  ASSERT_FALSE(validation.has_value());
  EXPECT_NE(validation.error().message.find("--format"), std::string::npos);
}

TEST_F(ValidateTest, TheDocumentHasTheFieldsOfGreatExpectations) {
  Suite suite{.name = "s",
              .expectations = {{.type = "expect_column_to_exist", .kwargs = {{"column", "age"}}}}};
  auto validation = validate(*connection_, {.path = write("users.csv", kUsers)}, suite, {});
  ASSERT_TRUE(validation.has_value());
  Json document = validation_document(suite, *validation, {1'700'000'000'000'000});
  EXPECT_TRUE(bool_at(document, "success"));
  EXPECT_EQ(json_text(*find(document, "statistics")),
            R"({"evaluated_expectations":1,"successful_expectations":1,"unsuccessful_expectations":0,)"
            R"("success_percent":100})");
  EXPECT_EQ(string_at(*find(document, "meta"), "validation_time"), "2023-11-14T22:13:20.000000+00:00");
}

TEST_F(ValidateTest, IndexColumnsNameTheUnexpectedRows) {
  auto result = judge(write("users.csv", kUsers), "expect_column_values_to_be_between",
                      R"({"column":"age","min_value":0,"max_value":120,
                          "result_format":{"result_format":"COMPLETE",
                                           "unexpected_index_column_names":["name"]}})");
  EXPECT_EQ(json_text(result.result["unexpected_index_list"]), R"([{"age":200,"name":"with, comma"}])");
}

TEST_F(ValidateTest, ValuesLeftOutAreNotInTheResult) {
  auto result = judge(write("users.csv", kUsers), "expect_column_values_to_be_between",
                      R"({"column":"age","min_value":0,"max_value":120,
                          "result_format":{"result_format":"COMPLETE","exclude_unexpected_values":true}})");
  EXPECT_FALSE(result.result.contains("unexpected_list"));
  EXPECT_FALSE(result.result.contains("partial_unexpected_list"));
  EXPECT_EQ(result.result["unexpected_count"], 1);
}

TEST_F(ValidateTest, AQueryOverTheBatchFindsUnexpectedRows) {
  auto result = judge(write("users.csv", kUsers), "unexpected_rows_expectation",
                      R"({"unexpected_rows_query":"SELECT * FROM {batch} WHERE age > 100;",
                          "result_format":"COMPLETE"})");
  EXPECT_FALSE(result.success);
  EXPECT_EQ(json_text(result.result), R"({"observed_value":1,"details":{"unexpected_rows":)"
                                      R"([{"user_id":null,"age":200,"name":"with, comma"}]}})");
}

TEST_F(ValidateTest, LikePatternsAndJsonSchemasJudgeTexts) {
  std::string path = write("texts.csv", "s\n10%\n\"{\"\"a\"\": 1}\"\n\"{\"\"a\"\": \"\"b\"\"}\"\n");
  EXPECT_EQ(judge(path, "expect_column_values_to_match_like_pattern", R"({"column":"s","like_pattern":"{%"})")
                .result["unexpected_count"],
            1);
  auto schema = judge(path, "expect_column_values_to_match_json_schema",
                      R"({"column":"s","row_condition":"s != '10%'",
                          "json_schema":{"properties":{"a":{"type":"integer"}}}})");
  EXPECT_EQ(schema.result["unexpected_count"], 1) << schema.exception;
}

TEST_F(ValidateTest, RowsAreCountedAgainstAnotherFile) {
  std::string other = write("other.jsonl", "{\"a\":1}\n{\"a\":2}\n");
  auto result = judge(write("users.csv", kUsers), "expect_table_row_count_to_equal_other_table",
                      "{\"other_table_name\":\"" + other + "\"}");
  EXPECT_EQ(json_text(result.result), R"({"observed_value":{"self":4,"other":2}})") << result.exception;
}

}  // namespace
}  // namespace penstock::datasets
