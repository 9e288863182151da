#include "api/native/parameters.h"

#include <gtest/gtest.h>

#include <array>

namespace penstock::api::native {
namespace {

constexpr std::array<std::string_view, 2> kChoices = {"ok", "error"};
constexpr std::array kKnown = {
    Parameter{.name = "limit",
              .type = Parameter::Type::kInteger,
              .description = "",
              .minimum = 1,
              .maximum = 200,
              .fallback = 50},
    Parameter{.name = "model", .description = "", .maximum = 8},
    Parameter{.name = "status", .type = Parameter::Type::kChoice, .description = "", .choices = kChoices},
};

Error error_of(std::string_view raw) {
  auto query = Query::parse(raw, kKnown);
  return query ? Error{.message = "no error"} : query.error();
}

TEST(Query, ValuesAreDecodedAndChecked) {
  auto query = Query::parse("limit=20&model=a%2Fb+c&status=error", kKnown);
  ASSERT_TRUE(query) << query.error().message;
  EXPECT_EQ(query->integer("limit"), 20);
  EXPECT_EQ(query->text("model"), "a/b c");
  EXPECT_EQ(query->text("status"), "error");
}

TEST(Query, WhatIsAbsentOrEmptyIsTheFallback) {
  for (std::string_view raw : {"", "limit=&model=", "&&model&"}) {
    auto query = Query::parse(raw, kKnown);
    ASSERT_TRUE(query) << raw;
    EXPECT_EQ(query->integer("limit"), 50);
    EXPECT_EQ(query->text("model"), "");
    EXPECT_EQ(query->text("status"), "");
  }
}

TEST(Query, WrongValuesNameTheirParameter) {
  for (std::string_view raw : {"limit=0", "limit=201", "limit=x", "limit=1.5", "limit=+3",
                               "limit=9999999999999999999", "limit=1&limit=2"}) {
    EXPECT_EQ(error_of(raw).field, "limit") << raw;
    EXPECT_EQ(error_of(raw).code, ErrorCode::kInvalidArgument) << raw;
  }
  for (std::string_view raw : {"model=123456789", "model=%FF"})
    EXPECT_EQ(error_of(raw).field, "model") << raw;
  for (std::string_view raw : {"status=OK", "status=200"}) EXPECT_EQ(error_of(raw).field, "status") << raw;
  EXPECT_EQ(error_of("status=x").message, "query parameter 'status' must be ok or error");
}

TEST(Query, UnknownParametersAreNamedWithTheNearestKnownOne) {
  EXPECT_EQ(error_of("limits=3").field, "limits");
  EXPECT_EQ(error_of("limits=3").message, "unknown query parameter 'limits'; did you mean 'limit'?");
  EXPECT_EQ(error_of("Limit=3").field, "Limit");
  EXPECT_EQ(error_of("=3").code, ErrorCode::kInvalidArgument);
  EXPECT_LT(error_of(std::string(10'000, 'x')).message.size(), 200U);
}

}  // namespace
}  // namespace penstock::api::native
