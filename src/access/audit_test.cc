#include "access/audit.h"

#include <gmock/gmock.h>

#include "access/access_fixture.h"
#include "core/file.h"

namespace penstock::access {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

class AuditTest : public AccessFixture {
 protected:
  void record(int count) {
    for (int i = 0; i < count; ++i) {
      clock_.advance_us(1000);
      AuditEvent event{.actor = actor_, .action = "test.step", .object = "step:" + std::to_string(i)};
      event.after = R"({"n":)" + std::to_string(i) + "}";
      ASSERT_TRUE(run_task(audit_->record(event)));
    }
  }

  std::vector<std::string> findings() const {
    auto verdict = audit_->verify();
    EXPECT_TRUE(verdict) << verdict.error().message;
    return verdict ? verdict->findings : std::vector<std::string>{};
  }

  void close() {
    audit_.reset();
    keys_.reset();
    journal_.reset();
  }
  void reopen() {
    journal_ = open_journal();
    audit_ = Audit::open(*journal_, *database_, clock_, random_).value();
  }

  // What the database says of the only chain.
  struct Head {
    std::string chain;
    int64_t records = 0;
    std::string hash;
  };
  Head head() {
    Head found;
    EXPECT_TRUE(database_->read_now([&](database::Connection& connection) {
      return connection.query("SELECT chain, records, hash FROM audit_heads ORDER BY chain", {},
                              [&](const database::Row& row) {
                                found = {std::string(row.text(0)), row.integer(1), std::string(row.text(2))};
                                return false;
                              });
    }));
    return found;
  }
  void set_head(const Head& head) {
    EXPECT_TRUE(database_->write_now([&](database::Connection& connection) -> Result<void> {
      RETURN_IF_ERROR(connection.execute("DELETE FROM audit_heads"));
      const std::array<database::Value, 3> values = {head.chain, head.records, head.hash};
      RETURN_IF_ERROR(
          connection.execute("INSERT INTO audit_heads (chain, records, hash) VALUES ($1, $2, $3)", values));
      return {};
    }));
  }

  std::filesystem::path segment() const {
    for (const auto& entry : std::filesystem::directory_iterator(journal_path())) {
      if (entry.path().extension() == ".segment") return entry.path();
    }
    return {};
  }

  // The records of the journal, without the journal's own framing, written anew into an empty one.
  std::vector<journal::Record> taken() {
    std::vector<journal::Record> records;
    EXPECT_TRUE(journal_->scan({}, INT64_MAX, [&](const auto&, const auto& record) {
      records.push_back(record);
      return true;
    }));
    return records;
  }
  // What a clever forger does: a sound journal of other records.
  void forge(const std::vector<journal::Record>& records) {
    close();
    std::filesystem::remove_all(journal_path());
    journal_ = open_journal();
    for (const journal::Record& record : records) ASSERT_TRUE(journal_->append(record));
    audit_ = Audit::open(*journal_, *database_, clock_, random_).value();
  }
};

TEST_F(AuditTest, AnUntouchedChainIsSoundAlsoAfterReopening) {
  record(20);
  EXPECT_THAT(findings(), IsEmpty());
  close();
  reopen();
  record(5);
  auto verdict = audit_->verify();
  EXPECT_THAT(verdict->findings, IsEmpty());
  EXPECT_EQ(verdict->records, 26);
  EXPECT_EQ(verdict->head, audited().front().hash);
}

TEST_F(AuditTest, RecordsReadBack) {
  record(1);
  AuditRecord written = audited().front();
  AuditRecord read = decode_audit(encode(written)).value();
  EXPECT_EQ(read.event.action, "test.step");
  EXPECT_EQ(read.event.after, R"({"n":0})");
  EXPECT_EQ(read.event.before, "");
  EXPECT_EQ(read.sequence, 2);
  EXPECT_EQ(read.hash, written.hash);
}

TEST_F(AuditTest, AChangedByteAnywhereInAPayloadIsFound) {
  record(1);
  std::string payload = encode(audited().front());
  for (size_t i = 0; i < payload.size(); ++i) {
    std::string changed = payload;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_FALSE(decode_audit(changed)) << i;
  }
}

TEST_F(AuditTest, AChangedByteAnywhereInTheFileIsFound) {
  record(1);
  std::filesystem::path path = segment();
  std::string whole = read_file(path, 1 << 20).value();
  std::filesystem::path rows = files_.path() / "rows.db";
  for (size_t i = 0; i < whole.size(); ++i) {
    close();
    std::string changed = whole;
    changed[i] = static_cast<char>(changed[i] ^ 0x40);
    std::filesystem::remove_all(journal_path());
    ASSERT_TRUE(std::filesystem::create_directories(journal_path()));
    ASSERT_TRUE(replace_file(path, changed));
    auto opened = journal::Journal::open({.directory = journal_path()}, clock_);
    if (!opened) continue;  // refusing to start is finding it, too
    journal_ = std::move(*opened);
    Head before = head();
    audit_ = Audit::open(*journal_, *database_, clock_, random_).value();
    EXPECT_FALSE(findings().empty()) << "byte " << i << " of " << whole.size();
    set_head(before);
  }
  close();
  ASSERT_TRUE(replace_file(path, whole));
  reopen();
  EXPECT_THAT(findings(), IsEmpty()) << "what was put back is sound";
}

TEST_F(AuditTest, ForgedRecordsThatTheJournalTakesForSoundAreFound) {
  record(6);
  std::vector<journal::Record> sound = taken();
  ASSERT_EQ(sound.size(), 7U);
  forge(sound);
  EXPECT_THAT(findings(), IsEmpty()) << "the same records are the same chain";

  auto changed = sound;
  AuditRecord other = decode_audit(sound[3].payload).value();
  other.event.action = "test.harmless";
  changed[3].payload = encode(other);
  forge(changed);
  EXPECT_FALSE(findings().empty()) << "a record was written anew, with its own right hash";
}

TEST_F(AuditTest, DroppedReorderedAndRepeatedRecordsAreFound) {
  record(6);
  std::vector<journal::Record> sound = taken();
  for (size_t i = 0; i + 1 < sound.size(); ++i) {
    auto dropped = sound;
    dropped.erase(dropped.begin() + static_cast<ptrdiff_t>(i));
    forge(dropped);
    EXPECT_FALSE(findings().empty()) << "dropped " << i;
    auto swapped = sound;
    std::swap(swapped[i], swapped[i + 1]);
    forge(swapped);
    EXPECT_FALSE(findings().empty()) << "swapped " << i;
    auto repeated = sound;
    repeated.insert(repeated.begin() + static_cast<ptrdiff_t>(i), sound[i]);
    forge(repeated);
    EXPECT_FALSE(findings().empty()) << "repeated " << i;
  }
}

TEST_F(AuditTest, AMissingEndIsFoundAndStaysFound) {
  record(6);
  std::vector<journal::Record> sound = taken();
  sound.pop_back();
  forge(sound);
  EXPECT_FALSE(findings().empty());
  record(10);  // the chain grows past where the database once saw it
  EXPECT_THAT(findings(), testing::Contains(HasSubstr("where the database said")));
  close();
  reopen();
  EXPECT_FALSE(findings().empty());
}

TEST_F(AuditTest, AMissingEndIsFoundWhileTheServerRuns) {
  record(3);
  std::vector<journal::Record> sound = taken();
  sound.pop_back();
  close();
  std::filesystem::remove_all(journal_path());
  journal_ = open_journal();
  for (const journal::Record& entry : sound) ASSERT_TRUE(journal_->append(entry));
  auto verdict = Audit::open(*journal_, *database_, clock_, random_).value()->verify();
  EXPECT_FALSE(verdict->findings.empty());
}

TEST_F(AuditTest, AJournalThatWasTakenAwayIsFound) {
  record(3);
  forge({});
  EXPECT_FALSE(findings().empty());
}

TEST_F(AuditTest, AnotherServersChainInASharedDatabaseIsNoFinding) {
  record(3);
  close();
  std::filesystem::remove_all(journal_path());
  journal_ = open_journal();
  audit_ = Audit::open(*journal_, *database_, clock_, random_, Sharing::kShared).value();
  EXPECT_THAT(findings(), IsEmpty());
}

TEST_F(AuditTest, AFailedTransactionMayLeaveARecordButNoGap) {
  record(2);
  auto failed = database_->write_now([&](database::Connection& connection) -> Result<void> {
    RETURN_IF_ERROR(audit_->record(connection, {.actor = actor_, .action = "test.failed", .object = "x"}));
    return Failure(Error::internal("the transaction fails"));
  });
  EXPECT_FALSE(failed);
  EXPECT_THAT(findings(), IsEmpty());
  close();
  reopen();
  EXPECT_THAT(findings(), IsEmpty());
  record(1);
  EXPECT_THAT(findings(), IsEmpty());
}

TEST_F(AuditTest, PagesAndFilters) {
  record(5);
  create({.name = "search"});
  AuditPage first = audit_->list({.limit = 2}).value();
  ASSERT_EQ(first.records.size(), 2U);
  EXPECT_EQ(first.records[0].event.action, "keys.create");
  AuditPage rest = audit_->list({.limit = 200, .cursor = first.next_cursor}).value();
  EXPECT_EQ(rest.records.size(), 5U);
  EXPECT_EQ(rest.next_cursor, "");
  EXPECT_EQ(audit_->list({.action = "keys."})->records.size(), 1U);
  EXPECT_EQ(audit_->list({.action = "keys"})->records.size(), 0U);
  EXPECT_EQ(audit_->list({.object = "step:3"})->records.size(), 1U);
  EXPECT_EQ(audit_->list({.actor = "system"})->records.size(), 1U);
  Timestamp third = audit_->list({.object = "step:2"})->records[0].at;
  EXPECT_EQ(audit_->list({.action = "test.", .since = third})->records.size(), 3U);
  EXPECT_EQ(audit_->list({.action = "test.", .until = third})->records.size(), 2U);
  EXPECT_EQ(audit_->list({.limit = 0}).error().field, "limit");
  EXPECT_EQ(audit_->list({.cursor = "x"}).error().field, "cursor");
}

}  // namespace
}  // namespace penstock::access
