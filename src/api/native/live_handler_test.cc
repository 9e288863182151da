#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "api/native/native_fixture.h"
#include "http/sse.h"

namespace penstock::api::native {
namespace {

using LiveHandlerTest = NativeFixture;
using testing::HasSubstr;

struct Event {
  std::string name;
  std::string data;
};

std::vector<Event> events_of(std::string_view stream) {
  std::vector<Event> out;
  http::SseParser parser;
  EXPECT_TRUE(parser.feed(stream, [&](const http::SseEvent& event) {
    out.push_back({std::string(event.name), std::string(event.data)});
  }));
  EXPECT_EQ(parser.rest(), "");
  return out;
}

TEST_F(LiveHandlerTest, RequestsArriveAsSummariesUntilTheServerEnds) {
  http::AnswerRecorder answer;
  std::string id;
  // What is written while the stream begins is the first thing it carries.
  answer.on_write = [&](const std::string& so_far) {
    if (id.empty()) {
      id = write(next_record()).id.text();
    } else if (so_far.contains(id)) {
      live_->end();
    }
  };
  call("GET", "/api/v1/requests/live", answer);
  EXPECT_EQ(answer.head.headers.get("content-type"), "text/event-stream");
  EXPECT_TRUE(answer.finished);
  auto events = events_of(answer.body);
  ASSERT_GE(events.size(), 1U);
  EXPECT_EQ(events[0].name, "request");
  Json summary = parse_json(events[0].data).value();
  EXPECT_EQ(string_at(summary, "id"), id);
  SchemaCheck check(document_);
  EXPECT_EQ(check.findings(*check.resolve("#/components/schemas/RequestSummary"), summary),
            std::vector<std::string>{});
}

TEST_F(LiveHandlerTest, ASlowReaderIsToldWhatItLost) {
  http::AnswerRecorder answer;
  bool first = true;
  answer.on_write = [&](const std::string& so_far) {
    for (int i = 0; first && i < 20; ++i) write(next_record());
    first = false;
    if (so_far.contains("event: dropped")) live_->end();
  };
  call("GET", "/api/v1/requests/live", answer);
  auto events = events_of(answer.body);
  ASSERT_EQ(events.size(), 9U);
  EXPECT_EQ(events[0].name, "dropped");
  EXPECT_EQ(events[0].data, R"({"count":12})");
  Json dropped = parse_json(events[0].data).value();
  SchemaCheck check(document_);
  EXPECT_EQ(check.findings(*check.resolve("#/components/schemas/Dropped"), dropped),
            std::vector<std::string>{});
}

TEST_F(LiveHandlerTest, AClientThatLeavesEndsTheHandler) {
  http::AnswerRecorder answer;
  answer.on_write = [&](const std::string&) { answer.client.cancel(); };
  call("GET", "/api/v1/requests/live", answer);
  EXPECT_FALSE(answer.finished);
  EXPECT_FALSE(answer.aborted);
}

TEST_F(LiveHandlerTest, AfterTheEndOrBeyondTheLimitTheAnswerIsAnError) {
  std::vector<std::unique_ptr<observability::LiveRequests::Subscription>> watchers;
  for (int i = 0; i < 64; ++i) watchers.push_back(std::move(*live_->subscribe()));
  Json refused = get_described("/api/v1/requests/live", "/api/v1/requests/live", 429);
  EXPECT_EQ(string_at(*find(refused, "error"), "code"), "rate_limited");
  live_->end();
  get_described("/api/v1/requests/live", "/api/v1/requests/live", 503);
}

TEST_F(LiveHandlerTest, HeadAnswersWithoutWatching) {
  http::AnswerRecorder answer;
  call("HEAD", "/api/v1/requests/live", answer);
  EXPECT_TRUE(answer.finished);
  EXPECT_EQ(answer.head.headers.get("content-type"), "text/event-stream");
}

}  // namespace
}  // namespace penstock::api::native
