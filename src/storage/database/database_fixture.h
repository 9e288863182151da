#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/temporary_directory.h"
#include "storage/database/database.h"

namespace penstock::database {

// A database with one table of notes: a unique name and a body.
class DatabaseFixture : public testing::Test {
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

  DatabaseOptions options() const { return {.path = directory_.path() / "data" / "penstock.db"}; }

  std::unique_ptr<Database> open() { return open(options()); }
  std::unique_ptr<Database> open(DatabaseOptions with) {
    auto database = Database::open_sqlite(std::move(with), migrations());
    EXPECT_TRUE(database) << database.error().message;
    return database ? std::move(*database) : nullptr;
  }

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
};

}  // namespace penstock::database
