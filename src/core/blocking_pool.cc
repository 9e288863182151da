#include "core/blocking_pool.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

namespace penstock {

struct BlockingPool::State {
  BlockingPoolOptions options;
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<std::move_only_function<void()>> queue;
  bool stopping = false;
  std::vector<std::jthread> threads;

  void work() {
    std::unique_lock lock(mutex);
    while (true) {
      changed.wait(lock, [this] { return stopping || !queue.empty(); });
      if (queue.empty()) return;
      auto job = std::move(queue.front());
      queue.pop_front();
      lock.unlock();
      job();
      lock.lock();
    }
  }
};

BlockingPool::BlockingPool(BlockingPoolOptions options) : state_(std::make_unique<State>()) {
  state_->options = std::move(options);
  for (size_t i = 0; i < state_->options.threads; ++i) {
    state_->threads.emplace_back([state = state_.get()] { state->work(); });
  }
}

BlockingPool::~BlockingPool() {
  {
    std::lock_guard lock(state_->mutex);
    state_->stopping = true;
  }
  state_->changed.notify_all();
}

bool BlockingPool::post(std::move_only_function<void()> work) {
  {
    std::lock_guard lock(state_->mutex);
    if (state_->queue.size() >= state_->options.queue_max) return false;
    state_->queue.push_back(std::move(work));
  }
  state_->changed.notify_one();
  return true;
}

Error BlockingPool::full_error() const {
  return Error{.code = ErrorCode::kRateLimited,
               .message = "the " + state_->options.name + " queue is full (" +
                          std::to_string(state_->options.queue_max) + " waiting)",
               .retry_after_ms = 1000};
}

}  // namespace penstock
