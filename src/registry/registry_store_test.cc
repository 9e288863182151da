#include "registry/registry_store.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "core/random.h"
#include "core/run_task.h"
#include "core/temporary_directory.h"

namespace penstock::registry {
namespace {

class RegistryStoreTest : public testing::Test {
 protected:
  void SetUp() override { open(); }

  void open() {
    database_.reset();
    database::DatabaseOptions options;
    options.path = directory_.path() / "penstock.db";
    auto opened = database::Database::open_sqlite(options, migrations());
    ASSERT_TRUE(opened) << opened.error().message;
    database_ = std::move(*opened);
  }

  static Version version(const std::string& name, std::string_view content) {
    Version v;
    v.name = name;
    v.digest = Digest::of(content);
    v.size_bytes = static_cast<int64_t>(content.size());
    v.licence = "Apache-2.0";
    v.source = "npm:example@1.0.0";
    v.tags = {{"task", "chat"}, {"family", "smol"}};
    v.created_at = {1'700'000'000'000'000};
    return v;
  }

  Result<Version> add(const Version& v) {
    return run_task(
        database_->write<Version>([v](auto& connection) { return register_version(connection, v); }));
  }

  template <class T>
  Result<T> read(std::function<Result<T>(database::Connection&)> work) {
    return run_task(database_->read<T>(std::move(work)));
  }

  Result<std::vector<Version>> list(const std::string& name = {}) {
    return read<std::vector<Version>>([=](auto& c) { return list_versions(c, Kind::kModel, name); });
  }

  TemporaryDirectory directory_;
  std::unique_ptr<database::Database> database_;
};

std::vector<std::pair<std::string, int64_t>> names_and_numbers(const std::vector<Version>& versions) {
  std::vector<std::pair<std::string, int64_t>> out;
  for (const Version& v : versions) out.emplace_back(v.name, v.number);
  return out;
}

using Names = std::vector<std::pair<std::string, int64_t>>;

TEST_F(RegistryStoreTest, AVersionReadsBackAsItWasRegisteredAlsoAfterARestart) {
  auto added = add(version("smollm2", "weights"));
  ASSERT_TRUE(added) << added.error().message;
  EXPECT_EQ(added->number, 1);
  open();
  auto found = read<Version>([](auto& c) { return get_version(c, Kind::kModel, "smollm2", 1); });
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found->kind, Kind::kModel);
  EXPECT_EQ(found->name, "smollm2");
  EXPECT_EQ(found->digest, Digest::of("weights"));
  EXPECT_EQ(found->size_bytes, 7);
  EXPECT_EQ(found->licence, "Apache-2.0");
  EXPECT_EQ(found->source, "npm:example@1.0.0");
  EXPECT_EQ(found->tags, (Tags{{"family", "smol"}, {"task", "chat"}}));
  EXPECT_EQ(found->created_at, Timestamp{1'700'000'000'000'000});
}

TEST_F(RegistryStoreTest, NumbersCountPerName) {
  for (const char* content : {"a", "b", "c"}) ASSERT_TRUE(add(version("x", content)));
  auto other = add(version("y", "a"));
  ASSERT_TRUE(other);
  EXPECT_EQ(other->number, 1);
  auto all = list();
  ASSERT_TRUE(all) << all.error().message;
  EXPECT_EQ(names_and_numbers(*all), (Names{{"x", 3}, {"x", 2}, {"x", 1}, {"y", 1}}));
  EXPECT_EQ(names_and_numbers(*list("y")), (Names{{"y", 1}}));
}

TEST_F(RegistryStoreTest, TheSameContentUnderTheSameNameIsTheSameVersion) {
  ASSERT_TRUE(add(version("x", "a")));
  ASSERT_TRUE(add(version("x", "b")));
  Version changed = version("x", "a");
  changed.licence = "MIT";
  auto again = add(changed);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->number, 1);
  EXPECT_EQ(again->licence, "Apache-2.0");
  EXPECT_EQ(list()->size(), 2U);
}

TEST_F(RegistryStoreTest, TheLatestIsTheOneWithTheHighestNumber) {
  for (const char* content : {"a", "b"}) ASSERT_TRUE(add(version("x", content)));
  ASSERT_TRUE(add(version("w", "c")));
  auto latest = read<Version>([](auto& c) { return get_latest(c, Kind::kModel, "x"); });
  ASSERT_TRUE(latest);
  EXPECT_EQ(latest->number, 2);
  auto all = read<std::vector<Version>>([](auto& c) { return list_latest(c, Kind::kModel); });
  ASSERT_TRUE(all) << all.error().message;
  EXPECT_EQ(names_and_numbers(*all), (Names{{"w", 1}, {"x", 2}}));
}

TEST_F(RegistryStoreTest, WhatIsNotThereIsNotFoundByName) {
  ASSERT_TRUE(add(version("x", "a")));
  auto number = read<Version>([](auto& c) { return get_version(c, Kind::kModel, "x", 2); });
  ASSERT_FALSE(number);
  EXPECT_EQ(number.error().code, ErrorCode::kNotFound);
  EXPECT_EQ(number.error().message, "model 'x' version 2 is not in the registry");
  auto name = read<Version>([](auto& c) { return get_latest(c, Kind::kModel, "y"); });
  ASSERT_FALSE(name);
  EXPECT_EQ(name.error().code, ErrorCode::kNotFound);
}

TEST_F(RegistryStoreTest, NamesAreChecked) {
  for (const char* name : {"a", "smollm2-135m", "HuggingFaceTB/SmolLM2-135M", "llama3:8b", "v1.2_x"}) {
    EXPECT_TRUE(check_name(name)) << name;
  }
  for (const std::string& name :
       {std::string(), std::string("-a"), std::string("../x"), std::string("a/../b"), std::string("a b"),
        std::string("ä"), std::string(129, 'a')}) {
    auto added = add(version(name, "a"));
    ASSERT_FALSE(added) << name;
    EXPECT_EQ(added.error().field, "name");
  }
  EXPECT_TRUE(list()->empty());
}

TEST_F(RegistryStoreTest, ConcurrentRegistrationsGetNumbersWithoutGapsAndContentsOnce) {
  std::atomic<uint64_t> seed = 1;
  {
    std::vector<std::jthread> writers;
    for (int w = 0; w < 4; ++w) {
      writers.emplace_back([&] {
        SeededRandom random(seed++);
        for (int i = 0; i < 40; ++i) {
          ASSERT_TRUE(add(version("x", std::to_string(random.next_u64() % 50))));
        }
      });
    }
  }
  auto versions = list("x");
  ASSERT_TRUE(versions);
  ASSERT_LE(versions->size(), 50U);
  std::vector<Digest> digests;
  for (size_t i = 0; i < versions->size(); ++i) {
    EXPECT_EQ((*versions)[i].number, static_cast<int64_t>(versions->size() - i));
    digests.push_back(*(*versions)[i].digest);
  }
  std::ranges::sort(digests);
  EXPECT_EQ(std::ranges::adjacent_find(digests), digests.end());
}

}  // namespace
}  // namespace penstock::registry
