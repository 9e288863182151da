#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "core/task.h"

namespace penstock {

// Calls back once after a while on one event loop, unless cancelled or destroyed before. Belongs to that
// loop.
class Timer {
 public:
  explicit Timer(const Executor& executor);
  ~Timer();
  Timer(Timer&&) noexcept;
  Timer& operator=(Timer&&) noexcept;

  void start(int64_t after_ms, std::move_only_function<void()> callback);  // replaces a running one
  void cancel();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

// Continues after `ms` milliseconds.
Task<> sleep_ms(int64_t ms);

}  // namespace penstock
