#include "observability/request_log.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "observability/journal_fixture.h"
#include "observability/record_samples.h"

namespace penstock::observability {
namespace {

using RequestLogTest = JournalFixture;

std::vector<std::string> ids(const std::vector<RequestRecord>& records) {
  std::vector<std::string> out;
  for (const RequestRecord& record : records) out.push_back(record.id.text());
  return out;
}

// Follows the cursors to the end.
std::vector<std::string> all_ids(const RequestLog& log, RequestQuery query) {
  std::vector<std::string> out;
  for (int pages = 0; pages < 1'000; ++pages) {
    auto page = log.list(query);
    EXPECT_TRUE(page) << page.error().message;
    if (!page) return out;
    EXPECT_LE(page->requests.size(), static_cast<size_t>(query.limit));
    for (std::string& id : ids(page->requests)) out.push_back(std::move(id));
    if (page->next_cursor.empty()) return out;
    query.cursor = page->next_cursor;
  }
  ADD_FAILURE() << "the cursors do not end";
  return out;
}

TEST_F(RequestLogTest, ARequestIsFoundByItsIdAsItWasWritten) {
  RequestRecord record = full_record();
  record.id = Uuid::v7(clock_, random_);
  write(next_record());
  write(record);
  write(next_record());
  auto found = log_->get(record.id);
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(encode(*found), encode(record));
}

TEST_F(RequestLogTest, AnUnknownIdIsNotFound) {
  write(next_record());
  auto found = log_->get(full_record().id);
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, ErrorCode::kNotFound);
}

TEST_F(RequestLogTest, PagesHoldEveryRequestOnceNewestFirst) {
  open(4'096);  // many segments
  std::vector<std::string> expected;
  for (int i = 0; i < 57; ++i) expected.insert(expected.begin(), write(next_record()).id.text());
  for (int64_t limit : {1, 7, 57, 200}) {
    EXPECT_EQ(all_ids(*log_, {.limit = limit}), expected) << limit;
  }
}

TEST_F(RequestLogTest, RequestsWrittenBetweenTwoPagesDoNotShiftThem) {
  std::vector<std::string> expected;
  for (int i = 0; i < 6; ++i) expected.insert(expected.begin(), write(next_record()).id.text());
  auto first = log_->list({.limit = 3});
  ASSERT_TRUE(first);
  write(next_record());
  auto second = log_->list({.limit = 3, .cursor = first->next_cursor});
  ASSERT_TRUE(second);
  EXPECT_EQ(ids(second->requests), std::vector(expected.begin() + 3, expected.end()));
}

TEST_F(RequestLogTest, AListLeavesInputAndOutputOut) {
  RequestRecord record = next_record();
  record.input = "{}";
  record.output = "[]";
  write(record);
  auto page = log_->list({});
  ASSERT_TRUE(page);
  ASSERT_EQ(page->requests.size(), 1U);
  EXPECT_EQ(page->requests[0].input, "");
  EXPECT_EQ(page->requests[0].output, "");
}

TEST_F(RequestLogTest, EachFilterKeepsWhatItNames) {
  std::vector<RequestRecord> records(6);
  for (RequestRecord& record : records) record = next_record();
  records[0].model = "gpt-4o";
  records[1].upstream = "openai";
  records[2].feature = "search";
  records[3].user = "ann";
  records[4].status = 502;
  records[5].input = R"({"messages":[{"content":"the Quick fox"}]})";
  for (const RequestRecord& record : records) write(record);

  auto only = [&](const RequestFilter& filter) { return all_ids(*log_, {.filter = filter}); };
  auto expect = [&](size_t index) { return std::vector{records[index].id.text()}; };
  EXPECT_EQ(only({.model = "gpt-4o"}), expect(0));
  EXPECT_EQ(only({.upstream = "openai"}), expect(1));
  EXPECT_EQ(only({.feature = "search"}), expect(2));
  EXPECT_EQ(only({.user = "ann"}), expect(3));
  EXPECT_EQ(only({.outcome = Outcome::kError}), expect(4));
  EXPECT_EQ(only({.outcome = Outcome::kOk}).size(), 5U);
  EXPECT_EQ(only({.text = "quick FOX"}), expect(5));
  EXPECT_EQ(only({.text = records[2].id.text()}), expect(2));
  EXPECT_EQ(only({.user = "ann", .text = "fox"}), std::vector<std::string>{});
}

TEST_F(RequestLogTest, TimesSelectByTheEndOfARequestUntilExclusive) {
  std::vector<RequestRecord> records(500);
  for (RequestRecord& record : records) {
    record = next_record();
    write(record);
  }
  RequestFilter filter;
  filter.since = records[200].ended_at;
  filter.until = records[203].ended_at;
  EXPECT_EQ(all_ids(*log_, {.filter = filter}), ids({records[202], records[201], records[200]}));
}

TEST_F(RequestLogTest, AListStopsReadingWhereNothingOlderCanMatch) {
  for (int i = 0; i < 500; ++i) write(next_record());
  RequestFilter filter;
  filter.since = clock_.now();
  auto page = log_->list({.filter = filter});
  ASSERT_TRUE(page);
  EXPECT_EQ(page->requests.size(), 1U);
  EXPECT_EQ(page->next_cursor, "");
}

TEST_F(RequestLogTest, APageOverItsReadingLimitIsShortAndGoesOn) {
  RequestRecord big = next_record();
  big.input.assign(9 << 20, 'x');
  std::vector<std::string> expected;
  for (int i = 0; i < 6; ++i) {
    big.id = next_record().id;
    expected.insert(expected.begin(), write(big).id.text());
  }
  auto page = log_->list({.limit = 50});
  ASSERT_TRUE(page);
  EXPECT_LT(page->requests.size(), 6U);
  EXPECT_NE(page->next_cursor, "");
  EXPECT_EQ(all_ids(*log_, {.limit = 50}), expected);
}

TEST_F(RequestLogTest, ABadLimitOrCursorIsNamed) {
  for (int64_t limit : {0, -1, 201}) {
    auto page = log_->list({.limit = limit});
    ASSERT_FALSE(page);
    EXPECT_EQ(page.error().field, "limit");
  }
  for (const char* cursor : {"x", "12", "-", "1-2-3", "99999999999999999999-1"}) {
    auto page = log_->list({.cursor = cursor});
    ASSERT_FALSE(page) << cursor;
    EXPECT_EQ(page.error().code, ErrorCode::kInvalidArgument);
    EXPECT_EQ(page.error().field, "cursor");
  }
}

TEST_F(RequestLogTest, ARecordThatCannotBeReadIsSkipped) {
  write(next_record());
  clock_.advance_us(1'000'000);
  ASSERT_TRUE(journal_->append({Uuid::v7(clock_, random_), clock_.now(), "{\"v\":99}"}));
  write(next_record());
  EXPECT_EQ(all_ids(*log_, {}).size(), 2U);
}

TEST_F(RequestLogTest, FollowersSeeWhatIsWrittenWhileTheyFollow) {
  std::vector<std::string> seen;
  write(next_record());
  auto follower = log_->follow([&](const RequestRecord& record) { seen.push_back(record.id.text()); });
  std::string id = write(next_record()).id.text();
  follower.reset();
  write(next_record());
  EXPECT_EQ(seen, std::vector{id});
}

TEST_F(RequestLogTest, AFollowerMayOutliveTheLog) {
  auto follower = log_->follow([](const RequestRecord&) {});
  log_.reset();
  follower.reset();
}

TEST_F(RequestLogTest, ManyThreadsWriteAndEachRequestIsThereOnce) {
  std::atomic<int> followed = 0;
  auto follower = log_->follow([&](const RequestRecord&) { ++followed; });
  std::vector<RequestRecord> records(400);
  for (RequestRecord& record : records) record = next_record();
  {
    std::vector<std::jthread> writers;
    for (size_t w = 0; w < 4; ++w) {
      writers.emplace_back([&, w] {
        for (size_t i = w; i < records.size(); i += 4) ASSERT_TRUE(log_->write(records[i]));
      });
    }
  }
  auto found = all_ids(*log_, {.limit = 200});
  auto expected = ids(records);
  std::ranges::sort(found);
  std::ranges::sort(expected);
  EXPECT_EQ(found, expected);
  EXPECT_EQ(followed, 400);
}

}  // namespace
}  // namespace penstock::observability
