#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string>
#include <utility>

#include "access/principal.h"
#include "core/units.h"
#include "gateway/budget_period.h"

namespace penstock::gateway {

// One budget on this node: money leased from the store, spent from memory. Lock-free but where said
// otherwise; any thread.
class BudgetAccount {
 public:
  BudgetAccount(std::string holder, access::Budget budget);

  const std::string& holder() const { return holder_; }
  access::Budget budget() const { return {.amount = {amount_.load(std::memory_order_relaxed)}, .per = per_}; }

  // Takes `cost` from what is leased for the period of `at`; false: that does not suffice.
  bool reserve(Money cost, Timestamp at);
  // Of a reservation of `reserved` in the period of `at`: charges `spent`, whatever that is, frees the rest.
  void settle(Money reserved, Money spent, Timestamp at);

  // What is known here of the period of `at`.
  Money spent(Timestamp at) const;
  Money reserved(Timestamp at) const;

 private:
  friend class BudgetLedger;

  // The money of one period. free + reserved + spent == leased + unconfirmed.
  struct Slice {
    std::atomic<int64_t> starts_at_us{INT64_MAX};  // INT64_MAX: unused
    std::atomic<int64_t> ends_at_us{INT64_MIN};
    std::atomic<int64_t> free{0};  // below zero: a call cost more than it had reserved
    std::atomic<int64_t> reserved{0};
    std::atomic<int64_t> spent{0};
    std::atomic<int64_t> touched{0};      // reservations, to see whether it is in use
    std::atomic<int64_t> unconfirmed{0};  // spent on trust while the store was lost
  };

  const Slice* slice_at(Timestamp at) const;
  Slice* slice_at(Timestamp at) { return const_cast<Slice*>(std::as_const(*this).slice_at(at)); }

  // A call may settle up to kSlices - 1 periods after the one it began in; later nothing is left to settle.
  static constexpr size_t kSlices = 4;

  const std::string holder_;
  const access::Period per_;
  std::atomic<int64_t> amount_;
  std::array<Slice, kSlices> slices_;
};

}  // namespace penstock::gateway
