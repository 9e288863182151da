#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "access/access_store.h"
#include "access/audit.h"
#include "access/directory.h"
#include "access/keys.h"
#include "core/random.h"
#include "core/run_task.h"
#include "core/temporary_directory.h"

namespace penstock::access {

// For tests: a database, an audit journal and a directory on them.
class AccessFixture : public testing::Test {
 protected:
  void SetUp() override {
    database_ = database::Database::open_sqlite({.path = files_.path() / "rows.db"}, migrations()).value();
    journal_ = open_journal();
    audit_ = Audit::open(*journal_, *database_, clock_, random_).value();
    directory_ = std::make_unique<Directory>(AccessConfig{}, *database_, clock_, Anonymous::kOwner);
    ASSERT_TRUE(directory_->reload());
    keys_ = std::make_unique<Keys>(*directory_, *audit_, clock_, random_);
  }

  std::unique_ptr<journal::Journal> open_journal() {
    return journal::Journal::open({.directory = journal_path()}, clock_).value();
  }
  std::filesystem::path journal_path() const { return files_.path() / "audit"; }

  IssuedKey create(Key key) {
    auto made = run_task(keys_->create(std::move(key), actor_));
    EXPECT_TRUE(made) << made.error().message;
    return made.value_or(IssuedKey{});
  }

  // What the directory says of "Authorization: Bearer <secret>": the id, or the reason of the refusal.
  std::string bearer(const std::string& secret) const {
    auto known = directory_->authenticate({{"authorization", "Bearer " + secret}});
    return known ? *known : known.error().reason;
  }

  std::vector<AuditRecord> audited() const {
    auto page = audit_->list({.limit = Audit::kPageMax});
    EXPECT_TRUE(page);
    return page->records;
  }

  TemporaryDirectory files_;
  ManualClock clock_;
  SeededRandom random_{20261124};
  Actor actor_{.id = "user:1", .name = "ada@example.com", .request_id = "r1"};
  std::unique_ptr<database::Database> database_;
  std::unique_ptr<journal::Journal> journal_;
  std::unique_ptr<Audit> audit_;
  std::unique_ptr<Directory> directory_;
  std::unique_ptr<Keys> keys_;
};

}  // namespace penstock::access
