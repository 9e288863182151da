#include "app/reload.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <chrono>
#include <thread>

#include "app/migrations.h"
#include "core/file.h"
#include "core/random.h"
#include "core/temporary_directory.h"

namespace penstock::app {
namespace {

namespace fs = std::filesystem;
using api::native::ConfigApplied;
using api::native::ConfigCheck;

constexpr std::string_view kOne = "version: 1\ndrain_timeout_ms: 1001\n";
constexpr std::string_view kTwo = "version: 1\ndrain_timeout_ms: 1002\n";
constexpr std::string_view kThree = "version: 1\ndrain_timeout_ms: 1003\n";

// A server's configuration with two parts that keep what they took, or refuse.
class ReloadTest : public testing::Test {
 protected:
  void SetUp() override {
    database_ = database::Database::open_sqlite({.path = directory_.path() / "db"}, migrations()).value();
    journal_ = journal::Journal::open({.directory = directory_.path() / "audit"}, clock_).value();
    audit_ = access::Audit::open(*journal_, *database_, clock_, system_random()).value();
    write(kOne);
    start();
  }

  void write(std::string_view text) { ASSERT_TRUE(replace_file(file_, text)); }
  std::string in_file() { return read_file(file_, 1 << 20).value(); }

  ConfigPart part(int64_t& took) {
    return {.check = [this](const Settings& settings) { return verdict(settings, refused_by_check_); },
            .take = [this, &took](const Settings& settings) -> Result<void> {
              RETURN_IF_ERROR(verdict(settings, &took == &second_ ? refused_by_second_ : -1));
              took = settings.drain_timeout_ms;
              return {};
            }};
  }
  static Result<void> verdict(const Settings& settings, int64_t refused) {
    if (settings.drain_timeout_ms != refused) return {};
    return Failure(Error::invalid("", "a part refuses"));
  }

  void make(fs::path file, std::optional<std::string> listen = {}) {
    reload_.reset();
    Configuration configuration =
        load_configuration(std::move(file), std::move(listen), [](const std::string&) {
          return std::nullopt;
        }).value();
    reload_ = std::make_unique<Reload>(
        std::move(configuration), std::vector<ConfigPart>{part(first_), part(second_)},
        ReloadServices{.database = *database_, .audit = *audit_, .clock = clock_});
  }
  // Without the watch from then on, so that only the test changes something.
  void start() {
    make(file_);
    reload_->start();
    reload_->stop();
  }

  Result<ConfigApplied> apply(std::string_view text, std::optional<int64_t> base = {}) {
    return reload_->apply({.text = std::string(text),
                           .comment = "why",
                           .base_version = base.value_or(reload_->running().version)},
                          ada_);
  }
  std::vector<access::AuditRecord> audited() { return audit_->list({}).value().records; }

  TemporaryDirectory directory_;
  fs::path file_ = directory_.path() / "penstock.yaml";
  ManualClock clock_;
  std::unique_ptr<database::Database> database_;
  std::unique_ptr<journal::Journal> journal_;
  std::unique_ptr<access::Audit> audit_;
  int64_t first_ = 0, second_ = 0;  // what the parts took
  int64_t refused_by_check_ = -1, refused_by_second_ = -1;
  access::Actor ada_{.id = "user:ada", .name = "ada@example.org", .request_id = "r1"};
  std::unique_ptr<Reload> reload_;
};

TEST_F(ReloadTest, AStartIsTheFirstVersionAndAStartWithTheSameTextGoesOnWithIt) {
  auto versions = reload_->versions(0, 10).value();
  ASSERT_EQ(versions.size(), 1U);
  EXPECT_EQ(versions[0].source, gateway::ConfigSource::kStart);
  EXPECT_EQ(reload_->running().version, versions[0].number);
  start();
  EXPECT_EQ(reload_->running().version, versions[0].number);
  write(kTwo);
  start();
  EXPECT_GT(reload_->running().version, versions[0].number);
  EXPECT_EQ(reload_->version(reload_->running().version)->previous, versions[0].number);
}

TEST_F(ReloadTest, AnAppliedTextIsInTheFileInEffectRecordedAndAudited) {
  ASSERT_EQ(chmod(file_.c_str(), 0604), 0);
  int64_t before = reload_->running().version;
  auto applied = apply(kTwo);
  ASSERT_TRUE(applied) << applied.error().message;
  EXPECT_TRUE(applied->changed);
  EXPECT_EQ(in_file(), kTwo);
  struct stat found{};
  ASSERT_EQ(stat(file_.c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777, 0604U);
  EXPECT_EQ(first_, 1002);
  EXPECT_EQ(second_, 1002);
  auto version = reload_->version(applied->version).value();
  EXPECT_EQ(version.text, kTwo);
  EXPECT_EQ(version.actor, "user:ada");
  EXPECT_EQ(version.comment, "why");
  EXPECT_EQ(version.source, gateway::ConfigSource::kApi);
  EXPECT_EQ(version.previous, before);
  ASSERT_FALSE(audited().empty());
  EXPECT_EQ(audited()[0].event.action, "config.apply");
  EXPECT_EQ(audited()[0].event.actor.id, "user:ada");
  EXPECT_NE(audited()[0].event.after.find("+drain_timeout_ms: 1002"), std::string::npos);
}

TEST_F(ReloadTest, ATextThatIsInEffectAlreadyMakesNoVersion) {
  auto applied = apply(kOne);
  ASSERT_TRUE(applied);
  EXPECT_FALSE(applied->changed);
  EXPECT_EQ(reload_->versions(0, 10)->size(), 1U);
}

TEST_F(ReloadTest, WhoeverDidNotSeeTheLastChangeIsRefused) {
  int64_t seen = reload_->running().version;
  ASSERT_TRUE(apply(kTwo));
  auto late = apply(kThree, seen);
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, ErrorCode::kConflict);
  EXPECT_EQ(late.error().reason, "version_conflict");
  EXPECT_EQ(in_file(), kTwo);
  EXPECT_EQ(second_, 1002);
  EXPECT_EQ(reload_->undo(seen, ada_).error().reason, "version_conflict");
}

TEST_F(ReloadTest, AFileChangedByHandIsNotOverwritten) {
  write(kThree);
  auto refused = apply(kTwo);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, "file_changed");
  EXPECT_EQ(in_file(), kThree);
  ASSERT_TRUE(reload_->reload(ada_));
  EXPECT_EQ(second_, 1003);
  EXPECT_TRUE(apply(kTwo));
}

TEST_F(ReloadTest, AServerWithoutAFileHasNothingToChange) {
  make({});
  reload_->start();
  EXPECT_EQ(reload_->running().text, "");
  EXPECT_EQ(apply(kTwo).error().reason, "no_file");
  EXPECT_EQ(reload_->reload(ada_).error().reason, "no_file");
  reload_->reload_file();
  EXPECT_EQ(reload_->problem(), "");
}

TEST_F(ReloadTest, EveryProblemIsToldWithItsLineAndNothingChanges) {
  std::string wrong = "version: 1\nlissten: 1\nloops: none\n";
  ConfigCheck check = reload_->check(wrong);
  ASSERT_EQ(check.problems.size(), 2U);
  EXPECT_EQ(check.problems[0].line, 2);
  EXPECT_NE(check.problems[0].message.find("did you mean 'listen'"), std::string::npos);
  EXPECT_EQ(check.problems[1].line, 3);
  EXPECT_NE(check.diff.find("+lissten: 1"), std::string::npos);
  auto refused = apply(wrong);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kInvalidArgument);
  EXPECT_NE(refused.error().message.find("penstock.yaml:2:1"), std::string::npos) << refused.error().message;
  EXPECT_NE(refused.error().message.find("penstock.yaml:3:"), std::string::npos);
  EXPECT_EQ(in_file(), kOne);
  EXPECT_EQ(reload_->versions(0, 10)->size(), 1U);
}

TEST_F(ReloadTest, WhatAPartFindsWrongIsAProblemBeforeAnythingChanges) {
  refused_by_check_ = 1002;
  EXPECT_EQ(reload_->check(std::string(kTwo)).problems.at(0).message, "a part refuses");
  EXPECT_FALSE(apply(kTwo));
  EXPECT_EQ(in_file(), kOne);
  EXPECT_EQ(first_, 0);
}

TEST_F(ReloadTest, WhereOnePartRefusesNoneKeepsTheChange) {
  refused_by_second_ = 1002;
  EXPECT_FALSE(apply(kTwo));
  EXPECT_EQ(first_, 1001);
  EXPECT_EQ(in_file(), kOne);
  EXPECT_EQ(reload_->running().text, kOne);
}

TEST_F(ReloadTest, UndoGoesBackVersionByVersion) {
  ASSERT_TRUE(apply(kTwo));
  ASSERT_TRUE(apply(kThree));
  auto undone = reload_->undo({}, ada_);
  ASSERT_TRUE(undone) << undone.error().message;
  EXPECT_EQ(in_file(), kTwo);
  EXPECT_EQ(reload_->version(undone->version)->source, gateway::ConfigSource::kUndo);
  ASSERT_TRUE(reload_->undo({}, ada_));
  EXPECT_EQ(in_file(), kOne);
  EXPECT_EQ(second_, 1001);
  auto nothing = reload_->undo({}, ada_);
  ASSERT_FALSE(nothing);
  EXPECT_EQ(nothing.error().reason, "nothing_to_undo");
  EXPECT_EQ(audited()[0].event.action, "config.undo");
}

TEST_F(ReloadTest, ABrokenFileIsAProblemUntilItIsMended) {
  write("version: 2\n");
  reload_->reload_file();
  EXPECT_NE(reload_->problem().find("version"), std::string::npos);
  EXPECT_EQ(reload_->running().text, kOne);
  EXPECT_EQ(second_, 0);
  write(kTwo);
  reload_->reload_file();
  EXPECT_EQ(reload_->problem(), "");
  EXPECT_EQ(second_, 1002);
  auto version = reload_->version(reload_->running().version).value();
  EXPECT_EQ(version.source, gateway::ConfigSource::kFile);
  EXPECT_EQ(version.actor, "");
}

TEST_F(ReloadTest, AReloadWithoutAChangeTakesSecretsAnew) {
  auto applied = reload_->reload(ada_);
  ASSERT_TRUE(applied);
  EXPECT_FALSE(applied->changed);
  EXPECT_EQ(first_, 1001);
  EXPECT_EQ(audited().at(0).event.action, "config.reload");
}

TEST_F(ReloadTest, NamesWhatOnlyARestartChanges) {
  auto applied = apply("version: 1\nlisten: 127.0.0.1:9\nloops: 3\ndrain_timeout_ms: 1002\n");
  ASSERT_TRUE(applied);
  EXPECT_EQ(applied->needs_restart, (std::vector<std::string>{"listen", "loops"}));
  EXPECT_EQ(reload_->running().needs_restart, applied->needs_restart);
  EXPECT_EQ(second_, 1002);
  make(file_, "127.0.0.1:7");
  reload_->start();
  EXPECT_TRUE(reload_->check("version: 1\nlisten: 127.0.0.1:10\nloops: 3\n").needs_restart.empty());
}

TEST_F(ReloadTest, TheWatchTakesOverAChangedFile) {
  make(file_);
  reload_->start();
  write(kTwo);
  for (int i = 0; i < 5'000 && reload_->running().text != kTwo; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  EXPECT_EQ(reload_->running().text, kTwo);
  reload_->stop();
  EXPECT_EQ(second_, 1002);
}

}  // namespace
}  // namespace penstock::app
