#include "gateway/exchange.h"
#include "gateway/race.h"

// The part of an exchange that asks a second target when the first is late.
namespace penstock::gateway {
namespace {

constexpr int64_t kRaceWaitMs = 60'000;

}  // namespace

// A share of the calls that came to this target first may be asked twice: hedging helps against a slow tail,
// and would double the load of an upstream that is slow as a whole.
bool Exchange::may_hedge(const TryPlan::Step& step) const {
  const TargetState& state = *step.target->state;
  auto calls = static_cast<double>(state.calls.load(std::memory_order_relaxed));
  auto hedged = static_cast<double>(state.hedged.load(std::memory_order_relaxed));
  return step.route->targets.size() > 1 && hedge_after_ms(step) > 0 &&
         hedged < 1 + calls * step.route->config.hedge.budget;
}

int64_t Exchange::hedge_after_ms(const TryPlan::Step& step) const {
  int64_t after_ms = step.route->config.hedge.after_ms;
  return after_ms > 0 ? after_ms : step.target->state->first_token_p95_us() / 1'000;
}

Task<Exchange::Begun> Exchange::begin_hedged(TryPlan& plan, const TryPlan::Step& step) {
  if (race_) co_await race_->end();
  race_ = std::make_unique<Race>(executor_);
  race_->enter(std::move(attempt_));
  int64_t wait_ms = hedge_after_ms(step);
  int64_t extra_left = step.route->config.hedge.extra_max;
  while (true) {
    int64_t asked_us = context_->clock.monotonic_us();
    co_await race_->wait(wait_ms);
    if (auto finish = race_->finish()) {
      attempt_ = std::move(finish->attempt);
      race_->cancel();
      for (const Race::Other& other : race_->others())
        note_attempt(*other.attempt, other.failure, "hedge_lost");
      co_return std::move(finish->outcome);
    }
    int64_t now_us = context_->clock.monotonic_us();
    bool late = now_us - asked_us >= wait_ms * 1'000;
    if (!late || extra_left == 0 || record_.client_disconnected) {
      if (late) wait_ms = kRaceWaitMs;
      continue;
    }
    --extra_left;
    std::optional<TryPlan::Step> beside = plan.beside(now_us);
    if (!beside) {
      extra_left = 0;
      continue;
    }
    step.target->state->hedged.fetch_add(1, std::memory_order_relaxed);
    race_->enter(std::make_unique<Attempt>(*context_, *beside));
    wait_ms = extra_left > 0 ? wait_ms : kRaceWaitMs;
  }
}

}  // namespace penstock::gateway
