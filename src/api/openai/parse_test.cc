#include "api/openai/parse.h"

#include <gtest/gtest.h>

namespace penstock::api::openai {
namespace {

constexpr CallPath kChat = {"/v1/chat/completions", "chat.completions", providers::Operation::kChat,
                            "messages"};

struct Parsed {
  Request request;
  gateway::Call call;
  Result<void> outcome;
};

std::unique_ptr<Parsed> parse(std::string body) {
  auto parsed = std::make_unique<Parsed>();
  parsed->request.body = std::move(body);
  parsed->request.headers.add("X-Penstock-Feature", "search");
  parsed->call = begin_call(kChat, parsed->request);
  parsed->outcome = parse_call(kChat, parsed->call);
  return parsed;
}

TEST(ParseCall, TheFieldsThatRouteAndTagACallAreRead) {
  auto parsed = parse(R"({"model":"m","messages":[],"stream":true,"stream_options":{"include_usage":true},)"
                      R"("user":"u1","metadata":{"feature":"ignored","team":"a"}})");
  ASSERT_TRUE(parsed->outcome) << parsed->outcome.error().message;
  EXPECT_EQ(parsed->call.model, "m");
  EXPECT_TRUE(parsed->call.stream);
  EXPECT_TRUE(parsed->call.usage_asked);
  EXPECT_EQ(parsed->call.user, "u1");
  EXPECT_EQ(parsed->call.feature, "search") << "the header wins";
  EXPECT_EQ(parsed->call.metadata[1], (std::pair<std::string, std::string>{"team", "a"}));
}

struct Refused {
  std::string_view body;
  std::string_view field;
};

TEST(ParseCall, WrongRequestsAreRefusedByTheNameOfTheField) {
  constexpr Refused kRefused[] = {
      {"", ""},
      {"[]", ""},
      {R"({"model":"m","messages":[]} x)", ""},
      {R"({"model":"m","messages":[NaN]})", ""},
      {"{\"model\":\"m\",\"messages\":[\"\xff\"]}", ""},
      {R"({"messages":[]})", "model"},
      {R"({"model":7,"messages":[]})", "model"},
      {R"({"model":"","messages":[]})", "model"},
      {R"({"model":"m"})", "messages"},
      {R"({"model":"m","model":"n","messages":[]})", "model"},
      {R"({"model":"m","messages":[],"stream":"yes"})", "stream"},
      {R"({"model":"m","messages":[],"stream_options":{}})", "stream_options"},
      {R"({"model":"m","messages":[],"metadata":[]})", "metadata"},
      {R"({"model":"m","messages":[],"metadata":{"a":1}})", "a"},
  };
  for (const Refused& refused : kRefused) {
    auto parsed = parse(std::string(refused.body));
    ASSERT_FALSE(parsed->outcome) << refused.body;
    EXPECT_EQ(parsed->outcome.error().code, ErrorCode::kInvalidArgument) << refused.body;
    EXPECT_EQ(parsed->outcome.error().field, refused.field) << refused.body;
  }
}

}  // namespace
}  // namespace penstock::api::openai
