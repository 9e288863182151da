#include "gateway/budget_account.h"

#include <algorithm>
#include <utility>

namespace penstock::gateway {

int64_t BudgetSlice::take_free(int64_t most) {
  int64_t available = free.load(std::memory_order_relaxed);
  while (true) {
    int64_t taken = std::clamp<int64_t>(available, 0, most);
    if (taken == 0 || free.compare_exchange_weak(available, available - taken)) return taken;
  }
}

const BudgetSlice* BudgetAccount::slice_at(Timestamp at) const {
  for (const BudgetSlice& slice : slices_) {
    if (slice.holds(at)) return &slice;
  }
  return nullptr;
}

BudgetSlice* BudgetAccount::slice_at(Timestamp at) {
  return const_cast<BudgetSlice*>(std::as_const(*this).slice_at(at));
}

bool BudgetAccount::reserve(Money cost, Timestamp at) {
  if (cost.nano_usd == 0) return true;  // what costs nothing needs no budget
  BudgetSlice* slice = slice_at(at);
  if (slice == nullptr) return false;
  int64_t available = slice->free.load(std::memory_order_relaxed);
  do {
    if (available < cost.nano_usd) return false;
  } while (!slice->free.compare_exchange_weak(available, available - cost.nano_usd));
  slice->reserved.fetch_add(cost.nano_usd, std::memory_order_relaxed);
  return true;
}

void BudgetAccount::settle(Money reserved, Money spent, Timestamp at) {
  BudgetSlice* slice = slice_at(at);
  if (slice == nullptr) return;
  slice->reserved.fetch_sub(reserved.nano_usd, std::memory_order_relaxed);
  slice->spent.fetch_add(spent.nano_usd, std::memory_order_relaxed);
  slice->free.fetch_add(reserved.nano_usd - spent.nano_usd);
}

int64_t BudgetAccount::used_percent(Timestamp at) const {
  const BudgetSlice* slice = slice_at(at);
  int64_t amount = amount_.load(std::memory_order_relaxed);
  if (slice == nullptr || amount == 0) return 0;
  __int128 used = static_cast<__int128>(slice->spent.load(std::memory_order_relaxed)) +
                  slice->reserved.load(std::memory_order_relaxed) +
                  slice->elsewhere.load(std::memory_order_relaxed);
  return static_cast<int64_t>(used * 100 / amount);
}

BudgetSlice& BudgetAccount::begin(const PeriodSpan& period) {
  constexpr int64_t kUnused = std::numeric_limits<int64_t>::max();
  // An unused slice if there is one, else the oldest.
  auto age = [](const BudgetSlice& slice) {
    int64_t starts = slice.starts_at_us.load();
    return starts == kUnused ? std::numeric_limits<int64_t>::min() : starts;
  };
  BudgetSlice& slice = *std::ranges::min_element(slices_, {}, age);
  slice.starts_at_us.store(kUnused, std::memory_order_release);
  slice.free.store(0);
  slice.reserved.store(0);
  slice.spent.store(0);
  slice.elsewhere.store(0);
  slice.ends_at_us.store(period.ends_at.us, std::memory_order_release);
  slice.starts_at_us.store(period.starts_at.us, std::memory_order_release);
  return slice;
}

}  // namespace penstock::gateway
