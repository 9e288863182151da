#include "gateway/spend_journal.h"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <vector>

#include "core/doomed_child.h"
#include "core/random.h"
#include "core/temporary_directory.h"
#include "gateway/spend_frame.h"
#include "gateway/spend_recovery.h"

namespace penstock::gateway {
namespace {

using observability::RequestLog;
using observability::RequestRecord;

// Both journals, as one life of a gateway has them open.
struct Life {
  Life(const std::filesystem::path& directory, const Clock& clock)
      : spend(*journal::Journal::open(options(directory / "spend"), clock)),
        requests(*journal::Journal::open(options(directory / "requests"), clock)),
        log(*requests),
        open_spend(*spend, clock) {}

  static journal::JournalOptions options(std::filesystem::path directory) {
    return {.directory = std::move(directory), .segment_bytes_max = 16 << 10};
  }

  std::unique_ptr<journal::Journal> spend;
  std::unique_ptr<journal::Journal> requests;
  RequestLog log;
  SpendJournal open_spend;
};

class SpendJournalTest : public testing::Test {
 protected:
  RequestRecord record() {
    clock_.advance_us(1'000);
    RequestRecord made;
    made.id = Uuid::v7(clock_, random_);
    made.started_at = made.ended_at = clock_.now();
    made.endpoint = "chat.completions";
    made.key = "search-team";
    made.key_id = "k1";
    made.group = "acme/search";
    made.model = made.route = "fast";
    made.price_version = "3";
    made.input = "never written";
    made.tokens = {.input = 100, .source = TokenSource::kCounted};
    made.cost = Money{15'000};
    return made;
  }

  Life life() { return Life(directory_.path(), clock_); }
  Result<SpendRecovery> recover(Life& life) {
    return recover_spend(*life.spend, *life.requests, life.log, clock_);
  }
  static std::vector<RequestRecord> records(Life& life) {
    std::vector<RequestRecord> out;
    EXPECT_TRUE(
        life.requests->scan({}, INT64_MAX, [&](const journal::Position&, const journal::Record& entry) {
          out.push_back(*observability::decode(entry.payload));
          return true;
        }));
    return out;
  }
  static int64_t frames(Life& life) {
    int64_t count = 0;
    EXPECT_TRUE(life.spend->scan({}, INT64_MAX, [&](const journal::Position&, const journal::Record&) {
      ++count;
      return true;
    }));
    return count;
  }

  TemporaryDirectory directory_;
  ManualClock clock_;
  SeededRandom random_{21};
};

TEST_F(SpendJournalTest, WhatWasSettledIsLeftAlone) {
  Life life = this->life();
  RequestRecord request = record();
  auto entry = life.open_spend.open(request);
  ASSERT_TRUE(entry);
  ASSERT_TRUE(life.log.write(request));
  entry->settled();
  auto recovered = recover(life);
  ASSERT_TRUE(recovered);
  EXPECT_EQ(recovered->opens, 1);
  EXPECT_EQ(recovered->settled, 0);
  EXPECT_EQ(records(life).size(), 1U);
}

TEST_F(SpendJournalTest, AnOrphanIsSettledOnceWithItsLastCheckpoint) {
  RequestRecord plain = record();
  RequestRecord long_one = record();
  {
    Life life = this->life();
    auto first = life.open_spend.open(plain);
    auto second = life.open_spend.open(long_one);
    ASSERT_TRUE(first && second);
    ASSERT_TRUE(
        second->checkpoint({.input = 100, .output = 64, .source = TokenSource::kCounted}, Money{53'400}));
    ASSERT_TRUE(
        second->checkpoint({.input = 100, .output = 128, .source = TokenSource::kCounted}, Money{91'800}));
  }
  Life life = this->life();
  EXPECT_EQ(recover(life)->settled, 2);
  EXPECT_EQ(recover(life)->settled, 0);
  std::vector<RequestRecord> found = records(life);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].id, plain.id);
  EXPECT_EQ(found[0].error_code, "interrupted");
  EXPECT_EQ(found[0].cost, Money{15'000});
  EXPECT_EQ(found[0].group, "acme/search");
  EXPECT_EQ(found[0].price_version, "3");
  EXPECT_TRUE(found[0].input.empty());
  EXPECT_EQ(found[1].tokens.output, 128);
  EXPECT_EQ(found[1].cost, Money{91'800});
}

TEST_F(SpendJournalTest, AnotherUpstreamReplacesWhatTheFirstWouldHaveCost) {
  RequestRecord request = record();
  {
    Life life = this->life();
    auto entry = life.open_spend.open(request);
    ASSERT_TRUE(entry->checkpoint({.input = 100, .output = 64}, Money{53'400}));
    request.target = "second";
    request.cost = Money{30'000};
    ASSERT_TRUE(entry->reopen(request));
  }
  Life life = this->life();
  ASSERT_TRUE(recover(life));
  EXPECT_EQ(records(life).at(0).target, "second");
  EXPECT_EQ(records(life).at(0).cost, Money{30'000});
}

TEST_F(SpendJournalTest, ACheckpointIsDueAfterTokensOrTime) {
  Life life = this->life();
  auto entry = life.open_spend.open(record());
  int64_t now = clock_.monotonic_us();
  EXPECT_FALSE(entry->checkpoint_due(0, now + 10 * SpendJournal::kCheckpointUs));
  EXPECT_FALSE(entry->checkpoint_due(SpendJournal::kCheckpointTokens - 1, now));
  EXPECT_TRUE(entry->checkpoint_due(SpendJournal::kCheckpointTokens, now));
  EXPECT_TRUE(entry->checkpoint_due(1, now + SpendJournal::kCheckpointUs));
  ASSERT_TRUE(entry->checkpoint({.output = 64}, std::nullopt));
  EXPECT_FALSE(entry->checkpoint_due(65, now));
  entry->settled();
}

TEST_F(SpendJournalTest, RecoveryReadsFromTheLastMarkOn) {
  Life life = this->life();
  for (int i = 0; i < 50; ++i) {
    RequestRecord request = record();
    auto entry = life.open_spend.open(request);
    ASSERT_TRUE(life.log.write(request));
    entry->settled();
  }
  ASSERT_TRUE(life.open_spend.mark());
  EXPECT_LE(recover(life)->opens, 1);
}

TEST_F(SpendJournalTest, AMarkNeverPassesWhatIsOpenOrWasAbandoned) {
  RequestRecord slow = record();
  RequestRecord abandoned = record();
  {
    Life life = this->life();
    auto entry = life.open_spend.open(slow);
    {
      auto dropped = life.open_spend.open(abandoned);
    }
    for (int i = 0; i < 10; ++i) {
      RequestRecord request = record();
      auto quick = life.open_spend.open(request);
      ASSERT_TRUE(life.log.write(request));
      quick->settled();
      ASSERT_TRUE(life.open_spend.mark());
    }
    ASSERT_TRUE(life.log.write(slow));
    entry->settled();
    ASSERT_TRUE(life.open_spend.mark());
  }
  Life life = this->life();
  EXPECT_EQ(recover(life)->settled, 1);
  EXPECT_EQ(records(life).back().id, abandoned.id);
}

TEST_F(SpendJournalTest, AnIdleGatewayWritesNoMarks) {
  Life life = this->life();
  ASSERT_TRUE(life.open_spend.mark());
  EXPECT_EQ(frames(life), 0);
  {
    auto entry = life.open_spend.open(record());
    entry->settled();
  }
  ASSERT_TRUE(life.open_spend.mark());
  ASSERT_TRUE(life.open_spend.mark());
  EXPECT_EQ(frames(life), 2);
}

TEST_F(SpendJournalTest, FramesOfTheFirstVersionAreRead) {
  auto open = decode_spend_frame(
      R"({"v":1,"kind":"open","record":{"v":1,"id":"0190163d-8694-739b-aea5-966c26f8ad91",
          "started_at_us":1700000000000000,"ended_at_us":0,"status":0,
          "tokens":{"input":100,"source":"counted"},"cost_nano_usd":15000,"endpoint":"chat.completions",
          "key":"search-team","key_id":"k1","group":"acme/search","model":"fast","route":"fast",
          "price_version":"3"}})");
  ASSERT_TRUE(open) << open.error().message;
  EXPECT_EQ(open->kind, SpendFrame::Kind::kOpen);
  EXPECT_EQ(open->record.group, "acme/search");
  auto checkpoint = decode_spend_frame(
      R"({"v":1,"kind":"checkpoint","record":{"v":1,"id":"0190163d-8694-739b-aea5-966c26f8ad91",
          "tokens":{"input":100,"output":64,"source":"counted"},"cost_nano_usd":53400}})");
  ASSERT_TRUE(checkpoint);
  EXPECT_EQ(checkpoint->record.tokens.output, 64);
  auto mark = decode_spend_frame(R"({"v":1,"kind":"mark","position":"3-4096"})");
  ASSERT_TRUE(mark);
  EXPECT_EQ(mark->position, (journal::Position{3, 4096}));
}

TEST_F(SpendJournalTest, WhatIsNoFrameIsAnError) {
  EXPECT_EQ(decode_spend_frame("{}").error().code, ErrorCode::kCorrupt);
  EXPECT_EQ(decode_spend_frame("nonsense").error().code, ErrorCode::kCorrupt);
  EXPECT_EQ(decode_spend_frame(R"({"v":1,"kind":"other"})").error().code, ErrorCode::kCorrupt);
  EXPECT_EQ(decode_spend_frame(R"({"v":1,"kind":"mark","position":"x"})").error().code, ErrorCode::kCorrupt);
  EXPECT_EQ(decode_spend_frame(R"({"v":2,"kind":"open"})").error().code, ErrorCode::kNotImplemented);
}

// Gateways that are killed at any moment, also while they recover, lose no request that was opened and settle
// none twice.
TEST_F(SpendJournalTest, SigkillLosesNoSpendAndDoublesNone) {
  constexpr int kKills = 100;
  size_t acknowledged = 0;
  for (int round = 0; round < kKills && !HasFailure(); ++round) {
    SCOPED_TRACE("round " + std::to_string(round));
    SeededRandom draw(static_cast<uint64_t>(round));
    std::string heard = run_doomed_child(draw.next_u64() % 60, [&](const Acknowledge& acknowledge) {
      random_ = SeededRandom(1'000 + static_cast<uint64_t>(round));
      clock_.advance_us(round * 10'000'000);
      Life life = this->life();
      if (!recover(life)) return;
      std::vector<std::pair<RequestRecord, SpendJournal::Entry>> open;
      while (true) {
        RequestRecord request = record();
        auto entry = life.open_spend.open(request);
        if (!entry) return;
        acknowledge('o');
        open.emplace_back(std::move(request), std::move(*entry));
        auto& [picked, its_entry] = open[draw.next_u64() % open.size()];
        if (draw.next_u64() % 3 == 0) (void)its_entry.checkpoint({.output = 64}, Money{99});
        if (open.size() > 5) {
          if (!life.log.write(picked)) return;
          its_entry.settled();
          std::swap(open.back().first, picked);
          std::swap(open.back().second, its_entry);
          open.pop_back();
        }
        if (draw.next_u64() % 10 == 0 && !life.open_spend.mark()) return;
      }
    });
    acknowledged += heard.size();
    if (round % 10 != 9) continue;
    clock_.advance_us(kKills * 10'000'000LL);
    Life life = this->life();
    ASSERT_TRUE(recover(life));
    std::set<Uuid> opened;
    ASSERT_TRUE(life.spend->scan({}, INT64_MAX, [&](const journal::Position&, const journal::Record& entry) {
      if (spend_frame_kind(entry.payload) == SpendFrame::Kind::kOpen) opened.insert(entry.id);
      return true;
    }));
    std::map<Uuid, int> settled;
    for (const RequestRecord& found : records(life)) ++settled[found.id];
    EXPECT_GE(opened.size(), acknowledged);
    EXPECT_EQ(settled.size(), opened.size());
    for (const auto& [id, times] : settled) {
      EXPECT_EQ(times, 1) << id.text();
      EXPECT_TRUE(opened.contains(id));
    }
  }
}

}  // namespace
}  // namespace penstock::gateway
