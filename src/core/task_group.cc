#include "core/task_group.h"

#include <boost/asio/co_spawn.hpp>
#include <cassert>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <string>

#include "core/log.h"

namespace penstock {

struct TaskGroup::State {
  mutable std::mutex mutex;
  std::condition_variable changed;
  size_t running = 0;

  void leave() {
    std::lock_guard lock(mutex);
    --running;
    changed.notify_all();
  }
};

TaskGroup::TaskGroup() : state_(std::make_shared<State>()) {}
TaskGroup::~TaskGroup() { assert(running() == 0); }

void TaskGroup::spawn(const Executor& executor, std::string_view name, Task<> task) {
  {
    std::lock_guard lock(state_->mutex);
    ++state_->running;
  }
  auto ended = [state = state_, name = std::string(name)](const std::exception_ptr& thrown) {
    if (thrown) {
      try {
        std::rethrow_exception(thrown);
      } catch (const std::exception& e) {
        log_error("task ended by an exception", {{"task", name}, {"what", e.what()}});
      }
    }
    state->leave();
  };
  boost::asio::co_spawn(executor, std::move(task), std::move(ended));
}

size_t TaskGroup::running() const {
  std::lock_guard lock(state_->mutex);
  return state_->running;
}

bool TaskGroup::wait(int64_t timeout_ms) {
  std::unique_lock lock(state_->mutex);
  return state_->changed.wait_for(lock, std::chrono::milliseconds(timeout_ms),
                                  [this] { return state_->running == 0; });
}

}  // namespace penstock
