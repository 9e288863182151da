// Crashes, full disks and damaged files.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mount.h>

#include <cerrno>
#include <cstring>
#include <fstream>

#include "core/doomed_child.h"
#include "core/random.h"
#include "storage/database/database_fixture.h"

namespace penstock::database {
namespace {

using testing::HasSubstr;

constexpr int kProcessKills = 40;

using CrashTest = DatabaseFixture;
PENSTOCK_ON_ALL_ENGINES(CrashTest);

class SqliteCrashTest : public DatabaseFixture {};
INSTANTIATE_TEST_SUITE_P(On, SqliteCrashTest, testing::Values(Engine::kSqlite), engine_name);

TEST_P(CrashTest, SigkillLosesNoCommittedWriteAndLeavesNoHalfOne) {
  SeededRandom random(5);
  size_t committed = 0;
  for (int round = 0; round < kProcessKills && !HasFailure(); ++round) {
    SCOPED_TRACE("round " + std::to_string(round));
    std::string heard = run_doomed_child(random.next_u64() % 30, [&](const Acknowledge& acknowledge) {
      auto database = try_open(migrations());
      // Each write adds two rows, so that half of one would show.
      for (size_t i = committed; database; ++i) {
        auto both = [&](Connection& connection) -> Result<void> {
          RETURN_IF_ERROR(insert(std::to_string(i) + "a")(connection));
          return insert(std::to_string(i) + "b")(connection);
        };
        if (!(*database)->write_now(both)) return;
        acknowledge('w');
      }
    });
    std::vector<std::string> found = names(*open());
    committed += heard.size();
    EXPECT_EQ(found.size() % 2, 0);
    EXPECT_GE(found.size() / 2, committed);
    EXPECT_LE(found.size() / 2, committed + 1);
    for (size_t i = 0; i < found.size(); ++i) {
      EXPECT_EQ(found[i], std::to_string(i / 2) + (i % 2 == 0 ? "a" : "b"));
    }
    committed = found.size() / 2;
  }
}

TEST_P(SqliteCrashTest, AFullDatabaseIsStorageFullForThatWriteAndReadsGoOn) {
  auto database = open();
  ASSERT_TRUE(database->write_now(insert("before")));
  auto limit = [](Connection& connection) {
    return connection.query("PRAGMA max_page_count = 20", {}, [](const Row&) { return true; });
  };
  ASSERT_TRUE(database->write_now(limit));
  auto large = [](Connection& connection) -> Result<void> {
    const Value values[] = {std::string("large"), std::string(1 << 20, 'x')};
    RETURN_IF_ERROR(connection.execute(kInsert, values));
    return {};
  };
  EXPECT_EQ(database->write_now(large).error().code, ErrorCode::kStorageFull);
  EXPECT_TRUE(database->write_now(insert("small")));
  EXPECT_THAT(names(*database), testing::ElementsAre("before", "small"));
}

TEST_P(SqliteCrashTest, ARealFullFileSystemIsStorageFull) {
  std::filesystem::path mounted = directory_.path() / "small";
  std::filesystem::create_directory(mounted);
  if (mount("tmpfs", mounted.c_str(), "tmpfs", 0, "size=1m") != 0) {
    GTEST_SKIP() << "cannot mount a small tmpfs here: " << std::strerror(errno);
  }
  {
    auto opened = Database::open_sqlite({.path = mounted / "penstock.db"}, migrations());
    ASSERT_TRUE(opened) << opened.error().message;
    auto database = std::move(*opened);
    ASSERT_TRUE(database->write_now(insert("before")));
    auto large = [](Connection& connection) -> Result<void> {
      const Value values[] = {std::string("large"), std::string(4 << 20, 'x')};
      RETURN_IF_ERROR(connection.execute(kInsert, values));
      return {};
    };
    auto refused = database->write_now(large);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::kStorageFull) << refused.error().message;
    EXPECT_THAT(names(*database), testing::ElementsAre("before"));
    EXPECT_TRUE(database->write_now(insert("after")));
  }
  EXPECT_EQ(umount(mounted.c_str()), 0);
}

TEST_P(SqliteCrashTest, AFileThatIsNoDatabaseIsCorruptAndLeftAlone) {
  std::filesystem::create_directories(sqlite_path().parent_path());
  std::string text = "this is not a database, but somebody's notes: " + std::string(5000, '.');
  std::ofstream(sqlite_path()) << text;
  auto refused = try_open(migrations());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kCorrupt);
  EXPECT_THAT(refused.error().message, HasSubstr(sqlite_path().string()));
  EXPECT_EQ(std::filesystem::file_size(sqlite_path()), text.size());
}

TEST_P(SqliteCrashTest, ADamagedPageIsCorrupt) {
  {
    auto database = open();
    ASSERT_TRUE(database->write_now([](Connection& connection) -> Result<void> {
      for (int i = 0; i < 2000; ++i) RETURN_IF_ERROR(insert(std::to_string(i))(connection));
      return {};
    }));
  }
  std::fstream file(sqlite_path(), std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(4096);  // behind the page with the schema
  file << std::string(8 * 4096, '\x55');
  file.close();
  auto database = try_open(migrations());
  Result<void> read = database ? (*database)->read_now([](Connection& connection) {
    return connection.query(kNames, {}, [](const Row&) { return true; });
  })
                               : Failure(database.error());
  EXPECT_EQ(read.error().code, ErrorCode::kCorrupt);
}

TEST_P(SqliteCrashTest, ADirectoryThatCannotBeMadeIsNamed) {
  std::ofstream(directory_.path() / "file") << "x";
  auto refused = Database::open_sqlite({.path = directory_.path() / "file" / "penstock.db"}, migrations());
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr((directory_.path() / "file").string()));
}

}  // namespace
}  // namespace penstock::database
