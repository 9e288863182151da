#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>

#include "core/clock.h"
#include "core/run_task.h"
#include "registry/registry_schema.h"
#include "registry/registry_store.h"
#include "storage/database/database_fixture.h"

namespace penstock::registry {

using database::Engine;
using database::engine_name;

// For tests: the tables of this folder on each engine in turn.
class RegistryFixture : public database::DatabaseFixture {
 protected:
  void SetUp() override {
    database::DatabaseFixture::SetUp();
    auto opened = try_open(registry::migrations());
    ASSERT_TRUE(opened) << opened.error().message;
    database_ = std::move(*opened);
  }

  // Runs `work` in a transaction of its own.
  template <class T>
  Result<T> write(std::function<Result<T>(database::Connection&)> work) {
    return run_task(database_->write<T>(std::move(work)));
  }
  template <class T>
  Result<T> read(std::function<Result<T>(database::Connection&)> work) {
    return run_task(database_->read<T>(std::move(work)));
  }

  Entry entry(const std::string& name, Kind kind = Kind::kModel) {
    auto made = write<Entry>([&](auto& c) {
      return insert_entry(
          c, {.kind = kind, .name = name, .created_at = clock_.now(), .updated_at = clock_.now()});
    });
    EXPECT_TRUE(made) << made.error().message;
    return made.value_or(Entry{});
  }

  Version version(const Entry& of, Tags tags = {}) {
    auto made = write<Version>([&](auto& c) {
      return insert_version(c, {.entry = of.id,
                                .kind = of.kind,
                                .name = of.name,
                                .source = "s3://bucket/model",
                                .created_at = clock_.now(),
                                .updated_at = clock_.now(),
                                .tags = tags});
    });
    EXPECT_TRUE(made) << made.error().message;
    return made.value_or(Version{});
  }

  ManualClock clock_;
  std::unique_ptr<database::Database> database_;
};

}  // namespace penstock::registry
