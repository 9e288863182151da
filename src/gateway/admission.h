#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "access/snapshot.h"
#include "core/clock.h"
#include "core/http_message.h"
#include "core/result.h"
#include "core/task.h"
#include "core/units.h"
#include "gateway/budget_ledger.h"
#include "observability/prometheus_text.h"

namespace penstock::gateway {

// Whether the client named the most output tokens it wants, or a default is taken for it.
enum class OutputBound : uint8_t { kStated, kAssumed };

// What a call asks to be let in for. Views live for the call of `admit`.
struct Demand {
  std::string_view principal;  // Request::principal
  std::string_view endpoint;   // "chat.completions"
  std::string_view model;      // as the client asked
  int64_t input_tokens = 0;    // an estimate
  int64_t output_tokens_max = 0;
  OutputBound output_bound = OutputBound::kStated;
  // The most it may cost at any target that may answer; nullopt: it has no price.
  std::optional<Money> cost_max;
  Timestamp started_at;  // the record's; decides which period of a budget pays
};

struct Subject;

// What an admitted call holds: its share of limits, concurrency and budgets. Destroyed unsettled it gives
// everything back, from any thread. It may outlive the snapshot it was admitted under, not the Admission.
class Reservation {
 public:
  Reservation() = default;  // holds nothing
  Reservation(Reservation&& other) noexcept;
  Reservation& operator=(Reservation&& other) noexcept;
  ~Reservation();

  // Charges what was really used, gives the rest back, and leaves the concurrency limits. Once; before or
  // after the record is written. Without a price, `cost` is zero.
  void settle(const TokenCounts& tokens, Money cost);

  // For the record; empty where no key called.
  std::string_view key_name() const;
  std::string_view key_id() const;
  std::string_view group() const;

  // x-ratelimit-{limit,remaining,reset}-{requests,tokens} of the tightest limits, as OpenAI names them, and
  // x-penstock-budget-warning where a budget is used to its soft share. Nothing where nothing limits.
  void add_rate_headers(Headers& headers) const;

 private:
  friend class Admission;
  void give_back();
  int64_t units_of(size_t rate) const;
  int64_t now_us() const;

  std::shared_ptr<const Subject> subject_;
  // How many of the subject's limits of each sort are held, in their order.
  size_t gates_ = 0;
  size_t rates_ = 0;
  size_t budgets_ = 0;
  std::unique_ptr<int64_t[]> marks_;  // of each rate limit: RateLimit::Outcome::mark
  int64_t replicas_ = 1;
  int64_t input_tokens_ = 0;
  int64_t output_tokens_ = 0;
  OutputBound output_bound_ = OutputBound::kStated;
  Money cost_;
  Timestamp started_at_;
};

// Decides which calls are let in: scopes, then the limits and budgets of the caller's key and of every group
// above it. Thread-safe. Without a lock, I/O or a wait while leased budget lasts; the state of a limit
// survives new snapshots as long as its holder, kind and period stay. With several gateways on one store
// (BudgetLedger::replicas) each enforces its part of every rate and concurrency: 1/N of it.
class Admission {
 public:
  // Both outlive it.
  Admission(BudgetLedger& budgets, const Clock& clock);
  ~Admission();

  // Works with `snapshot` from now on. O(keys); not for event loops. To be called after every change of the
  // directory, and before the first admit.
  void update(std::shared_ptr<const access::Snapshot> snapshot);

  // kPermissionDenied with reason "model_not_allowed", "endpoint_not_allowed" or "model_not_priced" (a budget
  // applies, and the model has no price); kRateLimited with reason "rate_limit_exceeded" or
  // "insufficient_quota". `retry_after_ms` is set exactly when the same call may be let in later: without it
  // the client is to be told x-should-retry: false. kUnauthenticated for a principal that does not exist (any
  // more). kUnavailable when budget must be fetched and its store is lost (`state.on_store_loss: deny`).
  // Cancelled (destroyed) at any point it holds nothing.
  Task<Result<Reservation>> admit(Demand demand);

  // The same without waiting; nullopt: a budget must be fetched first, which `admit` does. Allocates nothing
  // but the reservation's marks.
  std::optional<Result<Reservation>> admit_at_once(const Demand& demand);

  // Refusals by reason since the process began.
  void write_metrics(observability::PrometheusText& out) const;

 private:
  struct Attempt;
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace penstock::gateway
