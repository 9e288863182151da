#include "gateway/admission.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <new>
#include <optional>
#include <thread>
#include <vector>

#include "core/run_task.h"
#include "core/temporary_directory.h"
#include "gateway/lease_store.h"

namespace {
thread_local int64_t allocations = 0;
}

// Counts what a test's thread allocates.
void* operator new(size_t bytes) {
  ++allocations;
  if (void* made = std::malloc(bytes == 0 ? 1 : bytes)) return made;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, size_t) noexcept { std::free(memory); }

namespace penstock::gateway {
namespace {

using access::LimitKind;
using testing::HasSubstr;

constexpr Money kDollar{1'000'000'000};
constexpr Money kCent{10'000'000};
constexpr int64_t kSecond = 1'000'000;

class AdmissionTest : public testing::Test {
 protected:
  AdmissionTest()
      : database_(*database::Database::open_sqlite({.path = directory_.path() / "penstock.db"},
                                                   spend_migrations())),
        budgets_(std::make_unique<BudgetLedger>(*database_, clock_, LedgerOptions{.node = "here"})),
        admission_(std::make_unique<Admission>(*budgets_, clock_)) {}

  static access::Key key(std::vector<access::Limit> limits = {}, std::optional<access::Budget> budget = {}) {
    access::Key made;
    made.id = "k1";
    made.name = "search-team";
    made.group = "acme/search";
    made.limits = std::move(limits);
    made.budget = budget;
    return made;
  }
  static access::Group group(std::string path, std::vector<access::Limit> limits = {},
                             std::optional<access::Budget> budget = {}) {
    access::Group made;
    made.path = std::move(path);
    made.limits = std::move(limits);
    made.budget = budget;
    return made;
  }
  void know(std::vector<access::Key> keys, std::vector<access::Group> groups = {}) {
    admission_->update(std::make_shared<const access::Snapshot>(
        access::AccessData{.keys = std::move(keys), .groups = std::move(groups)}, access::Anonymous::kOwner));
  }

  Demand demand() const {
    return {.principal = "key:k1",
            .endpoint = "chat.completions",
            .model = "fast",
            .input_tokens = 100,
            .output_tokens_max = 400,
            .cost_max = kCent,
            .started_at = clock_.now()};
  }
  Result<Reservation> admit() { return admit(demand()); }
  Result<Reservation> admit(Demand wanted) { return run_task(admission_->admit(wanted)); }
  static Headers headers(const Reservation& reservation) {
    Headers out;
    reservation.add_rate_headers(out);
    return out;
  }

  TemporaryDirectory directory_;
  ManualClock clock_{{1'790'000'000'000'000}};
  std::unique_ptr<database::Database> database_;
  std::unique_ptr<BudgetLedger> budgets_;
  std::unique_ptr<Admission> admission_;
};

TEST_F(AdmissionTest, WhoeverIsNotLimitedIsLetIn) {
  know({key()});
  auto reservation = admit();
  ASSERT_TRUE(reservation);
  EXPECT_EQ(reservation->key_name(), "search-team");
  EXPECT_EQ(reservation->key_id(), "k1");
  EXPECT_EQ(reservation->group(), "acme/search");
  EXPECT_EQ(headers(*reservation).size(), 0U);
  know({});
  Demand nobody = demand();
  nobody.principal = "";
  EXPECT_TRUE(admit(nobody));  // the owner of a server without accounts
}

TEST_F(AdmissionTest, AKeyThatIsGoneIsNotKnown) {
  know({key()});
  Demand gone = demand();
  gone.principal = "key:other";
  EXPECT_EQ(admit(gone).error().code, ErrorCode::kUnauthenticated);
}

TEST_F(AdmissionTest, ScopesOfTheKeyAndOfEveryGroupMustAdmit) {
  access::Key scoped = key();
  scoped.scopes.models = {"fast", "gpt-*"};
  access::Group parent = group("acme");
  parent.scopes.endpoints = {"chat.completions"};
  know({scoped}, {parent, group("acme/search")});
  EXPECT_TRUE(admit());
  Demand other = demand();
  other.model = "slow";
  EXPECT_EQ(admit(other).error().code, ErrorCode::kPermissionDenied);
  EXPECT_EQ(admit(other).error().reason, "model_not_allowed");
  other = demand();
  other.endpoint = "embeddings";
  EXPECT_EQ(admit(other).error().reason, "endpoint_not_allowed");
}

TEST_F(AdmissionTest, ARateLimitSaysExactlyWhenToComeBack) {
  know({key({{LimitKind::kRequests, 2, 60}})});
  std::vector<Reservation> open;
  open.push_back(*admit());
  open.push_back(*admit());
  auto refused = admit();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kRateLimited);
  EXPECT_EQ(refused.error().reason, "rate_limit_exceeded");
  EXPECT_EQ(refused.error().retry_after_ms, 30'000);
  EXPECT_THAT(refused.error().message, HasSubstr("key 'k1' is limited to 2 requests per 60 s"));
  for (Reservation& one : open) one.settle({.input = 1}, kCent);
  clock_.advance_us(30 * kSecond - 1);
  EXPECT_FALSE(admit());
  clock_.advance_us(1);
  EXPECT_TRUE(admit());
}

TEST_F(AdmissionTest, TokensAreReservedAndWhatWasNotUsedIsGivenBack) {
  know({key({{LimitKind::kTokens, 1'000, 60}})});
  auto first = admit();
  auto second = admit();
  ASSERT_TRUE(first && second);
  EXPECT_FALSE(admit());
  first->settle({.input = 100, .output = 50, .reasoning = 50}, kCent);
  EXPECT_FALSE(admit());  // 300 of the 500 that one more needs
  second->settle({.input = 100, .output = 100}, kCent);
  auto third = admit();
  ASSERT_TRUE(third);
  Headers told = headers(*third);
  EXPECT_EQ(told.get("x-ratelimit-limit-tokens"), "1000");
  EXPECT_EQ(told.get("x-ratelimit-remaining-tokens"), "100");
  EXPECT_EQ(told.get("x-ratelimit-reset-tokens"), "54s");
}

TEST_F(AdmissionTest, InputAndOutputCanBeLimitedApart) {
  know({key({{LimitKind::kInputTokens, 150, 60}, {LimitKind::kOutputTokens, 1'000, 60}})});
  auto first = admit();
  ASSERT_TRUE(first);
  EXPECT_THAT(admit().error().message, HasSubstr("150 input_tokens"));
  first->settle({.input = 20, .output = 900}, kCent);
  EXPECT_THAT(admit().error().message, HasSubstr("1000 output_tokens"));
}

TEST_F(AdmissionTest, WhatCanNeverFitIsNotToldToComeBack) {
  know({key({{LimitKind::kTokens, 400, 60}})});
  auto refused = admit();
  ASSERT_FALSE(refused);
  EXPECT_FALSE(refused.error().retry_after_ms);
  EXPECT_THAT(refused.error().message, HasSubstr("needs 500 at once"));
  // A bound that nobody stated only asks for all that the limit can give.
  Demand assumed = demand();
  assumed.output_bound = OutputBound::kAssumed;
  EXPECT_TRUE(admit(assumed));
  assumed.input_tokens = 401;
  EXPECT_FALSE(admit(assumed));
}

TEST_F(AdmissionTest, ARefusalGivesBackWhatTheOthersHadGiven) {
  know({key({{LimitKind::kRequests, 10, 60}, {LimitKind::kConcurrent, 5, 0}})},
       {group("acme", {{LimitKind::kTokens, 700, 60}}), group("acme/search")});
  std::optional<Reservation> one = std::move(*admit());
  for (int i = 0; i < 50; ++i) EXPECT_THAT(admit().error().message, HasSubstr("group 'acme'"));
  EXPECT_EQ(headers(*one).get("x-ratelimit-remaining-requests"), "9");
  one.reset();  // destroyed unsettled, it gives everything back
  auto again = admit();
  ASSERT_TRUE(again);
  EXPECT_EQ(headers(*again).get("x-ratelimit-remaining-requests"), "9");
  EXPECT_EQ(headers(*again).get("x-ratelimit-remaining-tokens"), "200");
}

TEST_F(AdmissionTest, ConcurrencyIsLeftHoweverACallEnds) {
  know({key({{LimitKind::kConcurrent, 2, 0}})});
  for (int i = 0; i < 10; ++i) {
    auto settled = admit();
    auto dropped = admit();
    ASSERT_TRUE(settled && dropped);
    auto refused = admit();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().retry_after_ms, 1'000);
    settled->settle({}, {});
    Reservation moved = std::move(*settled);
    EXPECT_TRUE(admit());
  }
}

TEST_F(AdmissionTest, AnAbandonedCoroutineLeavesNothingHeld) {
  know({key({{LimitKind::kConcurrent, 1, 0}}, access::Budget{.amount = kDollar})});
  ASSERT_TRUE(admit());  // leases what the calls below need
  for (int i = 0; i < 20; ++i) {
    boost::asio::io_context loop(1);
    auto call = [](Admission& admission, Demand wanted) -> Task<> {
      auto reservation = co_await admission.admit(wanted);
      co_await boost::asio::post(boost::asio::use_awaitable);
      co_await boost::asio::post(boost::asio::use_awaitable);
    };
    boost::asio::co_spawn(loop, call(*admission_, demand()), [](std::exception_ptr) {});
    for (int steps = 0; steps < i % 5; ++steps) loop.poll_one();
  }  // the loop goes, and with it the call wherever it was
  auto last = admit();
  ASSERT_TRUE(last) << last.error().message;
}

TEST_F(AdmissionTest, BudgetsOfKeyAndGroupsMustAllAdmit) {
  know({key({}, access::Budget{.amount = kDollar})},
       {group("acme", {}, access::Budget{.amount = {3 * kCent.nano_usd}}), group("acme/search")});
  std::vector<Reservation> open;
  for (int i = 0; i < 3; ++i) open.push_back(*admit());
  auto refused = admit();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, "insufficient_quota");
  EXPECT_THAT(refused.error().message, HasSubstr("group 'acme'"));
  for (Reservation& one : open) one.settle({}, kCent);
  clock_.advance_us(2 * kSecond);
  refused = admit();
  ASSERT_FALSE(refused);
  EXPECT_FALSE(refused.error().retry_after_ms);
  auto usage = budgets_->usage();
  for (const BudgetUsage& one : *usage) {
    EXPECT_EQ(one.spent, Money{3 * kCent.nano_usd}) << one.holder;
    EXPECT_EQ(one.reserved, Money{0}) << one.holder;
  }
}

TEST_F(AdmissionTest, ABudgetThatIsTakenAwayIsShownNoMore) {
  know({key({}, access::Budget{.amount = kDollar})}, {group("acme", {}, access::Budget{.amount = kDollar})});
  EXPECT_EQ(budgets_->usage()->size(), 2U);
  auto open = admit();
  know({key()}, {group("acme", {}, access::Budget{.amount = kDollar})});
  ASSERT_EQ(budgets_->usage()->size(), 1U);
  EXPECT_EQ(budgets_->usage()->at(0).holder, "group:acme");
  open->settle({}, kCent);
  know({key({}, access::Budget{.amount = kDollar})});
  EXPECT_EQ(budgets_->usage()->at(0).spent, kCent);
}

TEST_F(AdmissionTest, WhatHasNoPriceIsRefusedWhereABudgetApplies) {
  know({key({}, access::Budget{.amount = kDollar})});
  Demand unpriced = demand();
  unpriced.cost_max.reset();
  EXPECT_EQ(admit(unpriced).error().reason, "model_not_priced");
  know({key()});
  EXPECT_TRUE(admit(unpriced));
}

TEST_F(AdmissionTest, ABudgetThatIsNearlyUsedWarns) {
  know({key({}, access::Budget{.amount = {10 * kCent.nano_usd}})});
  for (int i = 0; i < 7; ++i) admit()->settle({}, kCent);
  auto seventh = admit();
  EXPECT_THAT(std::string(headers(*seventh).get("x-penstock-budget-warning")),
              HasSubstr("key 'k1' has used 80% of its budget per month"));
}

TEST_F(AdmissionTest, LimitsLiveOnWhenTheSnapshotChanges) {
  know({key({{LimitKind::kRequests, 2, 60}, {LimitKind::kConcurrent, 2, 0}})});
  auto one = admit();
  auto two = admit();
  know({key({{LimitKind::kRequests, 6, 60}, {LimitKind::kConcurrent, 3, 0}})});
  EXPECT_FALSE(admit());  // the whole bucket is used; it fills faster from now on
  clock_.advance_us(10 * kSecond);
  auto three = admit();
  ASSERT_TRUE(three);
  clock_.advance_us(10 * kSecond);
  EXPECT_THAT(admit().error().message, HasSubstr("3 requests at a time"));
  one->settle({}, {});
  two->settle({}, {});
  know({key({{LimitKind::kConcurrent, 2, 0}})});
  EXPECT_TRUE(admit());
}

TEST_F(AdmissionTest, AThousandCallsOfSeveralThreadsOverspendNothing) {
  know({key({{LimitKind::kConcurrent, 2'000, 0}}, access::Budget{.amount = kDollar})},
       {group("acme", {{LimitKind::kRequests, 5'000, 60}})});
  std::vector<std::vector<Reservation>> admitted(4);
  {
    std::vector<std::jthread> threads;
    for (auto& mine : admitted) {
      threads.emplace_back([&] {
        std::vector<Task<>> calls;
        for (int i = 0; i < 250; ++i) {
          calls.push_back([](Admission& admission, Demand wanted, std::vector<Reservation>& kept) -> Task<> {
            auto reservation = co_await admission.admit(wanted);
            if (reservation) kept.push_back(std::move(*reservation));
          }(*admission_, demand(), mine));
        }
        run_tasks(std::move(calls));
      });
    }
  }
  size_t total = 0;
  for (const auto& mine : admitted) total += mine.size();
  EXPECT_EQ(total, 100U);
}

TEST_F(AdmissionTest, TheHotPathAllocatesNothingButTheMarks) {
  know({key({{LimitKind::kRequests, 1'000'000, 60}, {LimitKind::kTokens, 1'000'000'000, 60}},
            access::Budget{.amount = {1'000 * kDollar.nano_usd}})},
       {group("acme", {{LimitKind::kConcurrent, 100, 0}},
              access::Budget{.amount = {1'000 * kDollar.nano_usd}}),
        group("acme/search", {{LimitKind::kRequests, 1'000'000, 60}})});
  ASSERT_TRUE(admit());
  Demand wanted = demand();
  int64_t before = allocations;
  for (int i = 0; i < 100; ++i) {
    auto reservation = admission_->admit_at_once(wanted);
    if (!reservation || !*reservation) FAIL();
    (*reservation)->settle({.input = 100, .output = 10}, {1'000});
  }
  EXPECT_EQ(allocations - before, 100);
}

TEST_F(AdmissionTest, RefusalsAreCounted) {
  know({key({{LimitKind::kConcurrent, 1, 0}})});
  auto inside = admit();
  EXPECT_FALSE(admit());
  observability::PrometheusText out;
  admission_->write_metrics(out);
  EXPECT_THAT(out.take(), HasSubstr("penstock_admission_refusals_total{reason=\"concurrency\"} 1\n"));
}

}  // namespace
}  // namespace penstock::gateway
