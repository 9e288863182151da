#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "access/snapshot.h"
#include "core/clock.h"
#include "gateway/budget_ledger.h"
#include "gateway/limiter.h"

// What stands between a caller and its calls, made ready for the request path.
namespace penstock::gateway {

struct RateHold {
  std::shared_ptr<RateLimit> limit;
  access::LimitKind kind = access::LimitKind::kRequests;
  int64_t amount = 1;
  int64_t period_us = 1;
  std::string holder;  // "key:<id>" or "group:<path>"

  Rate rate(int64_t replicas) const {
    return {.amount = amount, .period_us = period_us, .replicas = replicas};
  }
};

struct GateHold {
  std::shared_ptr<ConcurrencyLimit> limit;
  int64_t amount = 1;
  std::string holder;

  int64_t amount_of(int64_t replicas) const { return std::max<int64_t>(1, amount / replicas); }
};

// A caller with the limits and budgets of its key and of every group above it, its own first.
struct Subject {
  const access::Principal* principal = nullptr;  // lives as long as `snapshot`
  std::shared_ptr<const access::Snapshot> snapshot;
  const Clock* clock = nullptr;
  std::vector<const access::Scopes*> scopes;
  std::vector<GateHold> gates;
  std::vector<RateHold> rates;
  std::vector<std::shared_ptr<BudgetAccount>> budgets;
};

struct SubjectHash {
  using is_transparent = void;
  size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
};
using Subjects =
    std::unordered_map<std::string, std::shared_ptr<const Subject>, SubjectHash, std::equal_to<>>;

// What a limit of `kind` counts of a call.
int64_t units_of(access::LimitKind kind, int64_t input_tokens, int64_t output_tokens);

// Makes subjects of snapshots. The state of a limit lives on from one to the next as long as its holder, kind
// and period stay. One thread at a time.
class SubjectBuilder {
 public:
  // Both outlive it.
  SubjectBuilder(BudgetLedger& budgets, const Clock& clock) : budgets_(budgets), clock_(clock) {}

  // Everybody who may call under `snapshot`. O(keys).
  Subjects build(const std::shared_ptr<const access::Snapshot>& snapshot);

 private:
  template <class Limit>
  using States = std::map<std::tuple<std::string, access::LimitKind, int64_t>, std::weak_ptr<Limit>>;

  void add_limits(Subject& subject, const std::string& holder, const std::vector<access::Limit>& limits);
  void add_holder(Subject& subject, const std::string& holder, const access::Scopes& scopes,
                  const std::vector<access::Limit>& limits, const std::optional<access::Budget>& budget);

  BudgetLedger& budgets_;
  const Clock& clock_;
  States<RateLimit> rates_;
  States<ConcurrencyLimit> gates_;
  std::vector<std::shared_ptr<BudgetAccount>> shown_;
};

}  // namespace penstock::gateway
