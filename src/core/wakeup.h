#pragma once

#include <cstdint>
#include <memory>

#include "core/cancel.h"
#include "core/task.h"

namespace penstock {

// Lets one task wait until another thread says that there is something to do, or until some time has passed.
//   while (!stopping) { drain(queue); co_await wakeup.wait(15'000, disconnected); }
class Wakeup {
 public:
  enum class Reason : uint8_t { kNotified, kTimeout, kCancelled };

  Wakeup();
  ~Wakeup();  // no wait may be in progress
  Wakeup(const Wakeup&) = delete;
  Wakeup& operator=(const Wakeup&) = delete;

  // Ends the wait in progress, or the next one at once. Any number of calls before a wait count as one.
  // Thread-safe.
  void notify();

  // One at a time, always on the same loop, which `cancel` belongs to as well. The object may outlive that
  // loop.
  Task<Reason> wait(int64_t timeout_ms, CancelToken cancel = {});

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace penstock
