#include "storage/duckdb/duckdb.h"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <thread>

#include "core/temporary_directory.h"

namespace penstock::duckdb {
namespace {

std::unique_ptr<Connection> opened(const Options& options = {}) {
  Result<std::unique_ptr<Connection>> connection = Connection::open(options);
  if (!connection) {
    ADD_FAILURE() << connection.error().message;
    std::abort();
  }
  return std::move(*connection);
}

std::vector<std::vector<Value>> rows(Connection& connection, std::string_view sql,
                                     std::vector<Value> values = {}) {
  Result<Rows> result = connection.run(sql, values);
  if (!result) {
    ADD_FAILURE() << result.error().message;
    return {};
  }
  auto all = result->all(10'000);
  EXPECT_TRUE(all.has_value());
  return all ? std::move(*all) : std::vector<std::vector<Value>>{};
}

TEST(DuckDb, EveryCellTypeComesBackAsItsValue) {
  auto connection = opened();
  auto cells =
      rows(*connection,
           "SELECT true, 7::TINYINT, -8::SMALLINT, 9, -10::BIGINT, 11::UBIGINT, 1.5::FLOAT, 2.5::DOUBLE, "
           "12::HUGEINT, -13::HUGEINT, 'short', 'a text longer than twelve bytes', NULL, "
           "18446744073709551615::UBIGINT");
  std::vector<Value> expected = {true,
                                 int64_t{7},
                                 int64_t{-8},
                                 int64_t{9},
                                 int64_t{-10},
                                 int64_t{11},
                                 1.5,
                                 2.5,
                                 int64_t{12},
                                 int64_t{-13},
                                 std::string("short"),
                                 std::string("a text longer than twelve bytes"),
                                 Value{},
                                 std::pow(2.0, 64)};
  ASSERT_EQ(cells.size(), 1U);
  EXPECT_EQ(cells[0], expected);
}

TEST(DuckDb, ParametersAreBoundByTheirTypes) {
  auto connection = opened();
  std::vector<Value> values = {Value{}, true, int64_t{INT64_MIN}, 0.1, std::string("it's \"quoted\"")};
  auto cells = rows(*connection, "SELECT ?1, ?2, ?3, ?4, ?5", values);
  ASSERT_EQ(cells.size(), 1U);
  EXPECT_EQ(cells[0], values);
}

TEST(DuckDb, AResultOfManyChunksIsReadToItsEnd) {
  auto connection = opened();
  Result<Rows> result = connection->run("SELECT i, CASE WHEN i % 2 = 0 THEN i END FROM range(100000) t(i)");
  ASSERT_TRUE(result.has_value());
  int64_t expected = 0;
  while (true) {
    Result<const Chunk*> chunk = result->fetch();
    ASSERT_TRUE(chunk.has_value());
    if (*chunk == nullptr) break;
    for (size_t row = 0; row < (*chunk)->rows(); ++row, ++expected) {
      ASSERT_EQ((*chunk)->value(0, row), Value(expected));
      ASSERT_EQ((*chunk)->is_null(1, row), expected % 2 == 1);
    }
  }
  EXPECT_EQ(expected, 100'000);
}

TEST(DuckDb, MoreRowsThanAskedForAreRefused) {
  auto connection = opened();
  Result<Rows> result = connection->run("SELECT * FROM range(11)");
  ASSERT_TRUE(result.has_value());
  auto all = result->all(10);
  ASSERT_FALSE(all.has_value());
  EXPECT_EQ(all.error().code, ErrorCode::kTooLarge);
}

TEST(DuckDb, AStatementThatIsWrongIsRefusedWithTheReason) {
  auto connection = opened();
  Result<Rows> syntax = connection->run("SELEC 1");
  ASSERT_FALSE(syntax.has_value());
  EXPECT_EQ(syntax.error().code, ErrorCode::kInvalidArgument);
  EXPECT_NE(syntax.error().message.find("SELEC"), std::string::npos);
  Result<Rows> conversion = connection->run("SELECT CAST(x AS INTEGER) FROM (SELECT 'a' || ?1 AS x)",
                                            std::vector<Value>{std::string("b")});
  ASSERT_FALSE(conversion.has_value());
  EXPECT_EQ(conversion.error().code, ErrorCode::kInvalidArgument);
  EXPECT_FALSE(connection->run("SELECT ?1").has_value()) << "a parameter without a value";
}

TEST(DuckDb, QuotedNamesAndTextsAreTakenLiterally) {
  auto connection = opened();
  std::string name = "a\"b'; DROP TABLE t; --";
  auto cells = rows(*connection, "SELECT " + identifier(name) + " FROM (SELECT " + literal(name) + " AS " +
                                     identifier(name) + ")");
  ASSERT_EQ(cells.size(), 1U);
  EXPECT_EQ(cells[0][0], Value(name));
  auto numbers = rows(*connection, "SELECT " + literal(int64_t{INT64_MIN}) + ", " + literal(0.1) + ", " +
                                       literal(-INFINITY) + ", isnan(" + literal(NAN) + ")");
  EXPECT_EQ(numbers[0], (std::vector<Value>{int64_t{INT64_MIN}, 0.1, -INFINITY, true}));
}

TEST(DuckDb, ASortThatDoesNotFitIntoMemorySpills) {
  TemporaryDirectory directory;
  auto connection = opened({.memory_bytes_max = 60 << 20, .threads = 1, .spill_directory = directory.path()});
  auto cells = rows(*connection,
                    "SELECT count(*), min(n) FROM (SELECT i, row_number() OVER (ORDER BY hash(i)) AS n "
                    "FROM range(4000000) t(i))");
  ASSERT_EQ(cells.size(), 1U);
  EXPECT_EQ(cells[0], (std::vector<Value>{int64_t{4'000'000}, int64_t{1}}));
}

TEST(DuckDb, WithoutASpillDirectoryTooLittleMemoryIsAnError) {
  auto connection = opened({.memory_bytes_max = 20 << 20, .threads = 1});
  Result<Rows> result = connection->run("SELECT i, hash(i) AS h FROM range(8000000) t(i) ORDER BY h");
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().code, ErrorCode::kTooLarge);
}

TEST(DuckDb, AStatementThatRunsIsInterrupted) {
  auto connection = opened();
  std::jthread interrupter([&](std::stop_token stop) {
    while (!stop.stop_requested()) {
      connection->interrupt();
      std::this_thread::yield();
    }
  });
  Result<Rows> result =
      connection->run("SELECT count(*) FROM range(10000000) a(x), range(10000000) b(y) WHERE hash(x, y) = 1");
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().code, ErrorCode::kCancelled);
}

TEST(DuckDb, ADatabaseInAFileKeepsItsTables) {
  TemporaryDirectory directory;
  Options options{.file = directory.path() / "a.duckdb"};
  rows(*opened(options), "CREATE TABLE t AS SELECT 42 AS x");
  auto cells = rows(*opened(options), "SELECT x FROM t");
  ASSERT_EQ(cells.size(), 1U);
  EXPECT_EQ(cells[0][0], Value(int64_t{42}));
}

}  // namespace
}  // namespace penstock::duckdb
