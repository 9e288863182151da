#include "observability/live_requests.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "core/run_task.h"
#include "observability/journal_fixture.h"

namespace penstock::observability {
namespace {

constexpr int64_t kLongMs = 600'000;

class LiveRequestsTest : public JournalFixture {
 protected:
  void SetUp() override {
    JournalFixture::SetUp();
    live_ = std::make_unique<LiveRequests>(*log_, LiveLimits{.subscribers_max = 3, .queue_max = 4});
  }

  std::unique_ptr<LiveRequests> live_;
};

TEST_F(LiveRequestsTest, AWatcherSeesWhatIsWrittenAfterItCameWithoutBodies) {
  write(next_record());
  auto watcher = live_->subscribe();
  ASSERT_TRUE(watcher);
  RequestRecord record = next_record();
  record.input = "{}";
  write(record);
  auto batch = run_task((*watcher)->next(kLongMs, {}));
  ASSERT_TRUE(batch);
  ASSERT_EQ(batch->requests.size(), 1U);
  EXPECT_EQ(batch->requests[0]->id, record.id);
  EXPECT_EQ(batch->requests[0]->input, "");
  EXPECT_EQ(batch->dropped, 0);
}

TEST_F(LiveRequestsTest, ASlowWatcherLosesTheOldestAndLearnsHowMany) {
  auto watcher = live_->subscribe();
  ASSERT_TRUE(watcher);
  std::vector<RequestRecord> records;
  for (int i = 0; i < 10; ++i) records.push_back(write(next_record()));
  auto batch = run_task((*watcher)->next(kLongMs, {}));
  ASSERT_TRUE(batch);
  EXPECT_EQ(batch->dropped, 6);
  ASSERT_EQ(batch->requests.size(), 4U);
  EXPECT_EQ(batch->requests.front()->id, records[6].id);
  EXPECT_EQ(batch->requests.back()->id, records[9].id);
}

TEST_F(LiveRequestsTest, WhenNothingHappensTheBatchIsEmpty) {
  auto watcher = live_->subscribe();
  ASSERT_TRUE(watcher);
  auto batch = run_task((*watcher)->next(1, {}));
  ASSERT_TRUE(batch);
  EXPECT_TRUE(batch->requests.empty());
  EXPECT_FALSE(batch->ended);
}

Task<Result<LiveRequests::Batch>> next_cancelled(LiveRequests::Subscription& watcher) {
  CancelSource source;
  source.cancel();
  co_return co_await watcher.next(kLongMs, source.token());
}

TEST_F(LiveRequestsTest, AWatcherWhoseClientHasGoneIsCancelled) {
  auto watcher = live_->subscribe();
  ASSERT_TRUE(watcher);
  auto batch = run_task(next_cancelled(**watcher));
  ASSERT_FALSE(batch);
  EXPECT_EQ(batch.error().code, ErrorCode::kCancelled);
}

TEST_F(LiveRequestsTest, TheNumberOfWatchersIsLimitedUntilOneLeaves) {
  std::vector<std::unique_ptr<LiveRequests::Subscription>> watchers;
  for (int i = 0; i < 3; ++i) watchers.push_back(std::move(*live_->subscribe()));
  auto refused = live_->subscribe();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kRateLimited);
  watchers.pop_back();
  EXPECT_TRUE(live_->subscribe());
}

TEST_F(LiveRequestsTest, ShutdownEndsWatchersEvenThoseThatWait) {
  auto watcher = live_->subscribe();
  ASSERT_TRUE(watcher);
  std::jthread shutdown([&] { live_->end(); });
  auto batch = run_task((*watcher)->next(kLongMs, {}));
  ASSERT_TRUE(batch);
  EXPECT_TRUE(batch->ended);
  EXPECT_FALSE(live_->subscribe());
}

TEST_F(LiveRequestsTest, AWatcherMayOutliveItsSource) {
  auto watcher = live_->subscribe();
  ASSERT_TRUE(watcher);
  live_.reset();
  auto batch = run_task((*watcher)->next(kLongMs, {}));
  ASSERT_TRUE(batch);
  EXPECT_TRUE(batch->ended);
}

Task<int64_t> watch_until_end(LiveRequests::Subscription& watcher) {
  int64_t seen = 0;
  for (;;) {
    auto batch = co_await watcher.next(kLongMs, {});
    if (!batch) co_return -1;
    seen += static_cast<int64_t>(batch->requests.size()) + batch->dropped;
    if (batch->ended) co_return seen;
  }
}

TEST_F(LiveRequestsTest, EveryRequestOfManyThreadsIsSeenOrCountedAsDropped) {
  auto watcher = live_->subscribe();
  ASSERT_TRUE(watcher);
  std::vector<RequestRecord> records(400);
  for (RequestRecord& record : records) record = next_record();
  std::atomic<size_t> next = 0;
  std::jthread traffic([&] {
    {
      std::vector<std::jthread> writers;
      for (int w = 0; w < 3; ++w) {
        writers.emplace_back([&] {
          for (size_t i = next++; i < records.size(); i = next++) ASSERT_TRUE(log_->write(records[i]));
        });
      }
    }
    live_->end();
  });
  EXPECT_EQ(run_task(watch_until_end(**watcher)), 400);
}

}  // namespace
}  // namespace penstock::observability
