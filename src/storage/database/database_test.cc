#include "storage/database/database.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

#include "core/run_task.h"
#include "storage/database/database_fixture.h"

namespace penstock::database {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

using DatabaseTest = DatabaseFixture;
PENSTOCK_ON_ALL_ENGINES(DatabaseTest);

TEST_P(DatabaseTest, KeepsEachTypeOfValue) {
  auto database = open();
  auto written = database->write_now([](Connection& connection) -> Result<void> {
    RETURN_IF_ERROR(
        connection.execute("CREATE TABLE typed (i INTEGER, r REAL, t TEXT, b BLOB, e BLOB, n TEXT) STRICT"));
    const Value values[] = {INT64_MIN,       0.1, "t\xc3\xa9", Blob{std::byte{0}, std::byte{255}}, Blob{},
                            std::monostate()};
    RETURN_IF_ERROR(connection.execute("INSERT INTO typed VALUES ($1, $2, $3, $4, $5, $6)", values));
    return {};
  });
  ASSERT_TRUE(written) << written.error().message;
  auto read = database->read_now([](Connection& connection) {
    return connection.query("SELECT i, r, t, b, e, n FROM typed", {}, [](const Row& row) {
      EXPECT_EQ(row.integer(0), INT64_MIN);
      EXPECT_EQ(row.real(1), 0.1);
      EXPECT_EQ(row.text(2), "t\xc3\xa9");
      EXPECT_THAT(row.blob(3), ElementsAre(std::byte{0}, std::byte{255}));
      EXPECT_THAT(row.blob(4), IsEmpty());
      EXPECT_FALSE(row.is_null(4));
      EXPECT_TRUE(row.is_null(5));
      return true;
    });
  });
  EXPECT_TRUE(read) << read.error().message;
}

TEST_P(DatabaseTest, ParametersMeanTheirNumberWhereverTheyStand) {
  auto database = open();
  ASSERT_TRUE(database->write_now([](Connection& connection) -> Result<void> {
    const Value values[] = {std::string("body"), std::string("name")};
    RETURN_IF_ERROR(connection.execute("INSERT INTO notes (name, body) VALUES ($2, $1)", values));
    const Value once[] = {std::string("name")};
    return connection.query("SELECT body FROM notes WHERE name = $1 AND $1 <> body", once,
                            [](const Row& row) {
                              EXPECT_EQ(row.text(0), "body");
                              return true;
                            });
  }));
}

TEST_P(DatabaseTest, AWriteReturnsItsValueOnceCommitted) {
  auto database = open();
  auto id = run_task(database->write<int64_t>([](Connection& connection) -> Result<int64_t> {
    RETURN_IF_ERROR(insert("first")(connection));
    ASSIGN_OR_RETURN(auto ids, rows<int64_t>(connection, "SELECT id FROM notes", {},
                                             [](const Row& row) { return row.integer(0); }));
    return ids.at(0);
  }));
  EXPECT_EQ(id.value(), 1);
  EXPECT_EQ(run_task(database->read<int64_t>(count)).value(), 1);
}

TEST_P(DatabaseTest, CountsTheRowsThatAStatementChanged) {
  auto database = open();
  ASSERT_TRUE(database->write_now([](Connection& connection) -> Result<void> {
    for (const char* name : {"a", "b", "c"}) RETURN_IF_ERROR(insert(name)(connection));
    EXPECT_EQ(connection.execute("UPDATE notes SET body = 'x' WHERE name <> 'a'").value(), 2);
    EXPECT_EQ(connection.execute("CREATE TABLE other (x TEXT) STRICT").value(), 0);
    EXPECT_EQ(connection.execute("DELETE FROM notes WHERE name = 'none'").value(), 0);
    EXPECT_EQ(connection.execute("DELETE FROM notes").value(), 3);
    return {};
  }));
}

TEST_P(DatabaseTest, AQueryStopsWhenToldTo) {
  auto database = open();
  ASSERT_TRUE(database->write_now([](Connection& connection) -> Result<void> {
    for (const char* name : {"a", "b", "c"}) RETURN_IF_ERROR(insert(name)(connection));
    return {};
  }));
  int seen = 0;
  ASSERT_TRUE(database->read_now([&](Connection& connection) {
    return connection.query(kNames, {}, [&](const Row&) { return ++seen < 2; });
  }));
  EXPECT_EQ(seen, 2);
}

TEST_P(DatabaseTest, AStatementMayRunInsideItself) {
  auto database = open();
  ASSERT_TRUE(database->write_now([](Connection& connection) -> Result<void> {
    for (const char* name : {"a", "b", "c"}) RETURN_IF_ERROR(insert(name)(connection));
    return {};
  }));
  int seen = 0;
  ASSERT_TRUE(database->read_now([&](Connection& connection) {
    return connection.query(kNames, {}, [&](const Row& row) {
      std::string outer(row.text(0));
      EXPECT_TRUE(connection.query(kNames, {}, [&](const Row&) { return ++seen > 0; }));
      EXPECT_EQ(row.text(0), outer);
      return true;
    });
  }));
  EXPECT_EQ(seen, 9);
}

TEST_P(DatabaseTest, MoreStatementsThanAreKeptStillWork) {
  auto database = open();
  ASSERT_TRUE(database->read_now([](Connection& connection) -> Result<void> {
    for (int round = 0; round < 2; ++round) {
      for (int i = 0; i < 600; ++i) {
        const Value values[] = {int64_t{i}};
        std::string sql = std::string(static_cast<size_t>(i), ' ') + "SELECT $1";  // each another text
        RETURN_IF_ERROR(connection.query(sql, values, [&](const Row& row) {
          EXPECT_EQ(row.integer(0), i);
          return true;
        }));
      }
    }
    return {};
  }));
}

TEST_P(DatabaseTest, ViolatedConstraintsAreConflictsAndNameTheColumn) {
  auto database = open();
  ASSERT_TRUE(database->write_now(insert("taken")));
  auto twice = database->write_now(insert("taken"));
  EXPECT_EQ(twice.error().code, ErrorCode::kConflict);
  EXPECT_THAT(twice.error().message, HasSubstr("notes.name"));
  auto dangling = database->write_now([](Connection& connection) -> Result<void> {
    RETURN_IF_ERROR(connection.execute("INSERT INTO tags VALUES (42, 'x')"));
    return {};
  });
  EXPECT_EQ(dangling.error().code, ErrorCode::kConflict);
}

TEST_P(DatabaseTest, MistakesInStatementsAreInternalErrorsThatShowThem) {
  auto database = open();
  auto failure_of = [&](std::string_view sql, std::vector<Value> values = {}) {
    auto outcome = database->write_now([&](Connection& connection) -> Result<void> {
      RETURN_IF_ERROR(connection.execute(sql, values));
      return {};
    });
    EXPECT_EQ(outcome.error().code, ErrorCode::kInternal);
    EXPECT_THAT(outcome.error().message, HasSubstr(std::string(sql)));
    return outcome.error().message;
  };
  EXPECT_THAT(failure_of("SELECT * FROM nowhere"),
              HasSubstr(is_postgresql() ? "\"nowhere\" does not exist" : "no such table: nowhere"));
  EXPECT_THAT(failure_of("SELECT 1; SELECT 2"), HasSubstr("more than one statement"));
  EXPECT_THAT(failure_of("-- nothing"), HasSubstr("no statement"));
  EXPECT_THAT(failure_of("SELECT $1, $2", {int64_t{1}}), HasSubstr("1 values for 2 parameters"));
  EXPECT_THAT(failure_of("SELECT ?", {int64_t{1}}), HasSubstr("$1"));
  EXPECT_THAT(failure_of("SELECT $name", {int64_t{1}}), HasSubstr("$1"));
  EXPECT_THAT(failure_of("INSERT INTO notes (name) VALUES (NULL)"), HasSubstr("NOT NULL"));
}

TEST_P(DatabaseTest, TextIsUtf8WithoutZeroBytes) {
  auto database = open();
  for (std::string text : {std::string("a\0b", 3), std::string("\xc3")}) {
    auto refused = database->write_now(insert(text));
    EXPECT_EQ(refused.error().code, ErrorCode::kInvalidArgument);
    EXPECT_THAT(refused.error().message, HasSubstr("$1"));
  }
}

TEST_P(DatabaseTest, NothingRunsAfterAStatementThatFailed) {
  auto database = open();
  ASSERT_TRUE(database->write_now(insert("taken")));
  auto ignores = database->write_now([](Connection& connection) -> Result<void> {
    EXPECT_FALSE(insert("taken")(connection));
    EXPECT_EQ(count(connection).error().code, ErrorCode::kConflict);
    EXPECT_EQ(insert("other")(connection).error().code, ErrorCode::kConflict);
    return {};
  });
  EXPECT_EQ(ignores.error().code, ErrorCode::kConflict);
  EXPECT_THAT(names(*database), ElementsAre("taken"));
}

TEST_P(DatabaseTest, ReadingAColumnAsAnotherTypeNamesIt) {
  auto database = open();
  ASSERT_TRUE(database->write_now(insert("a")));
  auto failure_of = [&](auto read) {
    auto outcome = database->read_now([&](Connection& connection) {
      return connection.query("SELECT name, body FROM notes", {}, [&](const Row& row) {
        read(row);
        return true;
      });
    });
    EXPECT_EQ(outcome.error().code, ErrorCode::kInternal);
    return outcome.error().message;
  };
  EXPECT_THAT(failure_of([](const Row& row) { (void)row.integer(0); }), HasSubstr("(name) is TEXT"));
  EXPECT_THAT(failure_of([](const Row& row) { (void)row.text(1); }), HasSubstr("(body) is NULL"));
  EXPECT_THAT(failure_of([](const Row& row) { (void)row.text(2); }), HasSubstr("column 2 of 2"));
  EXPECT_THAT(names(*database), ElementsAre("a"));
}

TEST_P(DatabaseTest, AReadCannotWrite) {
  auto database = open();
  EXPECT_EQ(database->read_now(insert("a")).error().code, ErrorCode::kInternal);
  EXPECT_THAT(names(*database), IsEmpty());
}

TEST_P(DatabaseTest, AReadSeesOneStateThroughout) {
  auto database = open({.readers = 2});
  ASSERT_TRUE(database->read_now([&](Connection& connection) -> Result<void> {
    EXPECT_EQ(count(connection).value(), 0);
    EXPECT_TRUE(database->write_now(insert("meanwhile")));  // the writer's thread, not this one
    EXPECT_EQ(count(connection).value(), 0);
    return {};
  }));
  EXPECT_EQ(run_task(database->read<int64_t>(count)).value(), 1);
}

TEST_P(DatabaseTest, AWriteThatFailsLeavesNoTrace) {
  auto database = open();
  auto failed = database->write_now([](Connection& connection) -> Result<void> {
    RETURN_IF_ERROR(insert("half")(connection));
    return Failure(Error::invalid("x", "no"));
  });
  EXPECT_EQ(failed.error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(names(*database), IsEmpty());
}

TEST_P(DatabaseTest, WorkThatThrowsIsAnInternalErrorAndLeavesNoTrace) {
  auto database = open();
  auto throwing = [](Connection& connection) -> Result<void> {
    RETURN_IF_ERROR(insert("half")(connection));
    throw std::runtime_error("a bug");
  };
  EXPECT_THAT(database->write_now(throwing).error().message, HasSubstr("a bug"));
  auto odd = [](Connection&) -> Result<void> { throw 42; };
  EXPECT_EQ(database->write_now(odd).error().code, ErrorCode::kInternal);
  EXPECT_EQ(database->read_now(odd).error().code, ErrorCode::kInternal);
  ASSERT_TRUE(database->write_now(insert("after")));
  EXPECT_THAT(names(*database), ElementsAre("after"));
}

TEST_P(DatabaseTest, WorkCannotControlItsTransaction) {
  auto database = open();
  for (const char* sql :
       {"COMMIT", "ROLLBACK", "END", "BEGIN", "SAVEPOINT s", "ATTACH ':memory:' AS other"}) {
    auto refused = database->write_now([&](Connection& connection) -> Result<void> {
      RETURN_IF_ERROR(insert("x")(connection));
      RETURN_IF_ERROR(connection.execute(sql));
      return {};
    });
    ASSERT_FALSE(refused) << sql;
    EXPECT_THAT(refused.error().message, HasSubstr("not authorized"));
  }
  EXPECT_THAT(names(*database), IsEmpty());
}

TEST_P(DatabaseTest, AReopenedDatabaseHasItsRows) {
  ASSERT_TRUE(open()->write_now(insert("kept")));
  EXPECT_THAT(names(*open()), ElementsAre("kept"));
}

TEST_P(DatabaseTest, SaysWhatItIsAndWhere) {
  std::string description = open()->describe().value();
  EXPECT_THAT(description, testing::StartsWith(is_postgresql() ? "PostgreSQL 1" : "SQLite 3."));
  EXPECT_THAT(description, testing::EndsWith(is_postgresql() ? name_ : sqlite_path().string()));
}

TEST_P(DatabaseTest, OptionsThatCannotWorkAreRefused) {
  EXPECT_EQ(try_open(migrations(), {.readers = 0}).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(try_open(migrations(), {.queue_max = 0}).error().code, ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace penstock::database
