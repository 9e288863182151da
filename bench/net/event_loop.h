#pragma once

#include <cstdint>
#include <functional>
#include <queue>
#include <vector>

#include "bench/net/socket.h"

namespace penstock::bench {

int64_t monotonic_us();

// epoll with timers on one thread. A callback may be called for a descriptor number that was closed and
// reused within one round, so callbacks must bear readiness that is not there.
class EventLoop {
 public:
  static Result<EventLoop> create();

  enum class Interest : uint8_t { kRead, kReadWrite };
  void watch(int fd, Interest interest);  // a new descriptor; closing it ends the watch
  void change(int fd, Interest interest);

  void call_at(int64_t due_us, std::function<void()> call);

  // Calls `ready(fd)` for whatever is readable, writable or broken, and the timers, until `stop` was called
  // or `deadline_us` has passed (0: none).
  void run(const std::function<void(int fd)>& ready, int64_t deadline_us = 0);
  void stop() { stopped_ = true; }

 private:
  struct Timer {
    int64_t due_us;
    uint64_t order;  // equal times fire in the order of their calls
    std::function<void()> call;
    bool operator>(const Timer& other) const {
      return due_us != other.due_us ? due_us > other.due_us : order > other.order;
    }
  };

  explicit EventLoop(Fd epoll) : epoll_(std::move(epoll)) {}
  int64_t wait_us(int64_t deadline_us) const;
  void fire_timers();

  Fd epoll_;
  std::priority_queue<Timer, std::vector<Timer>, std::greater<>> timers_;
  uint64_t timers_made_ = 0;
  bool stopped_ = false;
};

}  // namespace penstock::bench
