// Many callers at once.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <stdexcept>
#include <thread>

#include "core/run_task.h"
#include "storage/database/database_fixture.h"

namespace penstock::database {
namespace {

using testing::HasSubstr;

using ConcurrencyTest = DatabaseFixture;
PENSTOCK_ON_ALL_ENGINES(ConcurrencyTest);

// Runs `make(0)` to `make(count - 1)` at once on one loop.
void run_all(int count, const std::function<Task<>(int)>& make) {
  std::vector<Task<>> tasks;
  for (int i = 0; i < count; ++i) tasks.push_back(make(i));
  run_tasks(std::move(tasks));
}

TEST_P(ConcurrencyTest, WritesThatShareATransactionFailEachOnItsOwn) {
  auto database = open();
  ASSERT_TRUE(database->write_now(insert("7")));
  int conflicts = 0;
  int errors = 0;
  run_all(200, [&](int i) -> Task<> {
    auto work = [i](Connection& connection) -> Result<void> {
      RETURN_IF_ERROR(insert(std::to_string(i % 50))(connection));
      if (i == 20) throw std::runtime_error("a bug");
      return {};
    };
    Result<void> outcome = co_await database->write<void>(work);
    if (!outcome) ++(outcome.error().code == ErrorCode::kConflict ? conflicts : errors);
  });
  // 20 fails at first with its exception, then somebody else's 20 goes in.
  EXPECT_EQ(errors, 1);
  EXPECT_EQ(conflicts, 200 - 1 - 49);
  EXPECT_EQ(run_task(database->read<int64_t>(count)).value(), 50);
}

TEST_P(ConcurrencyTest, WritesThatWaitTogetherAreCommittedTogether) {
  constexpr int kWrites = 100;
  auto database = open();
  std::latch holding(1);  // in a transaction of its own, since nothing else is queued yet
  std::latch all_queued(1);
  std::latch last_ran(1);
  std::latch looked(1);
  auto hold_the_writer = [&](Connection&) -> Result<void> {
    holding.count_down();
    all_queued.wait();
    return {};
  };
  auto last = [&](Connection& connection) -> Result<void> {
    EXPECT_EQ(count(connection).value(), kWrites);
    last_ran.count_down();
    looked.wait();
    return {};
  };
  std::jthread writers([&] {
    run_all(kWrites + 3, [&](int i) -> Task<> {
      if (i == kWrites + 2) {  // started last, when all others wait in the queue
        all_queued.count_down();
        co_return;
      }
      if (i == 1) holding.wait();
      std::function<Result<void>(Connection&)> work = insert(std::to_string(i));
      if (i == 0) work = hold_the_writer;
      if (i == kWrites + 1) work = last;
      EXPECT_TRUE(co_await database->write<void>(work));
    });
  });
  last_ran.wait();
  EXPECT_EQ(names(*database).size(), 0);
  looked.count_down();
  writers.join();
  EXPECT_EQ(names(*database).size(), kWrites);
}

TEST_P(ConcurrencyTest, ReadersWorkWhileAWriteIsInProgress) {
  auto database = open();
  ASSERT_TRUE(database->write_now(insert("before")));
  std::latch inserted(1);
  std::latch finish(1);
  std::jthread writer([&] {
    EXPECT_TRUE(database->write_now([&](Connection& connection) -> Result<void> {
      RETURN_IF_ERROR(insert("during")(connection));
      inserted.count_down();
      finish.wait();
      return {};
    }));
  });
  inserted.wait();
  EXPECT_EQ(names(*database), std::vector<std::string>{"before"});
  finish.count_down();
  writer.join();
  EXPECT_EQ(names(*database).size(), 2);
}

TEST_P(ConcurrencyTest, ReadersRunInParallel) {
  auto database = open({.readers = 2});
  std::latch both(2);
  auto meet = [&](Connection&) -> Result<void> {
    both.arrive_and_wait();
    return {};
  };
  std::jthread other([&] { EXPECT_TRUE(database->read_now(meet)); });
  EXPECT_TRUE(database->read_now(meet));
}

TEST_P(ConcurrencyTest, ThreadsReadAndWriteTogether) {
  auto database = open();
  constexpr int kThreads = 4;
  constexpr int kEach = 100;
  std::vector<std::jthread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      int64_t before = 0;
      for (int i = 0; i < kEach; ++i) {
        EXPECT_TRUE(database->write_now(insert(std::to_string(t) + "-" + std::to_string(i))));
        EXPECT_TRUE(database->read_now([&](Connection& connection) -> Result<void> {
          ASSIGN_OR_RETURN(int64_t now, count(connection));
          EXPECT_GT(now, before);  // at least the row of this thread, which is committed
          before = now;
          return {};
        }));
      }
    });
  }
  threads.clear();
  EXPECT_EQ(run_task(database->read<int64_t>(count)).value(), kThreads * kEach);
}

TEST_P(ConcurrencyTest, AFullQueueRefusesAtOnceAndRunsNothing) {
  auto database = open({.readers = 1, .queue_max = 2});
  std::latch started(2);
  std::latch finish(1);
  auto block = [&](Connection&) -> Result<void> {
    started.count_down();
    finish.wait();
    return {};
  };
  std::jthread reader([&] { EXPECT_TRUE(database->read_now(block)); });
  std::jthread writer([&] { EXPECT_TRUE(database->write_now(block)); });
  started.wait();
  int full = 0;
  int ran = 0;
  run_all(10, [&](int i) -> Task<> {
    std::function<Result<void>(Connection&)> work = [&ran](Connection&) -> Result<void> {
      ++ran;
      return {};
    };
    Result<void> outcome =
        i % 2 == 0 ? co_await database->read<void>(work) : co_await database->write<void>(work);
    if (!outcome) {
      EXPECT_EQ(outcome.error().code, ErrorCode::kRateLimited);
      EXPECT_TRUE(outcome.error().retry_after_ms);
      EXPECT_THAT(outcome.error().message, HasSubstr("queue is full"));
      if (++full == 6) finish.count_down();  // the two that fit on each side go on
    }
  });
  EXPECT_EQ(full, 6);
  EXPECT_EQ(ran, 4);
}

TEST_P(ConcurrencyTest, ClosingRunsWhatIsQueued) {
  int done = 0;
  auto database = open();
  run_all(51, [&](int i) -> Task<> {
    if (i == 50) {
      database.reset();
      co_return;
    }
    EXPECT_TRUE(co_await database->write<void>(insert(std::to_string(i))));
    ++done;
  });
  EXPECT_EQ(done, 50);
  EXPECT_EQ(names(*open()).size(), 50);
}

}  // namespace
}  // namespace penstock::database
