#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <limits>
#include <string>

#include "access/principal.h"
#include "core/units.h"
#include "gateway/budget_period.h"

namespace penstock::gateway {

// The money of one budget and period on this node. What has been leased from the store is free, reserved by
// calls in progress, or spent; nothing else happens to it here. Lock-free; any thread.
struct BudgetSlice {
  std::atomic<int64_t> starts_at_us{std::numeric_limits<int64_t>::max()};  // of its period; unused: never
  std::atomic<int64_t> ends_at_us{std::numeric_limits<int64_t>::min()};
  std::atomic<int64_t> free{0};  // below zero: calls cost more than they had reserved
  std::atomic<int64_t> reserved{0};
  std::atomic<int64_t> spent{0};
  std::atomic<int64_t> elsewhere{0};  // leased by other nodes, as last seen

  bool holds(Timestamp at) const {
    return starts_at_us.load(std::memory_order_acquire) <= at.us &&
           at.us < ends_at_us.load(std::memory_order_acquire);
  }
  PeriodSpan period() const { return {{starts_at_us.load()}, {ends_at_us.load()}}; }
  // Takes up to `most` that is free; returns how much.
  int64_t take_free(int64_t most);
};

// One budget on this node: what is leased for the current period and for some past ones, in which calls that
// began there still settle.
class BudgetAccount {
 public:
  static constexpr size_t kSlices = 4;

  BudgetAccount(std::string holder, const access::Budget& budget)
      : holder_(std::move(holder)), per_(budget.per), amount_(budget.amount.nano_usd) {}

  const std::string& holder() const { return holder_; }  // "key:<id>" or "group:<path>"
  access::Period per() const { return per_; }
  Money amount() const { return {amount_.load(std::memory_order_relaxed)}; }
  void set_amount(Money amount) { amount_.store(amount.nano_usd, std::memory_order_relaxed); }

  // Takes `cost` from what is free in the period of `at`; false: that is not enough.
  bool reserve(Money cost, Timestamp at);
  // The share of the budget that is spent, reserved or leased elsewhere in the period of `at`, in percent.
  int64_t used_percent(Timestamp at) const;
  // Of a reservation made with the same `at`: charges `spent`, whatever it is, and frees the rest. After
  // kSlices - 1 more periods there is nothing left to settle.
  void settle(Money reserved, Money spent, Timestamp at);

  // The slice of the period of `at`; null: nothing has been leased for it here.
  BudgetSlice* slice_at(Timestamp at);
  const BudgetSlice* slice_at(Timestamp at) const;
  // Makes the oldest slice the one of `period`, empty. One thread at a time.
  BudgetSlice& begin(const PeriodSpan& period);
  std::array<BudgetSlice, kSlices>& slices() { return slices_; }

 private:
  const std::string holder_;
  const access::Period per_;
  std::atomic<int64_t> amount_;
  std::array<BudgetSlice, kSlices> slices_;
};

}  // namespace penstock::gateway
