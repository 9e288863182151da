#include "storage/journal/journal.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <thread>

#include "storage/journal/journal_test_support.h"

namespace penstock::journal {
namespace {

using JournalTest = JournalFixture;

TEST_F(JournalTest, ReturnsRecordsInTheOrderOfAppends) {
  auto journal = open();
  append(*journal, 0, 200);
  EXPECT_EQ(numbers(*journal), up_to(200));
}

TEST_F(JournalTest, KeepsEveryByteOfARecord) {
  auto journal = open();
  Record written = record(0);
  written.payload = std::string("\0\n\xff binary", 10);
  Position position = *journal->append(written);
  auto next = journal->scan(position, INT64_MAX, [&](const Position& at, const Record& found) {
    EXPECT_EQ(at, position);
    EXPECT_EQ(found.id, written.id);
    EXPECT_EQ(found.at, written.at);
    EXPECT_EQ(found.payload, written.payload);
    return true;
  });
  EXPECT_EQ(next.value(), std::nullopt);
}

TEST_F(JournalTest, AcceptsAnEmptyPayload) {
  auto journal = open();
  Record written = record(0);
  written.payload.clear();
  ASSERT_TRUE(journal->append(written));
  EXPECT_EQ(journal->find(written.id)->payload, "");
}

TEST_F(JournalTest, RefusesARecordOverTheLimitAndKeepsNothingOfIt) {
  JournalOptions small = options();
  small.record_bytes_max = 100;
  auto journal = open(small);
  Record large = record(0);
  large.payload = std::string(101, 'x');
  EXPECT_EQ(journal->append(large).error().code, ErrorCode::kTooLarge);
  large.payload.pop_back();
  EXPECT_TRUE(journal->append(large));
}

TEST_F(JournalTest, ARecordLargerThanASegmentHasOneOfItsOwn) {
  auto journal = open();
  append(*journal, 0, 3);
  Record large = record(3);
  large.payload += std::string(3 * kSegmentBytes, 'y');
  ASSERT_TRUE(journal->append(large));
  append(*journal, 4, 3);
  EXPECT_EQ(numbers(*journal), up_to(7));
  EXPECT_EQ(journal->find(large.id)->payload, large.payload);
}

TEST_F(JournalTest, ContinuesAfterReopening) {
  std::vector<Entry> first;
  {
    auto journal = open();
    first = append(*journal, 0, 100);
  }
  auto journal = open();
  EXPECT_EQ(journal->recovery().records, 100);
  EXPECT_GT(journal->recovery().segments, 1);
  EXPECT_EQ(journal->recovery().torn_bytes, 0);
  auto second = append(*journal, 100, 100);
  EXPECT_GT(second.front().position, first.back().position);
  EXPECT_EQ(numbers(*journal), up_to(200));
}

TEST_F(JournalTest, ADirectoryHasOneOwner) {
  auto journal = open();
  auto second = Journal::open(options(), clock_);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::kConflict);
  EXPECT_NE(second.error().message.find("lock"), std::string::npos);
  journal.reset();
  EXPECT_TRUE(Journal::open(options(), clock_));
}

TEST_F(JournalTest, ScansBackwardsInPages) {
  auto journal = open();
  append(*journal, 0, 300);
  std::vector<uint64_t> seen;
  std::optional<Position> before;
  int pages = 0;
  do {
    size_t wanted = seen.size() + 7;
    auto next = journal->scan_backwards(before, INT64_MAX, [&](const Position&, const Record& found) {
      seen.push_back(number_of(found));
      return seen.size() < wanted;
    });
    ASSERT_TRUE(next);
    before = *next;
    ++pages;
  } while (before);
  std::ranges::reverse(seen);
  EXPECT_EQ(seen, up_to(300));
  EXPECT_EQ(pages, 300 / 7 + 1);
}

TEST_F(JournalTest, ABackwardScanThatEndsAtTheFirstRecordSaysSo) {
  auto journal = open();
  append(*journal, 0, 1);
  auto next = journal->scan_backwards({}, INT64_MAX, [](const Position&, const Record&) { return false; });
  EXPECT_EQ(next.value(), std::nullopt);
}

TEST_F(JournalTest, AScanIsBoundedByBytesAndStillMovesOn) {
  auto journal = open();
  append(*journal, 0, 50);
  std::vector<uint64_t> seen;
  std::optional<Position> from = Position{};
  while (from) {
    size_t before = seen.size();
    auto next = journal->scan(*from, 1, [&](const Position&, const Record& found) {
      seen.push_back(number_of(found));
      return true;
    });
    ASSERT_TRUE(next);
    EXPECT_EQ(seen.size(), before + 1);
    from = *next;
  }
  EXPECT_EQ(seen, up_to(50));
}

TEST_F(JournalTest, AnyPositionMayBeGivenToAScan) {
  auto journal = open();
  auto entries = append(*journal, 0, 100);
  for (uint64_t segment = 0; segment < 8; ++segment) {
    for (uint64_t offset : {0UL, 1UL, 31UL, 33UL, 5000UL, 1UL << 40, UINT64_MAX}) {
      Position cut{segment, offset};
      std::vector<uint64_t> below;
      std::vector<uint64_t> above;
      auto to = [](std::vector<uint64_t>& out) {
        return [&out](const Position&, const Record& found) {
          out.push_back(number_of(found));
          return true;
        };
      };
      ASSERT_TRUE(journal->scan_backwards(cut, INT64_MAX, to(below)));
      ASSERT_TRUE(journal->scan(cut, INT64_MAX, to(above)));
      auto expected =
          std::ranges::count_if(entries, [&](const Entry& entry) { return entry.position < cut; });
      EXPECT_EQ(below.size(), expected) << cut.text();
      EXPECT_EQ(above.size(), 100 - expected) << cut.text();
    }
  }
  EXPECT_TRUE(journal->damage().empty());
}

TEST_F(JournalTest, FindsEachRecordById) {
  auto journal = open();
  auto entries = append(*journal, 0, 200);
  for (const Entry& entry : entries) {
    auto found = journal->find(entry.record.id);
    ASSERT_TRUE(found) << found.error().message;
    EXPECT_EQ(found->payload, entry.record.payload);
  }
  EXPECT_EQ(journal->find(Uuid::v7(clock_, random_)).error().code, ErrorCode::kNotFound);
}

TEST_F(JournalTest, FindsARecordAppendedLongAfterItsIdWasMade) {
  auto journal = open();
  Record late = record(0);
  append(*journal, 1, 100);
  late.at = clock_.now();
  ASSERT_TRUE(journal->append(late));
  append(*journal, 101, 100);
  EXPECT_TRUE(journal->find(late.id));
}

TEST_F(JournalTest, FindsTheFirstRecordAtOrAfterATime) {
  auto journal = open();
  auto entries = append(*journal, 0, 200);
  for (const Entry& entry : entries) {
    EXPECT_EQ(journal->first_at(entry.record.at).value(), entry.position);
    EXPECT_EQ(journal->first_at({entry.record.at.us - 999}).value(), entry.position);
  }
  EXPECT_EQ(journal->first_at({entries.back().record.at.us + 1}).value(), std::nullopt);
}

TEST_F(JournalTest, LookUpsWorkTheSameAfterReopening) {
  auto entries = append(*open(), 0, 200);
  auto journal = open();
  for (const Entry& entry : entries) {
    EXPECT_EQ(journal->first_at(entry.record.at).value(), entry.position);
    EXPECT_EQ(journal->find(entry.record.id)->payload, entry.record.payload);
  }
}

TEST_F(JournalTest, TellsFollowersOfEachRecordUntilTheyLeave) {
  auto journal = open();
  append(*journal, 0, 5);
  std::vector<uint64_t> heard;
  Journal::Follower follower =
      journal->follow([&](const Position&, const Record& record) { heard.push_back(number_of(record)); });
  append(*journal, 5, 5);
  follower.reset();
  append(*journal, 10, 5);
  EXPECT_EQ(heard, (std::vector<uint64_t>{5, 6, 7, 8, 9}));
}

TEST_F(JournalTest, AFollowerMayOutliveTheJournal) {
  auto journal = open();
  Journal::Follower follower = journal->follow([](const Position&, const Record&) {});
  journal.reset();
  follower.reset();
}

TEST_F(JournalTest, ConcurrentAppendsKeepEachThreadsOrderAndReachFollowersInOrderOfPosition) {
  constexpr uint64_t kThreads = 4;
  constexpr uint64_t kEach = 300;
  auto journal = open();
  std::vector<Position> told;
  auto follower = journal->follow([&](const Position& position, const Record&) { told.push_back(position); });
  std::vector<std::jthread> threads;
  for (uint64_t t = 0; t < kThreads; ++t) {
    threads.emplace_back([&journal, t] {
      for (uint64_t i = 0; i < kEach; ++i) {
        Record record{.id = {}, .at = {static_cast<int64_t>(i)}, .payload = std::to_string(t * kEach + i)};
        ASSERT_TRUE(journal->append(record));
      }
    });
  }
  // Readers run beside the writers and see whole records only.
  std::atomic<bool> writing = true;
  std::jthread reader([&] {
    while (writing) {
      ASSERT_TRUE(
          journal->scan_backwards({}, INT64_MAX, [](const Position&, const Record&) { return true; }));
      numbers(*journal);
    }
  });
  threads.clear();
  writing = false;
  reader.join();
  std::map<uint64_t, std::vector<uint64_t>> by_thread;
  for (uint64_t number : numbers(*journal)) by_thread[number / kEach].push_back(number % kEach);
  for (uint64_t t = 0; t < kThreads; ++t) EXPECT_EQ(by_thread[t], up_to(kEach));
  EXPECT_TRUE(std::ranges::is_sorted(told));
  EXPECT_EQ(told.size(), kThreads * kEach);
  EXPECT_TRUE(journal->damage().empty());
}

TEST(Position, ItsTextReadsBack) {
  Position position{12, 345678901234};
  EXPECT_EQ(position.text(), "12-345678901234");
  EXPECT_EQ(Position::parse(position.text()), position);
}

TEST(Position, RejectsTextThatIsNone) {
  for (const char* text :
       {"", "-", "1", "1-", "-1", "1-2-3", "a-1", "1-b", "1 -2", "99999999999999999999999-1"}) {
    EXPECT_FALSE(Position::parse(text)) << text;
  }
}

}  // namespace
}  // namespace penstock::journal
