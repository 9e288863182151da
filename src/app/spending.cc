#include "app/spending.h"

#include "core/file.h"
#include "core/log.h"
#include "core/random.h"
#include "core/uuid.h"
#include "gateway/spend_recovery.h"

namespace penstock::app {
namespace {

// A data directory is one node for ever, wherever it is moved: what a dead process of it had leased is found
// by this name.
Result<std::string> node_name(const std::filesystem::path& data) {
  constexpr size_t kBytesMax = 256;
  std::filesystem::path path = data / "node";
  if (std::filesystem::exists(path)) return read_file(path, kBytesMax);
  std::string name = Uuid::v7(system_clock(), system_random()).text();
  RETURN_IF_ERROR(replace_file(path, name));
  return name;
}

}  // namespace

Result<std::unique_ptr<Spending>> Spending::open(const Settings& settings, const std::filesystem::path& data,
                                                 const Stores& stores) {
  std::unique_ptr<Spending> spending(new Spending);
  // What a power loss takes of this journal had no answer yet, so it may reach the disk later than records.
  constexpr int64_t kSyncMs = 50;
  // Recovery reads from the last mark on, so what is older has served its purpose.
  constexpr int64_t kRetentionUs = 7 * int64_t{86'400'000'000};
  ASSIGN_OR_RETURN(spending->journal_, journal::Journal::open({.directory = data / "journal" / "spend",
                                                               .sync_interval_ms = kSyncMs,
                                                               .retention_us_max = kRetentionUs}));
  ASSIGN_OR_RETURN(gateway::SpendRecovery recovered,
                   gateway::recover_spend(*spending->journal_, stores.requests, stores.log, system_clock()));
  if (recovered.settled > 0) {
    log_warn("calls that the last process left open were settled by what was known of them",
             {{"calls", recovered.settled}});
  }
  spending->spend_ = std::make_unique<gateway::SpendJournal>(*spending->journal_, system_clock());
  spending->prices_ = std::make_unique<gateway::PriceBook>(stores.database, system_clock());
  RETURN_IF_ERROR(spending->prices_->configure(settings.prices));
  ASSIGN_OR_RETURN(std::string node, node_name(data));
  spending->budgets_ = std::make_unique<gateway::BudgetLedger>(
      stores.database, system_clock(),
      gateway::LedgerOptions{.node = node, .on_store_loss = settings.state.on_store_loss});
  spending->admission_ = std::make_unique<gateway::Admission>(*spending->budgets_, system_clock());
  stores.directory.watch(
      [admission = spending->admission_.get()](const auto& snapshot) { admission->update(snapshot); });
  std::vector<observability::RecordSink*> sinks = {&spending->rollup_, spending->budgets_.get()};
  spending->follower_ = std::make_unique<observability::RecordFollower>(
      stores.requests, stores.log, stores.database, "cost", node, std::move(sinks));
  RETURN_IF_ERROR(spending->follower_->catch_up());
  RETURN_IF_ERROR(spending->budgets_->recover());
  return spending;
}

void Spending::start(http::EventLoops& loops) { tasks_.spawn(loops.executor(0), "spending", keep_step()); }

void Spending::stop() {
  if (stopping_.exchange(true)) return;
  wakeup_.notify();
  tasks_.wait(INT32_MAX);
  if (auto counted = follower_->catch_up(); !counted) {
    log_warn("costs are not counted to the end; they are at the next start",
             {{"error", counted.error().message}});
  }
  if (Result<void> closed = budgets_->close(); !closed) {
    log_warn("unspent leases could not be given back; they are at the next start",
             {{"error", closed.error().message}});
  }
}

Task<> Spending::keep_step() {
  while (!stopping_) {
    co_await wakeup_.wait(kTickMs);
    if (stopping_) break;
    auto work = [this] { return tick(); };
    Result<void> ticked = co_await pool_.run(std::move(work));
    if (!ticked) log_warn("spending is not in step with its stores", {{"error", ticked.error().message}});
  }
}

// One step that fails keeps none of the others from being done.
Result<void> Spending::tick() {
  Result<void> outcome = spend_->mark();
  auto then = [&outcome](Result<void> step) {
    if (outcome) outcome = std::move(step);
  };
  then(prices_->refresh());
  auto counted = follower_->catch_up();
  then(counted ? Result<void>{} : Failure(std::move(counted).error()));
  then(budgets_->tick());
  return outcome;
}

}  // namespace penstock::app
