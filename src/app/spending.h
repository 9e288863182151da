#pragma once

#include <atomic>
#include <filesystem>
#include <memory>

#include "access/directory.h"
#include "app/settings.h"
#include "core/blocking_pool.h"
#include "core/task_group.h"
#include "core/wakeup.h"
#include "gateway/admission.h"
#include "gateway/budget_ledger.h"
#include "gateway/price_book.h"
#include "gateway/spend_journal.h"
#include "http/event_loops.h"
#include "observability/cost_store.h"
#include "observability/record_follower.h"
#include "observability/request_log.h"
#include "storage/database/database.h"
#include "storage/journal/journal.h"

namespace penstock::app {

// Everything that counts money and limits in a running server, and the task that keeps it in step with the
// stores: prices, budgets and their leases, the journal of what is being spent, costs by the hour.
class Spending {
 public:
  // Opens DATA/journal/spend, settles in `log` what a dead process left open, counts what it had not counted,
  // gives back what it had leased and not spent, and reads prices.
  // What it is given outlives it.
  struct Stores {
    database::Database& database;
    journal::Journal& requests;
    observability::RequestLog& log;
    access::Directory& directory;
  };
  static Result<std::unique_ptr<Spending>> open(const Settings& settings, const std::filesystem::path& data,
                                                const Stores& stores);

  // Starts keeping step on one of `loops`, until stop(), which gives unspent leases back. Blocks until it
  // has; not on a loop.
  void start(http::EventLoops& loops);
  void stop();

  gateway::Admission& admission() { return *admission_; }
  gateway::BudgetLedger& budgets() { return *budgets_; }
  gateway::PriceBook& prices() { return *prices_; }
  gateway::SpendJournal& journal() { return *spend_; }

 private:
  static constexpr int64_t kTickMs = 1'000;

  Spending() : pool_({.name = "spending", .threads = 1, .queue_max = 16}) {}
  Task<> keep_step();
  Result<void> tick();

  std::unique_ptr<journal::Journal> journal_;
  std::unique_ptr<gateway::SpendJournal> spend_;
  std::unique_ptr<gateway::PriceBook> prices_;
  std::unique_ptr<gateway::BudgetLedger> budgets_;
  std::unique_ptr<gateway::Admission> admission_;
  observability::CostRollup rollup_;
  std::unique_ptr<observability::RecordFollower> follower_;
  BlockingPool pool_;
  std::atomic<bool> stopping_{false};
  Wakeup wakeup_;
  TaskGroup tasks_;
};

}  // namespace penstock::app
