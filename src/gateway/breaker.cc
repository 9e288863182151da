#include "gateway/breaker.h"

#include <algorithm>

namespace penstock::gateway {

std::string_view breaker_state_name(BreakerState state) {
  switch (state) {
    case BreakerState::kClosed:
      return "closed";
    case BreakerState::kOpen:
      return "open";
    case BreakerState::kHalfOpen:
      return "half_open";
  }
  return "closed";
}

BreakerState Breaker::state(int64_t now_us) const {
  int64_t until_us = open_until_us_.load(std::memory_order_acquire);
  if (until_us == 0) return BreakerState::kClosed;
  return now_us < until_us ? BreakerState::kOpen : BreakerState::kHalfOpen;
}

bool Breaker::would_admit(const BreakerPolicy& policy, int64_t now_us) const {
  switch (state(now_us)) {
    case BreakerState::kClosed:
      return true;
    case BreakerState::kOpen:
      return false;
    case BreakerState::kHalfOpen:
      return probes_.load(std::memory_order_relaxed) < policy.probes_max;
  }
  return true;
}

BreakerPass Breaker::admit(const BreakerPolicy& policy, int64_t now_us) {
  BreakerState seen = state(now_us);
  if (seen == BreakerState::kClosed) return BreakerPass::kCall;
  if (seen == BreakerState::kOpen) return BreakerPass::kNone;
  if (probes_.fetch_add(1, std::memory_order_acq_rel) < policy.probes_max) return BreakerPass::kProbe;
  abandoned(BreakerPass::kProbe);
  return BreakerPass::kNone;
}

void Breaker::abandoned(BreakerPass pass) {
  if (pass == BreakerPass::kProbe) probes_.fetch_sub(1, std::memory_order_acq_rel);
}

// A call that was admitted before a trip and ends well after it proves nothing about now: only probes close.
void Breaker::succeeded(BreakerPass pass, const BreakerPolicy& policy, int64_t now_us) {
  abandoned(pass);
  if (pass == BreakerPass::kProbe) {
    for (std::atomic<int64_t>* count : {&calls_, &errors_, &calls_before_, &errors_before_}) {
      count->store(0, std::memory_order_relaxed);
    }
    cooldown_us_.store(0, std::memory_order_relaxed);
    open_until_us_.store(0, std::memory_order_release);
  }
  roll(policy, now_us);
  calls_.fetch_add(1, std::memory_order_relaxed);
}

void Breaker::failed(BreakerPass pass, const BreakerPolicy& policy, int64_t now_us) {
  abandoned(pass);
  if (pass == BreakerPass::kProbe) return open(policy, now_us);
  if (state(now_us) != BreakerState::kClosed) return;
  roll(policy, now_us);
  int64_t calls = calls_.fetch_add(1, std::memory_order_relaxed) + 1 + calls_before_.load();
  int64_t errors = errors_.fetch_add(1, std::memory_order_relaxed) + 1 + errors_before_.load();
  bool enough = calls >= policy.calls_min;
  if (enough && static_cast<double>(errors) >= policy.error_rate * static_cast<double>(calls)) {
    open(policy, now_us);
  }
}

// One thread moves the halves on; those that lose the race count into the new one.
void Breaker::roll(const BreakerPolicy& policy, int64_t now_us) {
  int64_t half_us = policy.window_us / 2;
  int64_t began_us = half_began_us_.load(std::memory_order_relaxed);
  if (now_us - began_us < half_us) return;
  if (!half_began_us_.compare_exchange_strong(began_us, now_us, std::memory_order_acq_rel)) return;
  bool gap = now_us - began_us >= policy.window_us;
  int64_t calls = calls_.exchange(0, std::memory_order_relaxed);
  int64_t errors = errors_.exchange(0, std::memory_order_relaxed);
  calls_before_.store(gap ? 0 : calls, std::memory_order_relaxed);
  errors_before_.store(gap ? 0 : errors, std::memory_order_relaxed);
}

void Breaker::open(const BreakerPolicy& policy, int64_t now_us) {
  int64_t last_us = cooldown_us_.load(std::memory_order_relaxed);
  int64_t cooldown_us = std::clamp(last_us * 2, policy.cooldown_min_us, policy.cooldown_max_us);
  cooldown_us_.store(cooldown_us, std::memory_order_relaxed);
  open_until_us_.store(now_us + cooldown_us, std::memory_order_release);
}

}  // namespace penstock::gateway
