#include "bench/load/event_scan.h"

#include <gtest/gtest.h>

namespace penstock::bench {
namespace {

TEST(EventScan, GivesEachWholeEventOnceAsTheBodyGrows) {
  EventScan scan;
  std::string body = "data: one\n\ndata: t";
  EXPECT_EQ(scan.next(body)->text, "data: one");
  EXPECT_FALSE(scan.next(body));
  body += "wo\n\n";
  EXPECT_EQ(scan.next(body)->text, "data: two");
  EXPECT_FALSE(scan.next(body));
}

TEST(Event, HasContentOnlyWithTextInIt) {
  EXPECT_TRUE(Event{R"(data: {"delta":{"content":"Hi"}})"}.has_content());
  EXPECT_FALSE(Event{R"(data: {"delta":{"content":""}})"}.has_content());
  EXPECT_FALSE(Event{R"(data: {"delta":{}})"}.has_content());
  EXPECT_TRUE(Event{R"(data: {"text":"Hi"})"}.has_content());
}

TEST(Event, ReadsTheStampOfTheUpstream) {
  EXPECT_EQ(Event{R"(data: {"id":"a","t":"0000000000001234"})"}.stamp_us(), 1234);
  EXPECT_FALSE(Event{R"(data: {"id":"a"})"}.stamp_us());
}

TEST(LastNumber, TakesTheLastOfThatName) {
  EXPECT_EQ(last_number(R"({"a":1} {"a":23})", "a"), 23);
  EXPECT_EQ(last_number(R"({"b":1})", "a"), 0);
}

}  // namespace
}  // namespace penstock::bench
