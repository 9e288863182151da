#include "storage/database/migrate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/doomed_child.h"
#include "storage/database/database_fixture.h"

namespace penstock::database {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr Migration kFirst{1, "people", "CREATE TABLE people (id INTEGER PRIMARY KEY) STRICT"};
constexpr Migration kSecond{2, "pets",
                            "CREATE TABLE pets (id INTEGER PRIMARY KEY) STRICT; INSERT INTO pets VALUES (7)"};

class MigrateTest : public DatabaseFixture {
 protected:
  Result<std::unique_ptr<Database>> open(std::vector<Migration> migrations) { return try_open(migrations); }

  // Opens, expecting success, and lists the tables.
  std::vector<std::string> tables(std::vector<Migration> migrations) {
    std::vector<std::string> out;
    auto database = open(std::move(migrations));
    EXPECT_TRUE(database) << database.error().message;
    if (!database) return out;
    EXPECT_TRUE((*database)->read_now([&](Connection& connection) {
      return connection.query(is_postgresql() ? kPostgresqlTables : kSqliteTables, {}, [&](const Row& row) {
        out.emplace_back(row.text(0));
        return true;
      });
    }));
    return out;
  }

  // Opens, expecting a refusal that says `why`.
  void expect_refused(std::vector<Migration> migrations, ErrorCode code, const std::string& why) {
    auto refused = open(std::move(migrations));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, code);
    EXPECT_THAT(refused.error().message, HasSubstr(why));
    EXPECT_THAT(refused.error().message, HasSubstr(is_postgresql() ? name_ : "penstock.db"));
  }

  static constexpr std::string_view kSqliteTables =
      "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name";
  static constexpr std::string_view kPostgresqlTables =
      "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename";
};
PENSTOCK_ON_ALL_ENGINES(MigrateTest);

TEST_P(MigrateTest, AppliesEachMigrationOnce) {
  EXPECT_THAT(tables({kFirst}), ElementsAre("people", "schema_migrations"));
  EXPECT_THAT(tables({kFirst, kSecond}), ElementsAre("people", "pets", "schema_migrations"));
  EXPECT_THAT(tables({kFirst, kSecond}), ElementsAre("people", "pets", "schema_migrations"));
}

TEST_P(MigrateTest, RefusesADatabaseOfANewerProgram) {
  tables({kFirst, kSecond});
  expect_refused({kFirst}, ErrorCode::kConflict,
                 "migration 2 (pets) and this program knows migrations up to 1");
  tables({kFirst, kSecond});
}

TEST_P(MigrateTest, RefusesAnEditedMigrationByName) {
  tables({kFirst});
  Migration edited = kFirst;
  edited.sql = "CREATE TABLE people (id INTEGER PRIMARY KEY, age INTEGER) STRICT";
  expect_refused({edited, kSecond}, ErrorCode::kConflict, "migration 1 (people) was edited");
  EXPECT_THAT(tables({kFirst}), ElementsAre("people", "schema_migrations"));
}

TEST_P(MigrateTest, RefusesAMigrationPutBeforeAppliedOnes) {
  tables({kSecond});
  expect_refused({kFirst, kSecond}, ErrorCode::kConflict,
                 "migration 1 (people) was not applied before migration 2");
}

TEST_P(MigrateTest, RefusesARemovedMigration) {
  tables({kFirst, kSecond});
  Migration third{3, "third", "CREATE TABLE third (id INTEGER PRIMARY KEY) STRICT"};
  expect_refused({kFirst, third}, ErrorCode::kConflict, "migration 2 (pets)");
}

TEST_P(MigrateTest, RefusesNumbersThatDoNotRise) {
  auto refused = open({kSecond, kFirst});
  EXPECT_EQ(refused.error().code, ErrorCode::kInternal);
  EXPECT_THAT(refused.error().message, HasSubstr("migration 1 (people)"));
}

TEST_P(MigrateTest, AFailingMigrationIsNamedAndLeavesTheOldSchema) {
  tables({kFirst});
  Migration broken{2, "broken",
                   "CREATE TABLE half (id INTEGER PRIMARY KEY) STRICT; INSERT INTO nowhere VALUES (1)"};
  expect_refused({kFirst, broken}, ErrorCode::kInternal, "migration 2 (broken) failed");
  EXPECT_THAT(tables({kFirst}), ElementsAre("people", "schema_migrations"));
  EXPECT_THAT(tables({kFirst, kSecond}), ElementsAre("people", "pets", "schema_migrations"));
}

TEST_P(MigrateTest, RefusesATableThatIsNotStrict) {
  expect_refused({{1, "loose", "CREATE TABLE loose (id INTEGER PRIMARY KEY)"}}, ErrorCode::kInternal,
                 "table loose is not STRICT");
  EXPECT_THAT(tables({}), ElementsAre("schema_migrations"));
}

TEST_P(MigrateTest, RefusesAMigrationThatEndsItsTransaction) {
  expect_refused({{1, "eager", "CREATE TABLE t (id INTEGER PRIMARY KEY) STRICT; COMMIT"}},
                 ErrorCode::kInternal, "migration 1 (eager) failed");
}

TEST_P(MigrateTest, AMigrationKilledHalfWayLeavesTheOldSchema) {
  tables({kFirst});
  // The second statement runs until it is killed.
  Migration endless{
      2, "endless",
      "CREATE TABLE half (id INTEGER PRIMARY KEY) STRICT;"
      "INSERT INTO half WITH RECURSIVE n (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x FROM n"};
  run_doomed_child(1, [&](const Acknowledge& acknowledge) {
    acknowledge('s');
    auto endless_open = open({kFirst, endless});
  });
  EXPECT_THAT(tables({kFirst}), ElementsAre("people", "schema_migrations"));
  EXPECT_THAT(tables({kFirst, kSecond}), ElementsAre("people", "pets", "schema_migrations"));
}

}  // namespace
}  // namespace penstock::database
