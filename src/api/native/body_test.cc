#include "api/native/body.h"

#include <gtest/gtest.h>

namespace penstock::api::native {
namespace {

std::string field_of(std::string_view body, std::string_view schema = "NewKey") {
  auto json = parse_body(body, schema);
  return json ? "fits" : json.error().field;
}

TEST(Body, WhatFitsIsTaken) {
  EXPECT_EQ(field_of(R"({"name":"a"})"), "fits");
  EXPECT_EQ(field_of(R"({"name":"a","group":null,"budget":null,"limits":[],"models":["gpt-*"]})"), "fits");
  EXPECT_EQ(field_of(R"({"name":"a","budget":{"amount_nano_usd":1,"per":"day"}})"), "fits");
  EXPECT_EQ(field_of("{}", "KeyRotation"), "fits");
}

TEST(Body, TheFirstThingThatDoesNotFitIsNamed) {
  EXPECT_EQ(field_of("{}"), "name");
  EXPECT_EQ(field_of(R"({"name":5})"), "name");
  EXPECT_EQ(field_of(R"({"name":""})"), "name");
  EXPECT_EQ(field_of(R"({"name":"a","limits":[{"kind":"requests","amount":1,"per_s":60},{"kind":"x"}]})"),
            "limits[1].amount");
  EXPECT_EQ(field_of(R"({"name":"a","limits":[{"kind":"x","amount":1,"per_s":60}]})"), "limits[0].kind");
  EXPECT_EQ(field_of(R"({"name":"a","limits":[{"kind":"tokens","amount":0,"per_s":60}]})"),
            "limits[0].amount");
  EXPECT_EQ(field_of(R"({"name":"a","limits":[{"kind":"tokens","amount":1.5,"per_s":60}]})"),
            "limits[0].amount");
  EXPECT_EQ(field_of(R"({"name":"a","budget":{"amount_nano_usd":1}})"), "budget.per");
  EXPECT_EQ(field_of(R"({"name":"a","models":"gpt"})"), "models");
}

TEST(Body, AnUnknownFieldNamesTheNearestKnownOne) {
  auto json = parse_body(R"({"nam":"a"})", "NewKey");
  ASSERT_FALSE(json);
  EXPECT_EQ(json.error().field, "nam");
  EXPECT_EQ(json.error().message, "unknown field 'nam'; did you mean 'name'?");
  EXPECT_EQ(field_of(R"({"name":"a","budget":{"usd":1}})"), "budget.usd");
}

TEST(Body, WhatIsNoObjectIsRefused) {
  for (const char* text : {"", "[]", "null", "{", R"({"name":"a"} x)", "\xff"})
    EXPECT_NE(field_of(text), "fits");
  EXPECT_NE(field_of("{\"name\":" + std::string(200, '[') + std::string(200, ']') + "}"), "fits");
  EXPECT_EQ(parse_body(std::string(kBodyBytesMax + 1, ' '), "NewKey").error().code, ErrorCode::kTooLarge);
}

}  // namespace
}  // namespace penstock::api::native
