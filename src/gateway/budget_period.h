#pragma once

#include <cstdint>

#include "access/principal.h"
#include "core/units.h"

namespace penstock::gateway {

// One period of a budget: [starts_at, ends_at).
struct PeriodSpan {
  Timestamp starts_at;
  Timestamp ends_at;  // kForever for a budget that never starts anew
  bool holds(Timestamp at) const { return starts_at <= at && at < ends_at; }
  bool operator==(const PeriodSpan&) const = default;
};
inline constexpr Timestamp kForever{INT64_MAX};

// The period of the calendar (UTC; weeks begin on Monday) that `at` lies in.
PeriodSpan period_at(access::Period period, Timestamp at);

}  // namespace penstock::gateway
