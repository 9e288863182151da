// What a crash at any point leaves of a journal.
#include <gtest/gtest.h>

#include <algorithm>

#include "core/doomed_child.h"
#include "core/file_faults.h"
#include "core/run_task.h"
#include "storage/journal/journal_test_support.h"

namespace penstock::journal {
namespace {

constexpr int kKillPoints = 1100;
constexpr int kPowerLosses = 150;
constexpr int kProcessKills = 110;

class CrashTest : public JournalFixture {
 protected:
  // Segments of a few records, so that kills hit their beginnings and ends as well.
  JournalOptions small_segments() const {
    JournalOptions with = options();
    with.segment_bytes_max = 2048;
    with.sync_interval_ms = 0;
    return with;
  }

  void start_afresh() { std::filesystem::remove_all(options().directory); }

  // Appends numbers from `next` on until `calls` fail, but at most `count`. Returns the first that is not
  // acknowledged.
  uint64_t append_until_death(Journal& journal, uint64_t next, uint64_t count) {
    for (uint64_t end = next + count; next < end; ++next) {
      if (!journal.append(record(next))) break;
    }
    return next;
  }

  // Opens without faults and checks that what was acknowledged is there, in order and once, and at most the
  // one record beyond it that was being written. Returns how many records there are.
  uint64_t check_recovered(uint64_t acknowledged) {
    FaultyFileCalls no_faults;  // syncs cost nothing
    auto journal = Journal::open(small_segments(), clock_, no_faults);
    EXPECT_TRUE(journal) << journal.error().message;
    if (!journal) return acknowledged;
    std::vector<uint64_t> found = numbers(**journal);
    EXPECT_EQ(found, up_to(found.size()));
    EXPECT_GE(found.size(), acknowledged);
    EXPECT_LE(found.size(), acknowledged + 1);
    EXPECT_EQ((*journal)->recovery().records, found.size());
    EXPECT_TRUE((*journal)->damage().empty());
    std::vector<uint64_t> backwards;
    EXPECT_TRUE((*journal)->scan_backwards({}, INT64_MAX, [&](const Position&, const Record& record) {
      backwards.push_back(number_of(record));
      return true;
    }));
    std::ranges::reverse(backwards);
    EXPECT_EQ(backwards, found);
    return found.size();
  }
};

TEST_F(CrashTest, ADeathAtAnyByteLosesNoAcknowledgedRecordAndDoublesNone) {
  int deaths = 0;
  for (uint64_t seed = 0; deaths < kKillPoints && !HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    SeededRandom random(seed);
    start_afresh();
    uint64_t acknowledged = 0;
    // Several lives of one journal: later deaths hit recovery, too.
    for (int life = 0; life < 4; ++life) {
      FaultyFileCalls calls;
      calls.die_after(static_cast<int64_t>(random.next_u64() % 8'000));
      auto journal = Journal::open(small_segments(), clock_, calls);
      if (journal) acknowledged = append_until_death(**journal, acknowledged, 60);
      if (journal) journal->reset();
      acknowledged = check_recovered(acknowledged);
      if (calls.died()) ++deaths;
    }
  }
}

TEST_F(CrashTest, APowerLossKeepsWhatWasDurable) {
  for (int seed = 0; seed < kPowerLosses && !HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    SeededRandom random(static_cast<uint64_t>(seed));
    start_afresh();
    JournalOptions strict = small_segments();
    strict.durability = Durability::kStrict;
    FaultyFileCalls calls;
    std::vector<uint64_t> durable;
    {
      auto journal = *Journal::open(strict, clock_, calls);
      for (uint64_t i = 0; i < 40; ++i) {
        Result<Position> position = journal->append(record(i));
        ASSERT_TRUE(position);
        if (random.next_u64() % 4 != 0) continue;
        ASSERT_TRUE(run_task(journal->durable(*position)));
        durable.push_back(i);
      }
      calls.die_after(0);  // so that the end of this block syncs nothing
    }
    calls.lose_power(random);
    auto journal = open(strict);
    std::vector<uint64_t> found = numbers(*journal);
    EXPECT_TRUE(std::ranges::includes(found, durable));
    EXPECT_TRUE(std::ranges::adjacent_find(found, std::greater_equal()) == found.end());
  }
}

TEST_F(CrashTest, SigkillLosesNoAcknowledgedRecordAndDoublesNone) {
  uint64_t acknowledged = 0;
  for (int round = 0; round < kProcessKills && !HasFailure(); ++round) {
    SCOPED_TRACE("round " + std::to_string(round));
    if (round % 20 == 0) {
      start_afresh();
      acknowledged = 0;
    }
    std::string heard = run_doomed_child(random_.next_u64() % 60, [&](const Acknowledge& acknowledge) {
      auto journal = Journal::open(small_segments(), clock_);
      for (uint64_t i = acknowledged; journal && (*journal)->append(record(i)); ++i) acknowledge('a');
    });
    acknowledged = check_recovered(acknowledged + heard.size());
  }
}

}  // namespace
}  // namespace penstock::journal
