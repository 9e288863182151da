#include "http/error_shape.h"

#include <gtest/gtest.h>

#include <set>

namespace penstock::http {
namespace {

TEST(ErrorShapeTest, WritesOpenAiErrorsWithAllFourKeys) {
  Response unknown = openai_error(Error::not_found("no model 'x'", "model_not_found"));
  EXPECT_EQ(unknown.head.status, 404);
  EXPECT_EQ(unknown.body, R"({"error":{"message":"no model 'x'","type":"not_found_error","param":null,)"
                          R"("code":"model_not_found"}})");
  EXPECT_EQ(openai_error_json(Error::invalid("messages[0].role", "bad role")),
            R"({"error":{"message":"bad role","type":"invalid_request_error",)"
            R"("param":"messages[0].role","code":null}})");
  EXPECT_EQ(
      openai_error_json(Error{.code = ErrorCode::kUnauthenticated, .message = "m"}),
      R"({"error":{"message":"m","type":"authentication_error","param":null,"code":"invalid_api_key"}})");
}

TEST(ErrorShapeTest, TellsClientsWhenToComeBack) {
  Response busy =
      openai_error(Error{.code = ErrorCode::kRateLimited, .message = "full", .retry_after_ms = 1001});
  EXPECT_EQ(busy.head.status, 429);
  EXPECT_EQ(busy.head.headers.get("retry-after"), "2");
  EXPECT_EQ(busy.head.headers.get("retry-after-ms"), "1001");
  EXPECT_FALSE(busy.head.headers.has("x-should-retry"));
}

TEST(ErrorShapeTest, TellsClientsWhereNoRetryHelps) {
  Error spent{.code = ErrorCode::kRateLimited, .message = "spent", .reason = "insufficient_quota"};
  Response answer = openai_error(spent);
  EXPECT_EQ(answer.head.status, 429);
  EXPECT_EQ(answer.head.headers.get("x-should-retry"), "false");
  EXPECT_EQ(answer.body, R"({"error":{"message":"spent","type":"insufficient_quota","param":null,)"
                         R"("code":"insufficient_quota"}})");
}

TEST(ErrorShapeTest, WritesNativeErrors) {
  Response answer = native_error(Error::invalid("limit", "limit must be positive"));
  EXPECT_EQ(answer.head.status, 400);
  EXPECT_EQ(answer.body,
            R"({"error":{"code":"invalid_argument","message":"limit must be positive","field":"limit"}})");
  EXPECT_EQ(native_error(Error::unavailable("m")).body, R"({"error":{"code":"unavailable","message":"m"}})");
}

TEST(ErrorShapeTest, HasAStatusForEveryCode) {
  std::set<int> statuses;
  for (int code = 0; code <= static_cast<int>(ErrorCode::kInternal); ++code) {
    int status = http_status(static_cast<ErrorCode>(code));
    EXPECT_GE(status, 400);
    EXPECT_LT(status, 600);
    statuses.insert(status);
  }
  EXPECT_EQ(statuses.size(), 15u) << "only kCorrupt and kInternal share one";
  EXPECT_EQ(http_status(ErrorCode::kCancelled), 499);
}

TEST(AnthropicError, ItsClientsFindTypeAndMessageWhereTheyLook) {
  Response response = anthropic_error(Error::invalid("max_tokens", "must be given"));
  EXPECT_EQ(response.head.status, 400);
  EXPECT_EQ(
      response.body,
      R"({"type":"error","error":{"type":"invalid_request_error","message":"max_tokens: must be given"}})");
  EXPECT_EQ(anthropic_error(Error::invalid("n", "'n' must be 1")).body,
            R"({"type":"error","error":{"type":"invalid_request_error","message":"'n' must be 1"}})");
}

TEST(AnthropicError, AnUnavailableServiceIsOverloadedThere) {
  Response response =
      anthropic_error(Error{.code = ErrorCode::kUnavailable, .message = "m", .retry_after_ms = 1500});
  EXPECT_EQ(response.head.status, 529);
  EXPECT_TRUE(response.body.contains("overloaded_error"));
  EXPECT_EQ(response.head.headers.get("retry-after"), "2");
}

}  // namespace
}  // namespace penstock::http
