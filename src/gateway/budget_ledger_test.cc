#include "gateway/budget_ledger.h"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "core/random.h"
#include "core/run_task.h"
#include "core/temporary_directory.h"
#include "gateway/lease_store.h"

namespace penstock::gateway {
namespace {

using access::Period;
using observability::RequestRecord;

constexpr Money kDollar{1'000'000'000};
constexpr Money kCent{10'000'000};
constexpr int64_t kSecond = 1'000'000;
constexpr int64_t kDay = 86'400 * kSecond;

// A database that can be taken away.
class LosableDatabase : public database::Database {
 public:
  explicit LosableDatabase(std::unique_ptr<database::Database> kept) : kept_(std::move(kept)) {}
  Result<void> read_now(const std::function<Result<void>(database::Connection&)>& work) override {
    if (lost) return Failure(Error::unavailable("lost"));
    return kept_->read_now(work);
  }
  Result<void> write_now(const std::function<Result<void>(database::Connection&)>& work) override {
    ++writes;
    if (lost) return Failure(Error::unavailable("lost"));
    return kept_->write_now(work);
  }
  Result<std::string> describe() override { return kept_->describe(); }
  std::string problem() const override { return lost ? "lost" : ""; }

  std::atomic<bool> lost{false};
  std::atomic<int> writes{0};

 protected:
  void enqueue(Access, std::function<Result<void>(database::Connection&)>,
               std::function<void(Result<void>)>) override {}

 private:
  std::unique_ptr<database::Database> kept_;
};

class BudgetLedgerTest : public testing::Test {
 protected:
  void SetUp() override {
    auto opened =
        database::Database::open_sqlite({.path = directory_.path() / "penstock.db"}, spend_migrations());
    ASSERT_TRUE(opened) << opened.error().message;
    database_ = std::make_unique<LosableDatabase>(std::move(*opened));
  }

  std::unique_ptr<BudgetLedger> node(std::string name, StoreLoss on_loss = StoreLoss::kShare) {
    return std::make_unique<BudgetLedger>(*database_, clock_,
                                          LedgerOptions{.node = std::move(name), .on_store_loss = on_loss});
  }

  static access::Budget budget(Money amount, Period per = Period::kMonth) {
    return {.amount = amount, .per = per};
  }

  // As admission does it; how many were let in.
  bool take(BudgetLedger& ledger, const std::shared_ptr<BudgetAccount>& account, Money cost) {
    last_error_ = {};
    for (int i = 0; i < 8; ++i) {
      if (account->reserve(cost, clock_.now())) return true;
      auto fetched = run_task(ledger.fetch(account, cost, clock_.now()));
      if (!fetched) {
        last_error_ = fetched.error();
        return false;
      }
    }
    return false;
  }
  int64_t take_all(BudgetLedger& ledger, const std::shared_ptr<BudgetAccount>& account, Money cost) {
    int64_t taken = 0;
    while (take(ledger, account, cost)) ++taken;
    return taken;
  }

  RequestRecord spent(std::string key_id, std::string group, Money cost) {
    RequestRecord record;
    record.started_at = clock_.now();
    record.key_id = std::move(key_id);
    record.group = std::move(group);
    record.cost = cost;
    return record;
  }
  void count(BudgetLedger& ledger, std::vector<RequestRecord> records) {
    observability::HourlyCosts costs;
    for (const RequestRecord& record : records) costs.add(record);
    ASSERT_TRUE(database_->write_now(
        [&](database::Connection& connection) { return ledger.count(connection, costs); }));
  }
  static BudgetUsage usage_of(BudgetLedger& ledger, std::string_view holder) {
    auto all = ledger.usage();
    EXPECT_TRUE(all);
    for (const BudgetUsage& usage : *all) {
      if (usage.holder == holder) return usage;
    }
    ADD_FAILURE() << holder << " has no budget";
    return {};
  }

  TemporaryDirectory directory_;
  ManualClock clock_{{1'790'000'000'000'000}};
  std::unique_ptr<LosableDatabase> database_;
  Error last_error_;
};

TEST_F(BudgetLedgerTest, LetsInExactlyWhatTheBudgetHolds) {
  auto ledger = node("a");
  auto account = ledger->account("group:acme", budget(kDollar));
  EXPECT_EQ(take_all(*ledger, account, kCent), 100);
  EXPECT_EQ(last_error_.code, ErrorCode::kRateLimited);
  EXPECT_EQ(last_error_.reason, "insufficient_quota");
  EXPECT_TRUE(last_error_.retry_after_ms) << "what is reserved may come back";
  BudgetUsage usage = usage_of(*ledger, "group:acme");
  EXPECT_EQ(usage.reserved, kDollar);
  EXPECT_EQ(usage.remaining, Money{0});
}

TEST_F(BudgetLedgerTest, WhatIsSettledForLessCanBeSpentByOthers) {
  auto ledger = node("a");
  auto account = ledger->account("key:k", budget(kDollar));
  int64_t calls = 0;
  for (; take(*ledger, account, {100 * kCent.nano_usd / 10}); ++calls) {
    account->settle({100 * kCent.nano_usd / 10}, kCent, clock_.now());
    clock_.advance_us(2 * kSecond);
  }
  // The last ones no longer leave the ten cents that a call reserves.
  EXPECT_EQ(calls, 91);
  EXPECT_FALSE(last_error_.retry_after_ms) << "nothing is reserved: coming back does not help";
  EXPECT_EQ(usage_of(*ledger, "key:k").spent, Money{91 * kCent.nano_usd});
}

TEST_F(BudgetLedgerTest, ACallThatCostMoreThanItReservedIsPaidByTheNext) {
  auto ledger = node("a");
  auto account = ledger->account("key:k", budget(kDollar));
  ASSERT_TRUE(take(*ledger, account, kCent));
  account->settle(kCent, {kDollar.nano_usd - kCent.nano_usd}, clock_.now());
  EXPECT_EQ(take_all(*ledger, account, kCent), 1);
  EXPECT_EQ(usage_of(*ledger, "key:k").spent, Money{99 * kCent.nano_usd});
}

TEST_F(BudgetLedgerTest, AThousandAtOnceFromSeveralThreadsOverspendNothing) {
  for (int round = 0; round < 5; ++round) {
    auto ledger = node("a" + std::to_string(round));
    auto account = ledger->account("key:" + std::to_string(round), budget(kDollar));
    std::atomic<int64_t> admitted{0};
    {
      std::vector<std::jthread> threads;
      for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&] {
          std::vector<Task<>> calls;
          for (int i = 0; i < 250; ++i) {
            calls.push_back([](BudgetLedger& books, std::shared_ptr<BudgetAccount> of,
                               std::atomic<int64_t>& in, Timestamp at) -> Task<> {
              for (int tries = 0; tries < 8; ++tries) {
                if (of->reserve(kCent, at)) {
                  ++in;
                  break;
                }
                if (!co_await books.fetch(of, kCent, at)) break;
              }
            }(*ledger, account, admitted, clock_.now()));
          }
          run_tasks(std::move(calls));
        });
      }
    }
    EXPECT_EQ(admitted, 100);
  }
}

TEST_F(BudgetLedgerTest, ManyCallsWaitForOneVisitToTheStore) {
  auto ledger = node("a");
  auto account = ledger->account("key:k", budget({1'000 * kDollar.nano_usd}));
  std::vector<Task<>> calls;
  for (int i = 0; i < 500; ++i) {
    calls.push_back([](BudgetLedger& books, std::shared_ptr<BudgetAccount> of, Timestamp at) -> Task<> {
      while (!of->reserve(kCent, at)) EXPECT_TRUE(co_await books.fetch(of, kCent, at));
    }(*ledger, account, clock_.now()));
  }
  run_tasks(std::move(calls));
  EXPECT_LE(database_->writes, 20);
}

TEST_F(BudgetLedgerTest, ABudgetThatIsUsedUpIsNotAskedForAtEveryCall) {
  auto ledger = node("a");
  auto account = ledger->account("key:k", budget(kCent));
  ASSERT_TRUE(take(*ledger, account, kCent));
  EXPECT_FALSE(take(*ledger, account, kCent));
  int writes = database_->writes;
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(take(*ledger, account, kCent));
  EXPECT_LE(database_->writes, writes + 1);
}

TEST_F(BudgetLedgerTest, TwoNodesShareOneBudgetToTheCent) {
  auto a = node("a");
  auto b = node("b");
  ASSERT_TRUE(a->tick() && b->tick() && a->tick());
  EXPECT_EQ(a->replicas(), 2);
  EXPECT_EQ(b->replicas(), 2);
  auto of_a = a->account("group:acme", budget(kDollar));
  auto of_b = b->account("group:acme", budget(kDollar));
  ASSERT_TRUE(take(*b, of_b, kCent));
  of_b->settle(kCent, kCent, clock_.now());
  // What b has leased and does not need comes back at its ticks.
  int64_t taken = take_all(*a, of_a, kCent);
  EXPECT_LT(taken, 99);
  for (int second = 0; second < 3; ++second) {
    clock_.advance_us(kSecond);
    ASSERT_TRUE(a->tick() && b->tick());
    taken += take_all(*a, of_a, kCent);
  }
  EXPECT_EQ(taken, 99);
  EXPECT_FALSE(take(*b, of_b, kCent));
}

TEST_F(BudgetLedgerTest, NodesThatComeAndGoNeverOverspendTogether) {
  for (uint64_t seed = 0; seed < 6; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    SeededRandom random(seed);
    std::string holder = "group:g" + std::to_string(seed);
    std::vector<std::unique_ptr<BudgetLedger>> nodes(3);
    std::vector<int64_t> open(3);
    std::vector<int64_t> counted(3);
    int64_t spent_cents = 0;
    for (int step = 0; step < 250; ++step) {
      size_t n = random.next_u64() % nodes.size();
      if (!nodes[n]) {
        nodes[n] = node("n" + std::to_string(n));
        ASSERT_TRUE(nodes[n]->recover());
      }
      auto account = nodes[n]->account(holder, budget(kDollar));
      switch (random.next_u64() % 8) {
        case 0:
          ASSERT_TRUE(nodes[n]->tick());
          break;
        case 1:  // dies; its calls are settled by recovery, as records
          count(*nodes[n], {spent("", holder.substr(6), {open[n] * kCent.nano_usd})});
          spent_cents += std::exchange(open[n], 0);
          nodes[n].reset();
          break;
        case 2:
        case 3:
          if (open[n] > 0) {
            account->settle(kCent, kCent, clock_.now());
            count(*nodes[n], {spent("", holder.substr(6), kCent)});
            --open[n];
            ++spent_cents;
          }
          break;
        default:
          if (take(*nodes[n], account, kCent)) ++open[n];
      }
      clock_.advance_us(kSecond / 3);
      ASSERT_LE(spent_cents + open[0] + open[1] + open[2], 100);
    }
  }
}

TEST_F(BudgetLedgerTest, WhatAKilledNodeHadLeasedStaysTakenUntilItComesBack) {
  {
    auto killed = node("a");
    auto account = killed->account("group:acme", budget(kDollar));
    ASSERT_TRUE(take(*killed, account, {30 * kCent.nano_usd}));
    account->settle({30 * kCent.nano_usd}, {20 * kCent.nano_usd}, clock_.now());
    count(*killed, {spent("k", "acme/search", {20 * kCent.nano_usd})});
  }
  auto other = node("b");
  auto of_other = other->account("group:acme", budget(kDollar));
  int64_t taken = take_all(*other, of_other, kCent);
  EXPECT_LT(taken, 80);

  auto back = node("a");
  back->account("group:acme", budget(kDollar));
  ASSERT_TRUE(back->recover());
  clock_.advance_us(BudgetLedger::kAskAgainUs);
  taken += take_all(*other, of_other, kCent);
  EXPECT_EQ(taken, 80);
  EXPECT_EQ(usage_of(*back, "group:acme").spent, Money{20 * kCent.nano_usd});
}

TEST_F(BudgetLedgerTest, AClosedNodeLeavesNothingLeased) {
  auto a = node("a");
  auto account = a->account("key:k", budget(kDollar));
  ASSERT_TRUE(take(*a, account, kCent));
  account->settle(kCent, kCent, clock_.now());
  ASSERT_TRUE(a->close());
  auto b = node("b");
  EXPECT_EQ(take_all(*b, b->account("key:k", budget(kDollar)), kCent), 99);
}

TEST_F(BudgetLedgerTest, APeriodBeginsAnewAtItsBoundaryAndOldCallsSettleInTheirOwn) {
  auto ledger = node("a");
  auto account = ledger->account("key:k", budget(kDollar, Period::kDay));
  PeriodSpan today = period_at(Period::kDay, clock_.now());
  clock_.advance_us(today.ends_at.us - clock_.now().us - 1);
  Timestamp before = clock_.now();
  EXPECT_EQ(take_all(*ledger, account, kCent), 100);
  clock_.advance_us(1);
  EXPECT_EQ(usage_of(*ledger, "key:k").period.starts_at, today.ends_at);
  EXPECT_EQ(take_all(*ledger, account, kCent), 100);
  account->settle(kCent, kCent, before);
  EXPECT_EQ(usage_of(*ledger, "key:k").spent, Money{0});
  EXPECT_FALSE(take(*ledger, account, kCent));
  clock_.advance_us(5 * kDay);  // what began five periods ago has nothing left to settle
  ASSERT_TRUE(take(*ledger, account, kCent));
  account->settle(kCent, kCent, before);
  EXPECT_EQ(usage_of(*ledger, "key:k").reserved, kCent);
}

TEST_F(BudgetLedgerTest, AnotherAmountHoldsAtOnce) {
  auto ledger = node("a");
  auto account = ledger->account("key:k", budget(kCent));
  EXPECT_EQ(take_all(*ledger, account, kCent), 1);
  EXPECT_EQ(ledger->account("key:k", budget({3 * kCent.nano_usd})), account);
  EXPECT_EQ(take_all(*ledger, account, kCent), 2);
  ledger->account("key:k", budget(kCent));
  EXPECT_FALSE(take(*ledger, account, kCent));
}

TEST_F(BudgetLedgerTest, SpendingIsCountedForTheKeyAndEveryGroupAboveIt) {
  auto ledger = node("a");
  for (std::string_view holder : {"key:k", "group:acme", "group:acme/search", "group:other"}) {
    ledger->account(holder, budget(kDollar));
  }
  count(*ledger,
        {spent("k", "acme/search", kCent), spent("other", "acme/search", kCent), spent("k", "", kCent)});
  EXPECT_EQ(usage_of(*ledger, "key:k").spent, Money{2 * kCent.nano_usd});
  EXPECT_EQ(usage_of(*ledger, "group:acme").spent, Money{2 * kCent.nano_usd});
  EXPECT_EQ(usage_of(*ledger, "group:acme/search").spent, Money{2 * kCent.nano_usd});
  EXPECT_EQ(usage_of(*ledger, "group:other").spent, Money{0});
}

TEST_F(BudgetLedgerTest, WhileTheStoreIsLostANodeSpendsItsShareOfWhatWasLeft) {
  auto a = node("a");
  auto b = node("b");
  ASSERT_TRUE(a->tick() && b->tick() && a->tick());
  auto of_a = a->account("key:k", budget(kDollar));
  auto of_b = b->account("key:k", budget(kDollar));
  ASSERT_TRUE(take(*a, of_a, kCent) && take(*b, of_b, kCent));
  ASSERT_TRUE(a->tick() && b->tick());  // so that both know what is left
  database_->lost = true;
  int64_t taken = 2 + take_all(*a, of_a, kCent) + take_all(*b, of_b, kCent);
  EXPECT_EQ(last_error_.code, ErrorCode::kUnavailable);
  EXPECT_LE(taken, 100);
  EXPECT_GE(taken, 60);
  // The store hears of it as soon as it is back.
  database_->lost = false;
  ASSERT_TRUE(a->tick() && b->tick());
  taken += take_all(*a, of_a, kCent) + take_all(*b, of_b, kCent);
  EXPECT_LE(taken, 100);
}

TEST_F(BudgetLedgerTest, WhileTheStoreIsLostDenyAndAllowDoWhatTheySay) {
  auto denies = node("a", StoreLoss::kDeny);
  auto allows = node("b", StoreLoss::kAllow);
  auto of_a = denies->account("key:k", budget(kDollar));
  auto of_b = allows->account("key:m", budget(kDollar));
  database_->lost = true;
  EXPECT_FALSE(take(*denies, of_a, kCent));
  EXPECT_EQ(last_error_.code, ErrorCode::kUnavailable);
  for (int i = 0; i < 150; ++i) ASSERT_TRUE(take(*allows, of_b, kCent));
  database_->lost = false;
  EXPECT_FALSE(take(*allows, of_b, kCent));
  EXPECT_EQ(last_error_.reason, "insufficient_quota");
  auto other = node("c");
  EXPECT_FALSE(take(*other, other->account("key:m", budget(kDollar)), kCent));
}

TEST_F(BudgetLedgerTest, WhatCostsNothingNeedsNoBudget) {
  auto ledger = node("a");
  auto account = ledger->account("key:k", budget({0}));
  EXPECT_TRUE(account->reserve({0}, clock_.now()));
  EXPECT_EQ(database_->writes, 0);
}

TEST_F(BudgetLedgerTest, MetricsTellThisNodesPart) {
  auto ledger = node("a");
  auto account = ledger->account("group:acme", budget(kDollar));
  ASSERT_TRUE(take(*ledger, account, kCent));
  observability::PrometheusText out;
  ledger->write_metrics(out);
  std::string text = out.take();
  EXPECT_NE(text.find("penstock_budget_reserved_usd{holder=\"group:acme\",per=\"month\"} 0.01"),
            std::string::npos)
      << text;
}

}  // namespace
}  // namespace penstock::gateway
