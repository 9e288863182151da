#include "api/anthropic/parse.h"

#include <gtest/gtest.h>

#include "api/anthropic/request_id_stream.h"
#include "core/run_task.h"
#include "http/answer_recorder.h"
#include "http/error_shape.h"

namespace penstock::api::anthropic {
namespace {

constexpr CallPath kMessages = {"/v1/messages", "messages", providers::Operation::kMessages};
constexpr CallPath kCount = {"/v1/messages/count_tokens", "messages.count_tokens",
                             providers::Operation::kCountTokens};

struct Parsed {
  Request request;
  gateway::Call call;
  Result<void> outcome;
};

std::unique_ptr<Parsed> parse(const CallPath& path, std::string body) {
  auto parsed = std::make_unique<Parsed>();
  parsed->request.body = std::move(body);
  parsed->request.headers.add("anthropic-version", "2023-06-01");
  parsed->call = begin_call(path, parsed->request);
  parsed->outcome = parse_call(parsed->call);
  return parsed;
}

TEST(ParseMessages, TheFieldsThatRouteAndTagACallAreRead) {
  auto parsed = parse(kMessages, R"({"model":"m","max_tokens":5,"messages":[],"stream":true,)"
                                 R"("metadata":{"user_id":"u1"}})");
  ASSERT_TRUE(parsed->outcome) << parsed->outcome.error().message;
  EXPECT_EQ(parsed->call.model, "m");
  EXPECT_TRUE(parsed->call.stream);
  EXPECT_EQ(parsed->call.user, "u1");
  EXPECT_EQ(parsed->call.header("anthropic-version"), "2023-06-01");
}

TEST(ParseMessages, ACountNeedsNoLimit) {
  EXPECT_TRUE(parse(kCount, R"({"model":"m","messages":[]})")->outcome);
}

TEST(ParseMessages, WrongRequestsAreRefusedByTheNameOfTheField) {
  constexpr std::pair<std::string_view, std::string_view> kRefused[] = {
      {"", ""},
      {"[]", ""},
      {R"({"max_tokens":1,"messages":[]})", "model"},
      {R"({"model":"m","max_tokens":1})", "messages"},
      {R"({"model":"m","messages":[]})", "max_tokens"},
      {R"({"model":"m","messages":[],"max_tokens":"1"})", "max_tokens"},
      {R"({"model":"m","messages":[],"max_tokens":-1})", "max_tokens"},
      {R"({"model":"m","messages":[],"max_tokens":1,"stream":1})", "stream"},
      {R"({"model":"m","messages":[],"max_tokens":1,"metadata":[]})", "metadata"},
      {R"({"model":"m","model":"n","messages":[],"max_tokens":1})", "model"},
      {R"({"model":"m","messages":[],"max_tokens":1,"stream":false,"stream":true})", "stream"},
  };
  for (const auto& [body, field] : kRefused) {
    auto parsed = parse(kMessages, std::string(body));
    ASSERT_FALSE(parsed->outcome) << body;
    EXPECT_EQ(parsed->outcome.error().field, field) << body;
  }
}

TEST(RequestIdStream, AnErrorNamesItsRequestInHeaderAndBody) {
  http::AnswerRecorder taker;
  RequestIdStream stream(taker);
  Response error = http::anthropic_error(Error::not_found("no"));
  error.head.headers.set("x-request-id", "id-1");
  (void)run_task(stream.send(std::move(error)));
  EXPECT_EQ(taker.head.headers.get("request-id"), "id-1");
  EXPECT_EQ(taker.body,
            R"({"type":"error","error":{"type":"not_found_error","message":"no"},"request_id":"id-1"})");
}

TEST(RequestIdStream, AnAnswerIsLeftAsItIs) {
  http::AnswerRecorder taker;
  RequestIdStream stream(taker);
  Response answer = Response::json(200, "{}");
  answer.head.headers.set("x-request-id", "id-1");
  (void)run_task(stream.send(std::move(answer)));
  EXPECT_EQ(taker.body, "{}");
  EXPECT_EQ(taker.head.headers.get("request-id"), "id-1");
  (void)run_task(stream.start(ResponseHead{.headers = {{"x-request-id", "id-2"}}}));
  EXPECT_EQ(taker.head.headers.get("request-id"), "id-2");
}

}  // namespace
}  // namespace penstock::api::anthropic
