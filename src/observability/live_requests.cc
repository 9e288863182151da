#include "observability/live_requests.h"

#include <atomic>
#include <deque>
#include <iterator>
#include <mutex>
#include <string>
#include <utility>

#include "core/wakeup.h"

namespace penstock::observability {
namespace {

using SharedRecord = std::shared_ptr<const RequestRecord>;

// Between the writing threads and one watcher.
class Queue {
 public:
  explicit Queue(size_t max) : max_(max) {}

  void push(const SharedRecord& record) {
    {
      std::lock_guard lock(mutex_);
      if (waiting_.size() >= max_) {
        waiting_.pop_front();
        ++dropped_;
      }
      waiting_.push_back(record);
    }
    wakeup_.notify();
  }

  void end() {
    {
      std::lock_guard lock(mutex_);
      ended_ = true;
    }
    wakeup_.notify();
  }

  LiveRequests::Batch take() {
    std::lock_guard lock(mutex_);
    LiveRequests::Batch batch;
    batch.requests.assign(std::make_move_iterator(waiting_.begin()), std::make_move_iterator(waiting_.end()));
    waiting_.clear();
    batch.dropped = std::exchange(dropped_, 0);
    batch.ended = ended_;
    return batch;
  }

  Wakeup& wakeup() { return wakeup_; }

 private:
  const size_t max_;
  std::mutex mutex_;
  std::deque<SharedRecord> waiting_;
  int64_t dropped_ = 0;
  bool ended_ = false;
  Wakeup wakeup_;
};

bool has_news(const LiveRequests::Batch& batch) {
  return !batch.requests.empty() || batch.dropped > 0 || batch.ended;
}

}  // namespace

struct LiveRequests::State {
  explicit State(LiveLimits l) : limits(l) {}

  const LiveLimits limits;
  std::mutex mutex;
  std::vector<std::shared_ptr<Queue>> queues;
  bool ended = false;
  std::atomic<size_t> watchers = 0;  // queues.size(), so that without any a request costs nothing

  void publish(const RequestRecord& record) {
    if (watchers == 0) return;
    auto shared = std::make_shared<const RequestRecord>(without_bodies(record));
    std::lock_guard lock(mutex);
    for (const auto& queue : queues) queue->push(shared);
  }

  void leave(const std::shared_ptr<Queue>& queue) {
    std::lock_guard lock(mutex);
    std::erase(queues, queue);
    watchers = queues.size();
  }
};

namespace {

class QueueSubscription : public LiveRequests::Subscription {
 public:
  QueueSubscription(std::shared_ptr<Queue> queue, std::move_only_function<void()> leave)
      : queue_(std::move(queue)), leave_(std::move(leave)) {}
  ~QueueSubscription() override { leave_(); }

  Task<Result<LiveRequests::Batch>> next(int64_t timeout_ms, CancelToken cancel) override {
    LiveRequests::Batch batch = queue_->take();
    if (has_news(batch)) co_return batch;
    auto reason = co_await queue_->wakeup().wait(timeout_ms, cancel);
    if (reason == Wakeup::Reason::kCancelled) {
      co_return Failure(Error{.code = ErrorCode::kCancelled, .message = "the watcher has gone"});
    }
    co_return queue_->take();
  }

 private:
  std::shared_ptr<Queue> queue_;
  std::move_only_function<void()> leave_;
};

}  // namespace

LiveRequests::LiveRequests(RequestLog& log, LiveLimits limits)
    : state_(std::make_shared<State>(limits)),
      follower_(log.follow([state = state_](const RequestRecord& record) { state->publish(record); })) {}

LiveRequests::~LiveRequests() { end(); }

Result<std::unique_ptr<LiveRequests::Subscription>> LiveRequests::subscribe() {
  auto queue = std::make_shared<Queue>(state_->limits.queue_max);
  std::lock_guard lock(state_->mutex);
  if (state_->ended) return Failure(Error::unavailable("the server is shutting down"));
  if (state_->queues.size() >= state_->limits.subscribers_max) {
    return Failure(Error{.code = ErrorCode::kRateLimited,
                         .message = "at most " + std::to_string(state_->limits.subscribers_max) +
                                    " clients may watch requests at a time",
                         .retry_after_ms = 5'000});
  }
  state_->queues.push_back(queue);
  state_->watchers = state_->queues.size();
  auto leave = [state = state_, queue] { state->leave(queue); };
  return std::make_unique<QueueSubscription>(std::move(queue), std::move(leave));
}

void LiveRequests::end() {
  std::lock_guard lock(state_->mutex);
  state_->ended = true;
  for (const auto& queue : state_->queues) queue->end();
}

}  // namespace penstock::observability
