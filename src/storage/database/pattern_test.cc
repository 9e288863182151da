#include "storage/database/pattern.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "storage/database/database_fixture.h"

namespace penstock::database {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class PatternTest : public DatabaseFixture {
 protected:
  std::vector<std::string> found(Database& database, std::string_view sql, std::string pattern) {
    std::vector<std::string> names;
    auto read = database.read_now([&](Connection& connection) {
      const Value values[] = {std::move(pattern)};
      return connection.query(sql, values, [&](const Row& row) {
        names.emplace_back(row.text(0));
        return true;
      });
    });
    EXPECT_TRUE(read) << read.error().message;
    return names;
  }
};
PENSTOCK_ON_ALL_ENGINES(PatternTest);

TEST_P(PatternTest, LikeDiffersInCaseAndLowerDoesNot) {
  auto database = open();
  for (const char* name : {"Alpha", "alpha", "al_pha"}) ASSERT_TRUE(database->write_now(insert(name)));
  constexpr std::string_view kLike = "SELECT name FROM notes WHERE name LIKE $1 ESCAPE '~' ORDER BY id";
  constexpr std::string_view kAnyCase =
      "SELECT name FROM notes WHERE LOWER(name) LIKE LOWER($1) ESCAPE '~' ORDER BY id";
  EXPECT_THAT(found(*database, kLike, "al%"), ElementsAre("alpha", "al_pha"));
  EXPECT_THAT(found(*database, kLike, "al~_%"), ElementsAre("al_pha"));
  EXPECT_THAT(found(*database, kAnyCase, "ALPHA"), ElementsAre("Alpha", "alpha"));
}

TEST_P(PatternTest, RegexpFindsAnExpressionAnywhere) {
  auto database = open();
  for (const char* name : {"gpt-4", "gpt-4o", "o1"}) ASSERT_TRUE(database->write_now(insert(name)));
  constexpr std::string_view kRegexp = "SELECT name FROM notes WHERE name REGEXP $1 ORDER BY id";
  EXPECT_THAT(found(*database, kRegexp, "[0-9]o?$"), ElementsAre("gpt-4", "gpt-4o", "o1"));
  EXPECT_THAT(found(*database, kRegexp, "^gpt-4$"), ElementsAre("gpt-4"));
  EXPECT_THAT(found(*database, kRegexp, "GPT"), IsEmpty());
}

TEST_P(PatternTest, NullMatchesNothing) {
  auto database = open();
  ASSERT_TRUE(database->write_now(insert("a")));
  EXPECT_THAT(found(*database, "SELECT name FROM notes WHERE body REGEXP $1", "."), IsEmpty());
}

TEST(Pattern, ABadExpressionIsNamed) {
  auto checked = check_pattern("a(b");
  ASSERT_FALSE(checked);
  EXPECT_THAT(checked.error().message, HasSubstr("a(b"));
  EXPECT_FALSE(check_pattern(std::string(kPatternBytesMax + 1, 'a')));
  EXPECT_TRUE(check_pattern("^(a|b)+$"));
}

}  // namespace
}  // namespace penstock::database
