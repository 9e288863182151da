#include "gateway/budget_period.h"

#include <chrono>

namespace penstock::gateway {
namespace {

using namespace std::chrono;
using Instant = sys_time<microseconds>;

PeriodSpan span(Instant from, Instant to) {
  return {.starts_at = {from.time_since_epoch().count()}, .ends_at = {to.time_since_epoch().count()}};
}

}  // namespace

PeriodSpan period_at(access::Period period, Timestamp at) {
  const Instant instant{microseconds(at.us)};
  const sys_days day = floor<days>(instant);
  switch (period) {
    case access::Period::kHour: {
      auto hour = floor<hours>(instant);
      return span(hour, hour + hours(1));
    }
    case access::Period::kDay:
      return span(day, day + days(1));
    case access::Period::kWeek: {
      sys_days monday = day - (weekday(day) - Monday);
      return span(monday, monday + days(7));
    }
    case access::Period::kMonth: {
      year_month_day date(day);
      year_month month = date.year() / date.month();
      return span(sys_days(month / 1), sys_days((month + months(1)) / 1));
    }
    case access::Period::kTotal:
      break;
  }
  return {.starts_at = {0}, .ends_at = kForever};
}

}  // namespace penstock::gateway
