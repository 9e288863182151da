#include "gateway/try_plan.h"

#include <algorithm>
#include <limits>

#include "gateway/strategy.h"

namespace penstock::gateway {
namespace {

const std::vector<std::string>& fallbacks_of(const FallbackPolicy& policy, FailureCause cause) {
  if (cause == FailureCause::kContextWindow) return policy.context_window;
  if (cause == FailureCause::kContentPolicy) return policy.content_policy;
  return policy.error;
}

// Of as many input as output tokens; what has no price is the dearest.
double price_of_a_call(const PriceTable& prices, const Target& target, std::string_view model) {
  auto pricing = prices.pricing(target.priced(model));
  if (!pricing || pricing->basis == PriceBasis::kUnpriced) return std::numeric_limits<double>::infinity();
  if (pricing->price == nullptr) return 0;
  return static_cast<double>(pricing->price->rates.input) + static_cast<double>(pricing->price->rates.output);
}

// Exponential with full jitter in its upper half, so that callers who failed together do not come back
// together.
int64_t backoff_ms(const RetryPolicy& policy, int64_t round, Random& random) {
  constexpr int64_t kDoublingsMax = 20;
  int64_t longest = policy.backoff_min_ms << std::min(round - 1, kDoublingsMax);
  longest = std::clamp(longest, policy.backoff_min_ms, policy.backoff_max_ms);
  uint64_t spread = static_cast<uint64_t>(longest / 2 + 1);
  return longest - static_cast<int64_t>(random.next_u64() % spread);
}

}  // namespace

TryPlan::TryPlan(const RouteTable& routes, const Route& route, const PriceTable& prices,
                 std::string_view model, uint64_t unit, int64_t deadline_us, Random& random)
    : routes_(routes),
      route_(&route),
      prices_(prices),
      model_(model),
      unit_(unit),
      deadline_us_(deadline_us),
      random_(random) {}

void TryPlan::enter(const Route& route, int64_t now_us) {
  route_ = &route;
  entered_.push_back(&route);
  std::vector<double> prices;
  if (route.config.strategy == Strategy::kCheapest) {
    for (const Target& target : route.targets) prices.push_back(price_of_a_call(prices_, target, model_));
  }
  order_ = order_targets(route.config.strategy, route.targets, prices, route.config.breaker, unit_, now_us);
  position_ = 0;
  round_ = 1;
}

bool TryPlan::has_alternatives() const {
  return steps_ > 1 || route_->targets.size() > 1 || route_->config.retry.attempts > 1;
}

std::optional<TryPlan::Step> TryPlan::next(std::optional<Failed> failed, int64_t now_us) {
  if (!failed) {
    enter(*route_, now_us);
    return step_or_fallback(FailureCause::kConnect, now_us);
  }
  FailureCause cause = failed->cause;
  if (now_us >= deadline_us_ || cause == FailureCause::kCancelled || cause == FailureCause::kRefused) {
    return std::nullopt;
  }
  if (cause == FailureCause::kUnsupported) {
    if (auto step = in_this_round(now_us, 0)) return step;
  }
  if (!is_upstreams_fault(cause)) {
    return enter_fallback(cause, now_us) ? step_or_fallback(cause, now_us) : std::nullopt;
  }
  bool keys_fault = cause == FailureCause::kCredentials || cause == FailureCause::kRateLimited;
  if (keys_fault && failed->has_another_key &&
      ++key_changes_ < static_cast<int64_t>(last_->target->upstream->keys.size())) {
    last_->pass = last_->target->state->breaker.admit(route_->config.breaker, now_us);
    if (last_->pass != BreakerPass::kNone) {
      last_->pause_ms = 0;
      ++steps_;
      return last_;
    }
  }
  if (contains(route_->config.retry.on, cause) || cause == FailureCause::kCredentials) {
    if (auto step = in_this_round(now_us, 0)) return step;
    if (auto step = another_round(*failed, now_us)) return step;
  }
  return enter_fallback(cause, now_us) ? step_or_fallback(cause, now_us) : std::nullopt;
}

// The next target in order whose breaker lets it pass.
std::optional<TryPlan::Step> TryPlan::in_this_round(int64_t now_us, int64_t pause_ms) {
  const BreakerPolicy& policy = route_->config.breaker;
  while (position_ < order_.size()) {
    const Target& target = route_->targets[order_[position_++]];
    BreakerPass pass = target.state->breaker.admit(policy, now_us);
    if (pass == BreakerPass::kNone) continue;
    ++steps_;
    key_changes_ = 0;
    last_ = Step{.route = route_, .target = &target, .pass = pass, .pause_ms = pause_ms};
    return last_;
  }
  return std::nullopt;
}

std::optional<TryPlan::Step> TryPlan::another_round(const Failed& failed, int64_t now_us) {
  const RetryPolicy& retry = route_->config.retry;
  if (round_ >= retry.attempts || !contains(retry.on, failed.cause)) return std::nullopt;
  int64_t pause_ms = backoff_ms(retry, round_, random_);
  if (retry.honor_retry_after && failed.retry_after_ms > pause_ms) {
    if (failed.retry_after_ms > kRetryAfterHonoredMs) return std::nullopt;
    pause_ms = failed.retry_after_ms;
  }
  if (now_us + pause_ms * 1'000 >= deadline_us_) return std::nullopt;
  ++round_;
  position_ = 0;
  return in_this_round(now_us, pause_ms);
}

bool TryPlan::enter_fallback(FailureCause cause, int64_t now_us) {
  if (entered_.size() >= kRoutesMax) return false;
  // What the first route says counts also in its fallbacks, so that a list of them is gone through.
  for (auto from = entered_.rbegin(); from != entered_.rend(); ++from) {
    for (const std::string& name : fallbacks_of((*from)->config.fallback, cause)) {
      const Route* route = routes_.find(name);
      if (route == nullptr || std::ranges::find(entered_, route) != entered_.end()) continue;
      enter(*route, now_us);
      return true;
    }
  }
  return false;
}

// A first step into route_; where every target is open, into a fallback, or all the same unless the route
// fails fast.
std::optional<TryPlan::Step> TryPlan::step_or_fallback(FailureCause cause, int64_t now_us) {
  while (true) {
    if (auto step = in_this_round(now_us, 0)) return step;
    const Route* blocked = route_;
    if (enter_fallback(cause, now_us)) continue;
    if (blocked->config.fails_fast) break;
    ++steps_;
    const Target& target = blocked->targets[order_.front()];
    last_ = Step{.route = blocked, .target = &target, .pass = BreakerPass::kCall, .pause_ms = 0};
    return last_;
  }
  open_until_us_ = INT64_MAX;
  for (const Target& target : route_->targets) {
    open_until_us_ = std::min(open_until_us_, target.state->breaker.opens_until_us());
  }
  return std::nullopt;
}

}  // namespace penstock::gateway
