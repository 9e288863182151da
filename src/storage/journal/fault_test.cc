// A disk that fails in other ways than by a crash.
#include <gtest/gtest.h>

#include <cerrno>

#include "core/file_faults.h"
#include "core/run_task.h"
#include "storage/journal/journal_test_support.h"

namespace penstock::journal {
namespace {

using Call = FaultyFileCalls::Call;

class FaultTest : public JournalFixture {
 protected:
  std::unique_ptr<Journal> open_faulty(Durability durability = Durability::kProcess) {
    JournalOptions with = options();
    with.durability = durability;
    auto journal = Journal::open(with, clock_, calls_);
    EXPECT_TRUE(journal) << journal.error().message;
    return std::move(*journal);
  }

  FaultyFileCalls calls_;
};

TEST_F(FaultTest, AFullDiskIsStorageFullLeavesNoTraceAndEndsWithTheNextFreeByte) {
  auto journal = open_faulty();
  append(*journal, 0, 10);
  for (int64_t room : {0, 1, 35, 36, 40}) {
    calls_.fill_up_after(room);
    auto refused = journal->append(record(99));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::kStorageFull);
    EXPECT_NE(refused.error().message.find(".segment"), std::string::npos);
  }
  calls_.make_room();
  append(*journal, 10, 10);
  EXPECT_EQ(numbers(*journal), up_to(20));
  journal.reset();
  journal = open();
  EXPECT_EQ(numbers(*journal), up_to(20));
  EXPECT_EQ(journal->recovery().torn_bytes, 0);
}

TEST_F(FaultTest, AFullDiskWhileASegmentIsBegunLosesNothing) {
  auto journal = open_faulty();
  Record large = record(0);
  large.payload += std::string(kSegmentBytes, 'x');
  ASSERT_TRUE(journal->append(large));
  for (int64_t room : {0, 10, 32, 40}) {
    calls_.fill_up_after(room);
    EXPECT_EQ(journal->append(record(1)).error().code, ErrorCode::kStorageFull);
  }
  calls_.make_room();
  append(*journal, 1, 5);
  EXPECT_EQ(numbers(*journal), up_to(6));
  journal.reset();
  EXPECT_EQ(numbers(*open()), up_to(6));
}

TEST_F(FaultTest, AppendsGoOnOnceATornAppendCouldBeCutOff) {
  auto journal = open_faulty();
  append(*journal, 0, 3);
  calls_.fill_up_after(20);
  calls_.fail(Call::kTruncate, EIO, 2);
  EXPECT_FALSE(journal->append(record(99)));  // cannot be cut off either
  calls_.make_room();
  EXPECT_FALSE(journal->append(record(99)));  // still not
  append(*journal, 3, 3);
  EXPECT_EQ(numbers(*journal), up_to(6));
  journal.reset();
  EXPECT_EQ(open()->recovery().torn_bytes, 0);
}

TEST_F(FaultTest, AWriteErrorIsReportedAndTheNextAppendWorks) {
  auto journal = open_faulty();
  calls_.fail(Call::kWrite, EIO, 1);
  EXPECT_EQ(journal->append(record(99)).error().code, ErrorCode::kInternal);
  append(*journal, 0, 3);
  EXPECT_EQ(numbers(*journal), up_to(3));
}

TEST_F(FaultTest, AReadErrorIsReportedAndNothingIsTakenForDamage) {
  auto journal = open_faulty();
  auto entries = append(*journal, 0, 3);
  auto ignore = [](const Position&, const Record&) { return true; };
  calls_.fail(Call::kRead, EIO, 1);
  EXPECT_EQ(journal->scan({}, INT64_MAX, ignore).error().code, ErrorCode::kInternal);
  calls_.fail(Call::kRead, EIO, 1);
  EXPECT_EQ(journal->scan_backwards({}, INT64_MAX, ignore).error().code, ErrorCode::kInternal);
  calls_.fail(Call::kRead, EIO, 1);
  EXPECT_EQ(journal->find(entries[1].record.id).error().code, ErrorCode::kInternal);
  EXPECT_EQ(numbers(*journal), up_to(3));
  EXPECT_TRUE(journal->damage().empty());
}

TEST_F(FaultTest, WithProcessDurabilityNothingWaitsForTheDisk) {
  JournalOptions never = options();
  never.sync_interval_ms = 3'600'000;
  auto journal = *Journal::open(never, clock_, calls_);
  Result<Position> position = journal->append(record(0));
  EXPECT_TRUE(run_task(journal->durable(*position)));
  EXPECT_EQ(calls_.count(Call::kSync), 0);
}

TEST_F(FaultTest, WithStrictDurabilityARecordIsSyncedBeforeItIsAcknowledged) {
  auto journal = open_faulty(Durability::kStrict);
  for (uint64_t i = 0; i < 20; ++i) {
    Result<Position> position = journal->append(record(i));
    ASSERT_TRUE(position);
    EXPECT_TRUE(run_task(journal->durable(*position)));
    EXPECT_GT(calls_.count(Call::kSync), 0);
    EXPECT_TRUE(run_task(journal->durable(*position)));  // again, when it is on disk already
  }
}

TEST_F(FaultTest, OneSyncServesManyRecords) {
  JournalOptions strict = options();
  strict.durability = Durability::kStrict;
  strict.sync_interval_ms = 3'600'000;  // so that only a waiter makes it sync
  strict.segment_bytes_max = 1 << 20;
  auto journal = *Journal::open(strict, clock_, calls_);
  auto entries = append(*journal, 0, 500);
  int64_t before = calls_.count(Call::kSync);
  EXPECT_TRUE(run_task(journal->durable(entries.back().position)));
  int64_t syncs = calls_.count(Call::kSync) - before;
  EXPECT_TRUE(run_task(journal->durable(entries.front().position)));
  EXPECT_LE(syncs, 2);  // the segment, and the directory with its name
}

TEST_F(FaultTest, ASyncThatFailsIsNeverReportedAsDurable) {
  auto journal = open_faulty(Durability::kStrict);
  Position before = *journal->append(record(0));
  ASSERT_TRUE(run_task(journal->durable(before)));
  calls_.fail(Call::kSync, EIO, 1'000'000);
  Position refused = *journal->append(record(1));
  EXPECT_EQ(run_task(journal->durable(refused)).error().code, ErrorCode::kInternal);
  calls_.fail(Call::kSync, 0, 0);
  // The kernel has dropped the bytes' dirty mark: a later sync that succeeds proves nothing about them.
  Position after = *journal->append(record(2));
  EXPECT_TRUE(run_task(journal->durable(after)));
  EXPECT_EQ(run_task(journal->durable(refused)).error().code, ErrorCode::kInternal);
}

TEST_F(FaultTest, WaitingForAPositionThatDoesNotExistIsRefused) {
  auto journal = open_faulty(Durability::kStrict);
  EXPECT_EQ(run_task(journal->durable({7, 7})).error().code, ErrorCode::kInvalidArgument);
}

TEST_F(FaultTest, ClosingAnswersWhoeverWaits) {
  JournalOptions strict = options();
  strict.durability = Durability::kStrict;
  strict.sync_interval_ms = 3'600'000;
  auto journal = *Journal::open(strict, clock_, calls_);
  auto position = journal->append(record(0));
  journal.reset();
  EXPECT_GT(calls_.count(Call::kSync), 0);
  EXPECT_EQ(numbers(*open()), up_to(1));
}

TEST_F(FaultTest, AJournalOnAFullDiskCanBeOpenedAndRead) {
  auto entries = append(*open(), 0, 100);
  std::filesystem::remove(options().directory / "00000000000000000001.index");
  calls_.fill_up_after(0);
  auto journal = open_faulty();
  EXPECT_EQ(numbers(*journal), up_to(100));
  EXPECT_TRUE(journal->find(entries[0].record.id));
  EXPECT_EQ(journal->append(record(100)).error().code, ErrorCode::kStorageFull);
}

TEST_F(FaultTest, AnUnreadableDirectoryIsAnErrorNotAnEmptyJournal) {
  append(*open(), 0, 100);
  calls_.fail(Call::kRead, EIO, 1);
  auto refused = Journal::open(options(), clock_, calls_);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kInternal);
  EXPECT_EQ(numbers(*open()), up_to(100));
}

}  // namespace
}  // namespace penstock::journal
