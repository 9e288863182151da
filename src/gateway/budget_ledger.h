#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "access/principal.h"
#include "core/clock.h"
#include "core/result.h"
#include "core/task.h"
#include "gateway/budget_account.h"
#include "gateway/state_config.h"
#include "observability/prometheus_text.h"
#include "observability/record_follower.h"
#include "storage/database/database.h"

namespace penstock::gateway {

// How a budget stands in its current period. Of this node `spent` and `reserved` are exact; what other nodes
// have spent is as of their last report, seconds ago.
struct BudgetUsage {
  std::string holder;  // "key:<id>" or "group:<path>"
  access::Budget budget;
  Money spent;
  Money reserved;          // by calls in progress here
  Money leased_elsewhere;  // to other nodes and not spent there
  Money remaining;         // amount - spent - reserved, at least zero
  PeriodSpan period;
};

struct LedgerOptions {
  std::string node;  // this gateway's own name for ever: what a dead process leased is found by it
  StoreLoss on_store_loss = StoreLoss::kShare;
};

// All budgets that this node knows, and the money it has leased for them from the store that all nodes share
// (the table budget_leases). A thread of its own talks to the store, once per budget for all that wait.
// Thread-safe.
//
// What nodes have leased is never more than the amount, and only leased money is spent; so together they
// overspend nothing, but for calls that cost more than they had reserved, which the next ones pay. A node
// leases a part of what is left, and gives back at each tick what it seems not to need. What a killed node
// had leased stays taken until it comes back, and recover() gives back what it had not spent.
class BudgetLedger : public observability::RecordSink {
 public:
  static constexpr int64_t kReplicaSilentUs = 15'000'000;  // then a node no longer counts as a replica
  static constexpr int64_t kAskAgainUs = 1'000'000;        // a budget found used up is not asked for before
  static constexpr int64_t kLeaseParts = 4;  // a node leases 1/(parts * replicas) of what is left

  // `database` and `clock` outlive it.
  BudgetLedger(database::Database& database, const Clock& clock, LedgerOptions options);
  ~BudgetLedger() override;  // nobody waits in fetch()
  BudgetLedger(const BudgetLedger&) = delete;
  BudgetLedger& operator=(const BudgetLedger&) = delete;

  // The account of a holder, the same for as long as the period stays; another amount is taken over.
  std::shared_ptr<BudgetAccount> account(std::string_view holder, const access::Budget& budget);

  // From now on only these are shown by usage() and metrics; the others exist no more, but calls that began
  // under them still settle.
  void show_only(std::span<const std::shared_ptr<BudgetAccount>> accounts);

  // Gets at least `cost` for the period of `at` if the store has it: then reserve() is worth another try.
  // kRateLimited, reason "insufficient_quota": the budget has not so much left. kUnavailable: the store is
  // lost and `on_store_loss` says so.
  Task<Result<void>> fetch(std::shared_ptr<BudgetAccount> account, Money cost, Timestamp at);

  // Blocking, from here on.
  // At start, after every account is known and every record of the dead process has been counted
  // (count): gives back what it had leased and not spent.
  Result<void> recover();
  // Every second or so: reports that the node lives, gives back what is idle or of a past period.
  Result<void> tick();
  // How many nodes live, as of the last tick; at least 1.
  int64_t replicas() const;
  // Gives back everything that is free. Nothing is admitted afterwards.
  Result<void> close();
  // Every budget that is shown, by holder.
  Result<std::vector<BudgetUsage>> usage();

  // This node's part of the first kMetricsMax budgets. Not blocking.
  static constexpr size_t kMetricsMax = 64;
  void write_metrics(observability::PrometheusText& out) const;

  // Counts what was spent, for those budgets that are known.
  Result<void> count(database::Connection& connection, const observability::HourlyCosts& costs) override;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace penstock::gateway
