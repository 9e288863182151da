#include "datasets/expectations/json_schema.h"

#include <gtest/gtest.h>

namespace penstock::datasets {
namespace {

bool fits(std::string_view document, std::string_view schema) {
  Json parsed = *parse_json(schema);
  EXPECT_TRUE(check_json_schema(parsed).has_value()) << schema;
  return matches_json_schema(*parse_json(document), parsed);
}

TEST(JsonSchema, KeywordsJudgeTheirTypes) {
  struct Row {
    std::string_view schema;
    std::string_view good;
    std::string_view bad;
  };
  for (const Row& row : std::initializer_list<Row>{
           {R"({"type":"integer"})", "1.0", "1.5"},
           {R"({"type":["string","null"]})", "null", "1"},
           {R"({"enum":[1,"a"]})", "1", "2"},
           {R"({"const":{"a":[1]}})", R"({"a":[1.0]})", R"({"a":[2]})"},
           {R"({"minimum":1,"exclusiveMaximum":3})", "1", "3"},
           {R"({"multipleOf":0.5})", "1.5", "1.2"},
           {R"({"minLength":2,"maxLength":2})", R"("éü")", R"("é")"},
           {R"({"items":{"type":"string"},"minItems":1})", R"(["a"])", "[1]"},
           {R"({"contains":{"const":1}})", "[2,1]", "[2]"},
           {R"({"uniqueItems":true})", "[1,2]", "[1,1.0]"},
           {R"({"required":["a"]})", R"({"a":1})", R"({"b":1})"},
           {R"({"properties":{"a":{"type":"string"}},"additionalProperties":false})", R"({"a":"x"})",
            R"({"b":1})"},
           {R"({"anyOf":[{"type":"string"},{"minimum":5}]})", "6", "4"},
           {R"({"oneOf":[{"minimum":1},{"minimum":5}]})", "2", "6"},
           {R"({"allOf":[{"minimum":1},{"maximum":5}]})", "2", "6"},
           {R"({"not":{"type":"string"}})", "2", R"("a")"},
           {R"({"if":{"type":"string"},"then":{"minLength":2},"else":{"minimum":2}})", "3", R"("a")"},
           {"true", "1", "null"}}) {
    EXPECT_TRUE(fits(row.good, row.schema)) << row.schema;
    if (row.schema != "true") EXPECT_FALSE(fits(row.bad, row.schema)) << row.schema;
  }
}

TEST(JsonSchema, WhatIsNotSupportedIsRefusedNotPassedOver) {
  for (std::string_view schema :
       {R"({"$ref":"#/a"})", R"({"properties":{"a":{"pattern":"x"}}})", "1", R"({"allOf":1})"}) {
    EXPECT_FALSE(check_json_schema(*parse_json(schema)).has_value()) << schema;
  }
}

}  // namespace
}  // namespace penstock::datasets
