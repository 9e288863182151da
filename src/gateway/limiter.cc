#include "gateway/limiter.h"

#include <algorithm>

namespace penstock::gateway {
namespace {

constexpr int64_t kNsPerUs = 1000;

// How long `units` take to come back, in ns, rounded down: so `amount` of them never take longer than a
// period.
int64_t refill_ns(int64_t units, const Rate& rate) {
  __int128 ns = static_cast<__int128>(units) * rate.period_us * kNsPerUs * rate.replicas / rate.amount;
  return static_cast<int64_t>(std::min<__int128>(ns, std::numeric_limits<int64_t>::max() / 4));
}

}  // namespace

RateLimit::Outcome RateLimit::take(int64_t units, int64_t now_us, const Rate& rate) {
  if (units > rate.amount) return {.retry_after_us = kNever};
  const int64_t now_ns = now_us * kNsPerUs;
  const int64_t refill = refill_ns(units, rate);
  const int64_t depth = std::max(rate.period_us * kNsPerUs, refill);
  int64_t full_at = full_at_ns_.load(std::memory_order_relaxed);
  while (true) {
    int64_t then = std::max(full_at, now_ns) + refill;
    if (then - now_ns > depth) {
      return {.retry_after_us = (then - depth - now_ns + kNsPerUs - 1) / kNsPerUs};
    }
    if (full_at_ns_.compare_exchange_weak(full_at, then, std::memory_order_acq_rel)) {
      return {.admitted = true, .mark = then};
    }
  }
}

void RateLimit::charge(int64_t units, int64_t now_us, const Rate& rate) {
  const int64_t refill = refill_ns(units, rate);
  int64_t full_at = full_at_ns_.load(std::memory_order_relaxed);
  while (!full_at_ns_.compare_exchange_weak(full_at, std::max(full_at, now_us * kNsPerUs) + refill,
                                            std::memory_order_acq_rel)) {
  }
}

// A taking stands in the schedule as the stretch of time that ends at its mark. The part of it that lies in
// the past has come back by itself.
void RateLimit::give_back(int64_t units, int64_t mark, int64_t now_us, const Rate& rate) {
  int64_t ahead_ns = mark - now_us * kNsPerUs;
  int64_t back_ns = std::min(refill_ns(units, rate), ahead_ns);
  if (back_ns > 0) full_at_ns_.fetch_sub(back_ns, std::memory_order_acq_rel);
}

int64_t RateLimit::remaining(int64_t now_us, const Rate& rate) const {
  const int64_t depth = rate.period_us * kNsPerUs;
  int64_t busy = std::max<int64_t>(0, full_at_ns_.load(std::memory_order_relaxed) - now_us * kNsPerUs);
  if (busy >= depth) return 0;
  __int128 units = static_cast<__int128>(depth - busy) * rate.amount / depth / rate.replicas;
  return static_cast<int64_t>(units);
}

int64_t RateLimit::full_in_us(int64_t now_us) const {
  int64_t busy = full_at_ns_.load(std::memory_order_relaxed) - now_us * kNsPerUs;
  return std::max<int64_t>(0, (busy + kNsPerUs - 1) / kNsPerUs);
}

}  // namespace penstock::gateway
