#include "storage/database/copy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "storage/database/database_fixture.h"

namespace penstock::database {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// From a file to the server's database of the test.
class CopyTest : public DatabaseFixture {
 protected:
  static constexpr std::string_view kTyped =
      "CREATE TABLE counter (n INTEGER NOT NULL) STRICT; INSERT INTO counter VALUES (0);"
      "CREATE TABLE a_refers (note INTEGER NOT NULL REFERENCES notes (id), r REAL, b BLOB, n TEXT) STRICT";

  static std::vector<Migration> steps() {
    std::vector<Migration> all = migrations();
    all.push_back({.number = 2, .name = "typed", .sql = kTyped});
    return all;
  }
  std::unique_ptr<Database> open_source() {
    auto opened = Database::open_sqlite({.path = sqlite_path()}, steps());
    EXPECT_TRUE(opened) << opened.error().message;
    return std::move(*opened);
  }
  std::unique_ptr<Database> open_fresh() {
    return std::move(*Database::open_sqlite({.path = directory_.path() / "fresh.db"}, steps()));
  }
  std::unique_ptr<Database> open_target() {
    auto opened = try_open(steps());
    EXPECT_TRUE(opened) << opened.error().message;
    return std::move(*opened);
  }
};
INSTANTIATE_TEST_SUITE_P(On, CopyTest, testing::Values(Engine::kPostgresql), engine_name);

TEST_P(CopyTest, TakesEveryRowInAnOrderThatForeignKeysBear) {
  auto from = open_source();
  auto to = open_target();
  ASSERT_TRUE(from->write_now([](Connection& connection) -> Result<void> {
    RETURN_IF_ERROR(insert("first")(connection));
    RETURN_IF_ERROR(insert("second")(connection));
    RETURN_IF_ERROR(connection.execute("UPDATE counter SET n = 5"));
    const Value values[] = {int64_t{2}, 0.1, Blob{std::byte{0}, std::byte{255}}, std::monostate()};
    RETURN_IF_ERROR(connection.execute("INSERT INTO a_refers VALUES ($1, $2, $3, $4)", values));
    return {};
  }));
  auto copied = copy_rows(*from, *to, *open_fresh());
  ASSERT_TRUE(copied) << copied.error().message;
  std::map<std::string, int64_t> counts;
  for (const CopiedTable& table : *copied) counts[table.name] = table.rows;
  EXPECT_EQ(counts,
            (std::map<std::string, int64_t>{{"a_refers", 1}, {"counter", 1}, {"notes", 2}, {"tags", 0}}));
  EXPECT_TRUE(to->read_now([](Connection& connection) {
    return connection.query("SELECT note, r, b, a_refers.n, counter.n FROM a_refers, counter", {},
                            [](const Row& row) {
                              EXPECT_EQ(row.integer(0), 2);
                              EXPECT_EQ(row.real(1), 0.1);
                              EXPECT_THAT(row.blob(2), ElementsAre(std::byte{0}, std::byte{255}));
                              EXPECT_TRUE(row.is_null(3));
                              EXPECT_EQ(row.integer(4), 5);
                              return true;
                            });
  }));
  ASSERT_TRUE(to->write_now(insert("third"))) << "rows are numbered on";
  EXPECT_THAT(names(*to), ElementsAre("first", "second", "third"));
}

TEST_P(CopyTest, ADatabaseThatHasRowsIsRefusedAndLeftAsItIs) {
  auto from = open_source();
  auto to = open_target();
  ASSERT_TRUE(from->write_now(insert("old")));
  ASSERT_TRUE(to->write_now(insert("new")));
  auto refused = copy_rows(*from, *to, *open_fresh());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kConflict);
  EXPECT_THAT(refused.error().message, HasSubstr("notes has rows already"));
  EXPECT_THAT(names(*to), ElementsAre("new"));
}

}  // namespace
}  // namespace penstock::database
