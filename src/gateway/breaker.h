#pragma once

#include <atomic>
#include <cstdint>
#include <string_view>

namespace penstock::gateway {

// When a target is left alone, and for how long.
struct BreakerPolicy {
  int64_t window_us = 30'000'000;
  double error_rate = 0.5;              // of the window's calls, at which it opens
  int64_t calls_min = 10;               // fewer in the window say nothing
  int64_t cooldown_min_us = 5'000'000;  // after the first trip; doubles with each failed probe
  int64_t cooldown_max_us = 60'000'000;
  int64_t probes_max = 1;  // at once, when the cooldown is over
};

enum class BreakerState : uint8_t { kClosed, kOpen, kHalfOpen };
std::string_view breaker_state_name(BreakerState state);  // "closed", "open", "half_open"

// How a call got past a breaker; handed back when it ends.
enum class BreakerPass : uint8_t { kNone, kCall, kProbe };

// A circuit breaker. Closed: calls pass and are counted in a window of two halves. Open: none pass until the
// cooldown ends. Half open: a few probes pass; one success closes it, one failure opens it for twice as long.
// Times are monotonic. Thread-safe without locks: counts may be off by the calls that end at the very moment
// a half window does, which moves a trip by a call, no more.
class Breaker {
 public:
  // Whether a call would pass now; takes nothing.
  bool would_admit(const BreakerPolicy& policy, int64_t now_us) const;
  // kNone: it may not. Every other pass ends in one of the three below.
  BreakerPass admit(const BreakerPolicy& policy, int64_t now_us);
  void succeeded(BreakerPass pass, const BreakerPolicy& policy, int64_t now_us);
  void failed(BreakerPass pass, const BreakerPolicy& policy, int64_t now_us);
  void abandoned(BreakerPass pass);  // it says nothing: the client left, or the request was wrong

  BreakerState state(int64_t now_us) const;
  int64_t opens_until_us() const { return open_until_us_.load(std::memory_order_relaxed); }  // 0: closed

 private:
  void roll(const BreakerPolicy& policy, int64_t now_us);
  void open(const BreakerPolicy& policy, int64_t now_us);

  std::atomic<int64_t> open_until_us_{0};  // 0: closed
  std::atomic<int64_t> cooldown_us_{0};    // of the last trip; 0: it has been closed since
  std::atomic<int64_t> probes_{0};         // on their way
  std::atomic<int64_t> half_began_us_{0};
  std::atomic<int64_t> calls_{0}, errors_{0};                // of this half window
  std::atomic<int64_t> calls_before_{0}, errors_before_{0};  // of the one before
};

}  // namespace penstock::gateway
