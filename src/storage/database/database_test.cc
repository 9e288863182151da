#include "storage/database/database.h"

#include <gtest/gtest.h>

#include "core/run_task.h"
#include "core/temporary_directory.h"

namespace penstock::database {
namespace {
TEST(X, Y) {
  TemporaryDirectory directory;
  Migration migrations[] = {
      {1, "make", "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;"}};
  auto db = Database::open_sqlite({.path = directory.path() / "a" / "p.db"}, migrations);
  ASSERT_TRUE(db) << db.error().message;
  auto wrote = run_task((*db)->write<int64_t>([](Connection& c) {
    Value v[] = {std::string("x")};
    return c.execute("INSERT INTO t (name) VALUES ($1)", v);
  }));
  ASSERT_TRUE(wrote) << wrote.error().message;
  EXPECT_EQ(*wrote, 1);
  auto again = run_task((*db)->write<void>([](Connection& c) -> Result<void> {
    Value v[] = {std::string("x")};
    RETURN_IF_ERROR(c.execute("INSERT INTO t (name) VALUES ($1)", v));
    return {};
  }));
  EXPECT_EQ(again.error().code, ErrorCode::kConflict);
}
}  // namespace
}  // namespace penstock::database
