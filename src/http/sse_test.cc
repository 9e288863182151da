#include "http/sse.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace penstock::http {
namespace {

using testing::ElementsAre;

struct Seen {
  std::string name;
  std::string data;
  std::string id;
  std::string raw;
  bool silent = false;
  bool operator==(const Seen&) const = default;
};

struct Parsed {
  std::vector<Seen> events;
  std::string rest;
  bool failed = false;
  std::optional<int64_t> retry_ms;
  bool operator==(const Parsed&) const = default;
};

// Parses pieces that end at `cuts`, in order.
Parsed parse(std::string_view text, const std::vector<size_t>& cuts = {},
             SseSilence silence = SseSilence::kDrop, SseLimits limits = {}) {
  Parsed parsed;
  SseParser parser(silence, limits);
  auto keep = [&parsed](const SseEvent& event) {
    parsed.events.push_back({std::string(event.name), std::string(event.data), std::string(event.id),
                             std::string(event.raw), event.silent});
  };
  size_t at = 0;
  for (size_t i = 0; i <= cuts.size() && !parsed.failed; ++i) {
    size_t end = i < cuts.size() ? cuts[i] : text.size();
    std::string piece(text.substr(at, end - at));  // its own memory: views must not outlive it
    parsed.failed = !parser.feed(piece, keep);
    at = end;
  }
  if (!parsed.failed) parser.finish(keep);
  parsed.rest = parser.rest();
  parsed.retry_ms = parser.retry_ms();
  return parsed;
}

std::vector<std::string> data_of(std::string_view text) {
  std::vector<std::string> data;
  for (const Seen& event : parse(text).events) data.push_back(event.data);
  return data;
}

TEST(SseParserTest, ReadsEventsWithEveryLineEnd) {
  EXPECT_THAT(data_of("data: a\n\ndata: b\n\n"), ElementsAre("a", "b"));
  EXPECT_THAT(data_of("data: a\r\n\r\ndata: b\r\n\r\n"), ElementsAre("a", "b"));
  EXPECT_THAT(data_of("data: a\r\rdata: b\r\r"), ElementsAre("a", "b"));
  EXPECT_THAT(data_of("data: a\r\n\ndata: b\n\r\n"), ElementsAre("a", "b"));
}

TEST(SseParserTest, ReadsAllFields) {
  Parsed parsed = parse("event: delta\nid: 7\nretry: 1500\ndata: x\n\n");
  ASSERT_EQ(parsed.events.size(), 1u);
  EXPECT_EQ(parsed.events[0].name, "delta");
  EXPECT_EQ(parsed.events[0].id, "7");
  EXPECT_EQ(parsed.events[0].data, "x");
  EXPECT_EQ(parsed.retry_ms, 1500);
  EXPECT_EQ(parse("retry: -1\nretry: x\ndata\n\n").retry_ms, std::nullopt);
}

TEST(SseParserTest, FollowsTheLivingStandardInTheDetails) {
  EXPECT_THAT(data_of("data: a\ndata: b\ndata:\ndata: c\n\n"), ElementsAre("a\nb\n\nc"));
  EXPECT_THAT(data_of("data:a\n\ndata:  b\n\n"), ElementsAre("a", " b")) << "one space is taken off";
  EXPECT_THAT(data_of("data\n\ndata:\n\n"), ElementsAre("", ""));
  EXPECT_THAT(data_of("data\ndata\n\n"), ElementsAre("\n"));
  EXPECT_THAT(data_of(": comment\n\nevent: x\n\n\n\n"), ElementsAre());
  EXPECT_THAT(data_of("data: a\nother: b\n data: c\n\n"), ElementsAre("a"));
  EXPECT_THAT(data_of("\xEF\xBB\xBF"
                      "data: a\n\n\xEF\xBB\xBF"
                      "data: b\n\n"),
              ElementsAre("a"));
  EXPECT_THAT(data_of("data: unfinished\n"), ElementsAre());
  EXPECT_THAT(data_of("data: {\"a\":\"b:c\"}\n\n"), ElementsAre("{\"a\":\"b:c\"}"));
}

TEST(SseParserTest, ReportsSilentBlocksOnRequestSoThatAllBytesCanBePassedOn) {
  std::string stream = ": ping\n\ndata: a\r\n\r\n\nevent: x\n\n: c\ndata: b\n\nunfinished";
  Parsed parsed = parse(stream, {}, SseSilence::kReport);
  std::string joined;
  std::vector<bool> silent;
  for (const Seen& event : parsed.events) {
    joined += event.raw;
    silent.push_back(event.silent);
  }
  EXPECT_EQ(joined + parsed.rest, stream);
  EXPECT_EQ(parsed.rest, "unfinished");
  EXPECT_THAT(silent, ElementsAre(true, false, true, true, false));
}

TEST(SseParserTest, HoldsToItsLimits) {
  SseLimits limits{.line_bytes_max = 10, .event_bytes_max = 20};
  EXPECT_FALSE(parse("data: 1234\n\n", {}, SseSilence::kDrop, limits).failed);
  EXPECT_TRUE(parse("data: 12345\n\n", {}, SseSilence::kDrop, limits).failed);
  EXPECT_TRUE(parse("data: 12345\n\n", {5, 9}, SseSilence::kDrop, limits).failed);
  EXPECT_TRUE(parse("data: 1\ndata: 2\ndata: 3\n\n", {}, SseSilence::kDrop, limits).failed);
  EXPECT_TRUE(
      parse(std::string(30, '\r').insert(0, "data: 12345678901"), {}, SseSilence::kDrop, limits).failed);
}

TEST(SseParserTest, FindsTheSameEventsHoweverTheBytesAreCut) {
  const std::vector<std::string> words = {"data: ", "data:",    "event: e", "id: 1",        "retry: 5",
                                          ": c",    "x",        "\n",       "\r",           "\r\n",
                                          "\n\n",   "\r\n\r\n", "\r\r",     "\xEF\xBB\xBF", ""};
  for (uint32_t seed = 0; seed < 2000; ++seed) {
    std::mt19937 random(seed);
    std::string text;
    for (size_t i = random() % 40; i > 0; --i) text += words[random() % words.size()];
    for (SseSilence silence : {SseSilence::kDrop, SseSilence::kReport}) {
      Parsed whole = parse(text, {}, silence);
      std::vector<size_t> cuts;
      for (size_t at = 0; at < text.size(); at += random() % 5) cuts.push_back(at);
      ASSERT_EQ(parse(text, cuts, silence), whole) << "seed " << seed << ": " << testing::PrintToString(text);
      std::vector<size_t> bytes(text.size());
      for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = i;
      ASSERT_EQ(parse(text, bytes, silence), whole)
          << "seed " << seed << ": " << testing::PrintToString(text);
    }
  }
}

TEST(SseEventTest, WritesWhatTheParserReads) {
  EXPECT_EQ(sse_event("", "x"), "data: x\n\n");
  EXPECT_EQ(sse_event("delta", "a\nb"), "event: delta\ndata: a\ndata: b\n\n");
  EXPECT_EQ(sse_event("", ""), "data: \n\n");
  for (std::string data : {"", "a", " a", "a\nb", "a\n\nb", "\na"})
    EXPECT_THAT(data_of(sse_event("", data)), ElementsAre(data));
}

}  // namespace
}  // namespace penstock::http
