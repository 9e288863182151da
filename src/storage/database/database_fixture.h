#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/temporary_directory.h"
#include "storage/database/database.h"
#include "storage/database/test_postgresql.h"

namespace penstock::database {

enum class Engine : uint8_t { kSqlite, kPostgresql };

struct FixtureOptions {
  size_t readers = 2;
  size_t queue_max = 4096;
};

// A database on each engine in turn, with one table of notes: a unique name and a body.
class DatabaseFixture : public testing::TestWithParam<Engine> {
 protected:
  static constexpr std::string_view kInsert = "INSERT INTO notes (name, body) VALUES ($1, $2)";
  static constexpr std::string_view kCount = "SELECT COUNT(*) FROM notes";
  static constexpr std::string_view kNames = "SELECT name FROM notes ORDER BY id";

  static std::vector<Migration> migrations() {
    return {
        {.number = 1,
         .name = "notes",
         .sql = "CREATE TABLE notes (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, body TEXT) STRICT;"
                "CREATE TABLE tags (note INTEGER NOT NULL REFERENCES notes (id), tag TEXT NOT NULL) STRICT"}};
  }

  void SetUp() override {
    if (is_postgresql()) name_ = TestPostgresql::shared().make_database();
  }
  bool is_postgresql() const { return GetParam() == Engine::kPostgresql; }

  Result<std::unique_ptr<Database>> try_open(std::span<const Migration> migrations,
                                             FixtureOptions with = {}) {
    if (!is_postgresql()) {
      return Database::open_sqlite(
          {.path = sqlite_path(), .readers = with.readers, .queue_max = with.queue_max}, migrations);
    }
    return Database::open_postgresql(
        {.url = TestPostgresql::shared().url(name_), .readers = with.readers, .queue_max = with.queue_max},
        migrations);
  }
  std::unique_ptr<Database> open(FixtureOptions with = {}) {
    auto database = try_open(migrations(), with);
    EXPECT_TRUE(database) << database.error().message;
    return database ? std::move(*database) : nullptr;
  }
  std::filesystem::path sqlite_path() const { return directory_.path() / "data" / "penstock.db"; }

  // A write that adds one note.
  static auto insert(std::string name) {
    return [name = std::move(name)](Connection& connection) -> Result<void> {
      const Value values[] = {name, std::monostate()};
      RETURN_IF_ERROR(connection.execute(kInsert, values));
      return {};
    };
  }

  static Result<int64_t> count(Connection& connection) {
    ASSIGN_OR_RETURN(auto counts,
                     rows<int64_t>(connection, kCount, {}, [](const Row& row) { return row.integer(0); }));
    return counts.at(0);
  }

  static std::vector<std::string> names(Database& database) {
    std::vector<std::string> out;
    auto read = database.read_now([&](Connection& connection) -> Result<void> {
      ASSIGN_OR_RETURN(out, rows<std::string>(connection, kNames, {},
                                              [](const Row& row) { return std::string(row.text(0)); }));
      return {};
    });
    EXPECT_TRUE(read) << read.error().message;
    return out;
  }

  TemporaryDirectory directory_;
  std::string name_;  // of the test's own database on the shared server
};

inline std::string engine_name(const testing::TestParamInfo<Engine>& info) {
  return info.param == Engine::kSqlite ? "sqlite" : "postgresql";
}
#define PENSTOCK_ON_ALL_ENGINES(suite) \
  INSTANTIATE_TEST_SUITE_P(On, suite, testing::Values(Engine::kSqlite, Engine::kPostgresql), engine_name)

}  // namespace penstock::database
