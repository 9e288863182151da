#pragma once

#include <atomic>
#include <cstdint>
#include <limits>
#include <optional>

namespace penstock::gateway {

// So many units in a period. `replicas` gateways each enforce their part of it.
struct Rate {
  int64_t amount = 1;  // at least 1
  int64_t period_us = 1;
  int64_t replicas = 1;
};

// A rate limit by the generic cell rate algorithm (ITU-T I.371, as a virtual schedule): a full `amount` may
// come at once after a rest, and comes back evenly over the period. One atomic word: the time at which the
// bucket will be full again. Times are monotonic microseconds. Lock-free; any thread.
class RateLimit {
 public:
  struct Outcome {
    bool admitted = false;
    int64_t mark = 0;            // of an admitted taking: what give_back needs
    int64_t retry_after_us = 0;  // of a refused one: when the same taking can succeed; kNever: never
  };
  static constexpr int64_t kNever = std::numeric_limits<int64_t>::max();

  // Takes `units`, all or none. What fits into the whole rate but not into this replica's part is let in when
  // the bucket is full.
  Outcome take(int64_t units, int64_t now_us, const Rate& rate);

  // Takes `units` that have been used already, however full the bucket is.
  void charge(int64_t units, int64_t now_us, const Rate& rate);

  // Returns `units` of the taking that gave `mark`. What time has given back already is not given twice.
  void give_back(int64_t units, int64_t mark, int64_t now_us, const Rate& rate);

  // How many units could be taken now, and in how long the bucket is full.
  int64_t remaining(int64_t now_us, const Rate& rate) const;
  int64_t full_in_us(int64_t now_us) const;

 private:
  std::atomic<int64_t> full_at_ns_{0};
};

// How many calls are in progress. Lock-free; any thread.
class ConcurrencyLimit {
 public:
  bool enter(int64_t amount) {
    if (running_.fetch_add(1, std::memory_order_acq_rel) < amount) return true;
    leave();
    return false;
  }
  void leave() { running_.fetch_sub(1, std::memory_order_acq_rel); }
  int64_t running() const { return running_.load(std::memory_order_relaxed); }

 private:
  std::atomic<int64_t> running_{0};
};

}  // namespace penstock::gateway
