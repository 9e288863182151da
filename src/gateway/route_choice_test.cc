// Which target a call goes to, and where it goes next: strategies, key rings, plans of tries.
#include <gtest/gtest.h>

#include <map>

#include "gateway/strategy.h"
#include "gateway/try_plan.h"

namespace penstock::gateway {
namespace {

constexpr int64_t kNow = 1'000'000'000;
constexpr int64_t kDeadline = kNow + 600'000'000;

// A configuration whose every provider "p", "q", "r" ... is one letter.
class RouteChoice : public testing::Test {
 protected:
  RouteConfig& route(std::string name, std::string_view providers, Strategy strategy = Strategy::kPriority) {
    RouteConfig route{.name = std::move(name), .strategy = strategy};
    for (char letter : providers) {
      std::string provider(1, letter);
      route.targets.push_back({.id = provider, .provider = provider, .model = "m"});
      config_.providers[provider] = {.name = provider,
                                     .type = providers::find_provider_type("openai"),
                                     .endpoint = {},
                                     .keys = {{"k1"}, {"k2"}}};
    }
    config_.routes.push_back(std::move(route));
    return config_.routes.back();
  }

  void build() { table_ = std::move(*RouteTable::create(config_, {}, states_)); }

  TryPlan plan(std::string_view name, int64_t deadline_us = kDeadline) {
    if (!table_) build();
    return TryPlan(*table_, *table_->find(name), prices_, "m", 7, deadline_us, random_);
  }

  // The targets a plan gives while everything fails with `cause`, and its pauses.
  std::string walk(TryPlan& plan, TryPlan::Failed failed) {
    std::string walked;
    auto step = plan.next({}, kNow);
    while (step) {
      if (step->pause_ms > 0) walked += '|';
      walked += step->target->config.id;
      step->target->state->breaker.abandoned(step->pass);
      step = plan.next(failed, kNow);
    }
    return walked;
  }

  GatewayConfig config_;
  TargetStates states_;
  PriceTable prices_;
  SeededRandom random_{1};
  std::unique_ptr<RouteTable> table_;
};

TEST_F(RouteChoice, EveryTargetIsTriedBeforeAnyIsTriedAgain) {
  route("a", "pqr");
  TryPlan tries = plan("a");
  EXPECT_EQ(walk(tries, {FailureCause::kServer}), "pqr|pqr");
  EXPECT_TRUE(tries.has_alternatives());
}

TEST_F(RouteChoice, ARefusedRequestIsNotTriedAnywhereElse) {
  route("a", "pq").fallback.error = {"b"};
  route("b", "r");
  TryPlan tries = plan("a");
  EXPECT_EQ(walk(tries, {FailureCause::kRefused}), "p");
}

TEST_F(RouteChoice, WhatOneProviderCannotDoAnotherIsAskedFor) {
  route("a", "pq");
  TryPlan tries = plan("a");
  EXPECT_EQ(walk(tries, {FailureCause::kUnsupported}), "pq");
}

TEST_F(RouteChoice, FallbacksAreChosenByCause) {
  RouteConfig& first = route("a", "p");
  first.retry.attempts = 1;
  first.fallback = {.error = {"b"}, .context_window = {"c"}, .content_policy = {}};
  route("b", "q").retry.attempts = 1;
  route("c", "r");
  TryPlan errors = plan("a");
  EXPECT_EQ(walk(errors, {FailureCause::kTimeout}), "pq");
  TryPlan windows = plan("a");
  EXPECT_EQ(walk(windows, {FailureCause::kContextWindow}), "pr");
  TryPlan policies = plan("a");
  EXPECT_EQ(walk(policies, {FailureCause::kContentPolicy}), "p");
}

TEST_F(RouteChoice, FallbacksThatPointAtOneAnotherEnd) {
  for (auto [name, provider, other] : {std::tuple{"a", "p", "b"}, std::tuple{"b", "q", "a"}}) {
    RouteConfig& made = route(name, provider);
    made.retry.attempts = 1;
    made.fallback.error = {other};
  }
  TryPlan tries = plan("a");
  EXPECT_EQ(walk(tries, {FailureCause::kConnect}), "pq");
}

TEST_F(RouteChoice, AnotherKeyOfTheSameProviderIsTriedFirst) {
  route("a", "pq").retry.attempts = 1;
  TryPlan tries = plan("a");
  EXPECT_EQ(walk(tries, {.cause = FailureCause::kCredentials, .has_another_key = true}), "ppqq");
}

TEST_F(RouteChoice, OnlyCausesThatAreListedAreTriedAgain) {
  route("a", "p").retry.on = cause_bit(FailureCause::kServer);
  TryPlan timeouts = plan("a");
  EXPECT_EQ(walk(timeouts, {FailureCause::kTimeout}), "p");
  TryPlan servers = plan("a");
  EXPECT_EQ(walk(servers, {FailureCause::kServer}), "p|p");
}

TEST_F(RouteChoice, NothingIsTriedAfterTheDeadlineNorPausedBeyondIt) {
  route("a", "p");
  TryPlan late = plan("a", kNow);
  EXPECT_EQ(walk(late, {FailureCause::kServer}), "p");
  TryPlan tight = plan("a", kNow + 1'000);
  EXPECT_EQ(walk(tight, {FailureCause::kServer}), "p");
}

TEST_F(RouteChoice, RetryAfterIsHonouredUpToALimit) {
  route("a", "p");
  TryPlan tries = plan("a");
  auto step = tries.next({}, kNow);
  step->target->state->breaker.abandoned(step->pass);
  step = tries.next(TryPlan::Failed{.cause = FailureCause::kRateLimited, .retry_after_ms = 9'000}, kNow);
  ASSERT_TRUE(step);
  EXPECT_EQ(step->pause_ms, 9'000);
  TryPlan longer = plan("a");
  EXPECT_EQ(walk(longer, {.cause = FailureCause::kRateLimited, .retry_after_ms = 31'000}), "p");
}

void open(const Target& target, const BreakerPolicy& policy) {
  for (int i = 0; i < 10; ++i) target.state->breaker.failed(BreakerPass::kCall, policy, kNow);
}

TEST_F(RouteChoice, AnOpenTargetIsPassedOver) {
  route("a", "pq").retry.attempts = 1;
  build();
  const Route& made = *table_->find("a");
  open(made.targets[0], made.config.breaker);
  TryPlan tries = plan("a");
  EXPECT_EQ(walk(tries, {FailureCause::kServer}), "q");
}

TEST_F(RouteChoice, WhereAllAreOpenACallGoesThroughUnlessTheRouteFailsFast) {
  route("a", "p").retry.attempts = 1;
  RouteConfig& fast = route("b", "q");
  fast.fails_fast = true;
  build();
  for (std::string_view name : {"a", "b"}) open(table_->find(name)->targets[0], BreakerPolicy{});
  TryPlan slow = plan("a");
  EXPECT_EQ(walk(slow, {FailureCause::kServer}), "p");
  TryPlan tries = plan("b");
  EXPECT_EQ(walk(tries, {FailureCause::kServer}), "");
  EXPECT_EQ(tries.open_until_us(), kNow + BreakerPolicy{}.cooldown_min_us);
}

TEST_F(RouteChoice, WeightsAreKeptAndANewTargetTakesOnlyItsShare) {
  RouteConfig& split = route("a", "pqr", Strategy::kWeighted);
  split.targets[0].weight = 6;
  split.targets[1].weight = 3;
  split.targets[2].weight = 1;
  build();
  const std::vector<Target>& three = table_->find("a")->targets;
  std::span<const Target> two(three.data(), 2);
  std::map<size_t, int> chosen;
  constexpr int kUnits = 20'000;
  for (int i = 0; i < kUnits; ++i) {
    uint64_t unit = unit_hash("a", "user-" + std::to_string(i));
    size_t now = order_targets(Strategy::kWeighted, three, {}, {}, unit, kNow).front();
    size_t before = order_targets(Strategy::kWeighted, two, {}, {}, unit, kNow).front();
    ++chosen[now];
    if (now != 2) EXPECT_EQ(now, before) << "a unit moved between two targets that stayed";
  }
  EXPECT_NEAR(chosen[0], kUnits * 0.6, kUnits * 0.02);
  EXPECT_NEAR(chosen[1], kUnits * 0.3, kUnits * 0.02);
  EXPECT_NEAR(chosen[2], kUnits * 0.1, kUnits * 0.02);
}

TEST_F(RouteChoice, StrategiesRankByWhatTheyAreNamedFor) {
  route("a", "pqr");
  build();
  const std::vector<Target>& targets = table_->find("a")->targets;
  auto first = [&](Strategy strategy, std::vector<double> prices = {}) {
    return targets[order_targets(strategy, targets, prices, {}, 1, kNow).front()].config.id;
  };
  EXPECT_EQ(first(Strategy::kPriority), "p");
  EXPECT_EQ(first(Strategy::kCheapest, {3, 1, 2}), "q");
  targets[0].state->in_flight = 2;
  targets[1].state->in_flight = 3;
  targets[2].state->in_flight = 1;
  EXPECT_EQ(first(Strategy::kLeastBusy), "r");
  for (size_t i = 0; i < 3; ++i) targets[i].state->saw_first_token(static_cast<int64_t>(90 - 10 * i) * 1'000);
  EXPECT_EQ(first(Strategy::kEwmaLatency), "r");
}

TEST(TargetState, TellsAboutThe95thPercentileOnceEnoughWasSeen) {
  TargetState state;
  EXPECT_EQ(state.first_token_p95_us(), 0);
  for (int i = 0; i < 95; ++i) state.saw_first_token(100'000);
  for (int i = 0; i < 5; ++i) state.saw_first_token(5'000'000);
  EXPECT_GE(state.first_token_p95_us(), 100'000);
  EXPECT_LE(state.first_token_p95_us(), 120'000);
}

TEST(KeyRing, DealsByWeightAndPassesOverWhatRests) {
  KeyRing ring({{"a", 3}, {"b", 1}});
  std::string dealt;
  for (int i = 0; i < 8; ++i) dealt += ring.secret(ring.next(0));
  EXPECT_EQ(std::ranges::count(dealt, 'a'), 6);
  EXPECT_FALSE(dealt.starts_with("aaa")) << "smoothly interleaved: " << dealt;
  ring.rest(0, 100);
  for (int i = 0; i < 4; ++i) EXPECT_EQ(ring.secret(ring.next(50)), "b");
  ring.rest(1, 80);
  EXPECT_EQ(ring.next(50), -1);
  EXPECT_EQ(ring.rests_until_us(50), 80);
  EXPECT_EQ(ring.secret(ring.next(90)), "b");
}

}  // namespace
}  // namespace penstock::gateway
