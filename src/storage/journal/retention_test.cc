#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "storage/journal/journal_test_support.h"
#include "storage/journal/segment_format.h"

namespace penstock::journal {
namespace {

constexpr int64_t kDayUs = 86'400'000'000;

class RetentionTest : public JournalFixture {
 protected:
  uint64_t bytes_on_disk() const {
    uint64_t bytes = 0;
    for (const auto& entry : std::filesystem::directory_iterator(options().directory)) {
      std::error_code gone;  // dropped since it was listed
      uint64_t size = entry.file_size(gone);
      if (segment_number(entry.path()) && !gone) bytes += size;
    }
    return bytes;
  }
  // Retention works in the background after appends.
  template <class Condition>
  static void wait_until(Condition condition) {
    while (!condition()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
};

TEST_F(RetentionTest, DropsTheOldestSegmentsBeyondASize) {
  JournalOptions limited = options();
  limited.retention_bytes_max = 4 * kSegmentBytes;
  auto journal = open(limited);
  append(*journal, 0, 500);
  wait_until([&] { return bytes_on_disk() <= 4 * kSegmentBytes; });
  std::vector<uint64_t> kept = numbers(*journal);
  ASSERT_FALSE(kept.empty());
  EXPECT_GT(kept.front(), 0);
  EXPECT_EQ(kept.back(), 499);
  EXPECT_EQ(kept.size(), 500 - kept.front());
  EXPECT_TRUE(journal->damage().empty());
  journal.reset();
  EXPECT_EQ(numbers(*open(limited)), kept);
}

TEST_F(RetentionTest, DropsSegmentsWhoseRecordsAreAllTooOld) {
  append(*open(), 0, 200);
  clock_.advance_us(2 * kDayUs);
  append(*open(), 200, 10);
  JournalOptions limited = options();
  limited.retention_us_max = kDayUs;
  auto journal = open(limited);
  wait_until([&] { return numbers(*journal).front() > 0; });
  std::vector<uint64_t> kept = numbers(*journal);
  // Old records stay only where they share a segment with young ones.
  EXPECT_EQ(kept.back(), 209);
  EXPECT_LT(kept.size(), 100);
}

TEST_F(RetentionTest, ClosesTheSegmentInUseWhenItsRecordsAge) {
  JournalOptions limited = options();
  limited.retention_us_max = kDayUs;
  auto journal = open(limited);
  append(*journal, 0, 5);
  clock_.advance_us(kDayUs / 2);
  append(*journal, 5, 1);  // wakes the upkeep, which begins a new segment
  wait_until([&] { return std::filesystem::exists(segment_path(options().directory, 2)); });
  append(*journal, 6, 1);
  clock_.advance_us(2 * kDayUs);
  append(*journal, 7, 1);
  wait_until([&] { return numbers(*journal).front() >= 6; });
}

TEST_F(RetentionTest, AReaderDoesNotMindThatSegmentsAreDroppedMeanwhile) {
  JournalOptions limited = options();
  limited.retention_bytes_max = 2 * kSegmentBytes;
  auto journal = open(limited);
  std::jthread writer([&] { append(*journal, 0, 2000); });
  for (int i = 0; i < 50; ++i) {
    std::vector<uint64_t> seen = numbers(*journal);
    for (size_t n = 1; n < seen.size(); ++n) ASSERT_LT(seen[n - 1], seen[n]);
  }
  writer.join();
  EXPECT_TRUE(journal->damage().empty());
}

TEST_F(RetentionTest, NumbersAreNotReusedAfterEverythingOldIsGone) {
  JournalOptions limited = options();
  limited.retention_bytes_max = 1;
  auto journal = open(limited);
  append(*journal, 0, 200);
  wait_until([&] { return numbers(*journal).front() > 100; });
  Position last = *journal->append(record(200));
  journal.reset();
  journal = open(limited);
  EXPECT_GT(*journal->append(record(201)), last);
}

}  // namespace
}  // namespace penstock::journal
