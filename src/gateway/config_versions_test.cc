#include "gateway/config_versions.h"

#include <gtest/gtest.h>

#include "storage/database/database_fixture.h"

namespace penstock::gateway {
namespace {

class ConfigVersionsTest : public database::DatabaseFixture {
 protected:
  void SetUp() override {
    DatabaseFixture::SetUp();
    auto opened = try_open(config_version_migrations());
    ASSERT_TRUE(opened) << opened.error().message;
    database_ = std::move(*opened);
  }

  template <class T>
  Result<T> now(const std::function<Result<T>(database::Connection&)>& work) {
    std::optional<T> value;
    RETURN_IF_ERROR(database_->write_now([&](database::Connection& connection) -> Result<void> {
      ASSIGN_OR_RETURN(value, work(connection));
      return {};
    }));
    return std::move(*value);
  }
  int64_t add(const ConfigVersion& version) {
    return now<int64_t>([&](auto& connection) { return add_config_version(connection, version); }).value();
  }

  std::unique_ptr<database::Database> database_;
};

TEST_P(ConfigVersionsTest, GivesBackWhatWasAdded) {
  ConfigVersion added{.previous = 7,
                      .server = "gw-1:/etc/penstock.yaml",
                      .at = {1'700'000'000'000'001},
                      .actor = "user:ada",
                      .source = ConfigSource::kApi,
                      .comment = "more weight for the canary",
                      .text = "version: 1\n# ä\n"};
  int64_t number = add(added);
  auto got = now<ConfigVersion>([&](auto& c) { return get_config_version(c, number); });
  ASSERT_TRUE(got) << got.error().message;
  EXPECT_EQ(got->number, number);
  EXPECT_EQ(got->previous, added.previous);
  EXPECT_EQ(got->server, added.server);
  EXPECT_EQ(got->at, added.at);
  EXPECT_EQ(got->actor, added.actor);
  EXPECT_EQ(got->source, added.source);
  EXPECT_EQ(got->comment, added.comment);
  EXPECT_EQ(got->text, added.text);
}

TEST_P(ConfigVersionsTest, NumbersRiseOverAllServersAndEachHasItsOwnNewest) {
  int64_t first = add({.server = "a", .text = "1"});
  int64_t second = add({.server = "b", .text = "2"});
  int64_t third = add({.server = "a", .text = "3"});
  EXPECT_LT(first, second);
  EXPECT_LT(second, third);
  auto newest = [&](std::string_view server) {
    return now<std::optional<ConfigVersion>>([&](auto& c) { return newest_config_version(c, server); })
        .value();
  };
  EXPECT_EQ(newest("a")->text, "3");
  EXPECT_EQ(newest("b")->text, "2");
  EXPECT_FALSE(newest("c"));
}

TEST_P(ConfigVersionsTest, ListsPagesNewestFirstWithoutTexts) {
  std::vector<int64_t> numbers;
  for (int i = 0; i < 5; ++i) numbers.push_back(add({.server = "a", .text = "text"}));
  auto list = [&](int64_t below, int64_t limit) {
    auto found =
        now<std::vector<ConfigVersion>>([&](auto& c) { return list_config_versions(c, below, limit); });
    std::vector<int64_t> out;
    for (const ConfigVersion& version : found.value()) {
      EXPECT_EQ(version.text, "");
      out.push_back(version.number);
    }
    return out;
  };
  EXPECT_EQ(list(0, 2), (std::vector{numbers[4], numbers[3]}));
  EXPECT_EQ(list(numbers[3], 10), (std::vector{numbers[2], numbers[1], numbers[0]}));
  EXPECT_EQ(list(numbers[0], 10), std::vector<int64_t>());
}

TEST_P(ConfigVersionsTest, AnUnknownNumberIsNotFound) {
  auto got = now<ConfigVersion>([](auto& c) { return get_config_version(c, 12); });
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, ErrorCode::kNotFound);
  EXPECT_NE(got.error().message.find("12"), std::string::npos);
}

}  // namespace

// In the namespace of its helpers.
using database::Engine;
using database::engine_name;
PENSTOCK_ON_ALL_ENGINES(ConfigVersionsTest);

}  // namespace penstock::gateway
