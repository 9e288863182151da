#include "api/mlflow/proto_time.h"

#include <fmt/format.h>

#include <chrono>

#include "core/text.h"

namespace penstock::api::mlflow {
namespace {

constexpr int64_t kMsPerSecond = 1000;
constexpr int64_t kMsPerDay = 86'400'000;
constexpr int64_t kSecondsMax = 315'576'000'000;  // of a Duration: 10,000 years

// A number of exactly `digits` digits at the front of `text`, taken off.
std::optional<int64_t> take_digits(std::string_view& text, size_t digits) {
  if (text.size() < digits) return std::nullopt;
  std::optional<int64_t> number = parse_int(text.substr(0, digits));
  text.remove_prefix(digits);
  return number;
}

bool take(std::string_view& text, std::string_view signs) {
  if (text.empty() || !signs.contains(text.front())) return false;
  text.remove_prefix(1);
  return true;
}

// ".678" -> 678; nothing there is 0.
std::optional<int64_t> take_fraction_ms(std::string_view& text) {
  if (!take(text, ".")) return 0;
  size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  if (digits == 0 || digits > 9) return std::nullopt;
  std::string padded(text.substr(0, digits));
  text.remove_prefix(digits);
  padded.resize(3, '0');
  return parse_int(padded);
}

// "Z" or "+01:30", in milliseconds east of UTC.
std::optional<int64_t> take_offset_ms(std::string_view& text) {
  if (take(text, "Zz")) return 0;
  bool west = text.starts_with('-');
  if (!take(text, "+-")) return std::nullopt;
  std::optional<int64_t> hours = take_digits(text, 2);
  if (!hours || !take(text, ":")) return std::nullopt;
  std::optional<int64_t> minutes = take_digits(text, 2);
  if (!minutes || *hours > 23 || *minutes > 59) return std::nullopt;
  int64_t offset = (*hours * 60 + *minutes) * 60 * kMsPerSecond;
  return west ? -offset : offset;
}

}  // namespace

std::optional<int64_t> parse_timestamp_ms(std::string_view text) {
  std::optional<int64_t> year = take_digits(text, 4);
  if (!year || !take(text, "-")) return std::nullopt;
  std::optional<int64_t> month = take_digits(text, 2);
  if (!month || !take(text, "-")) return std::nullopt;
  std::optional<int64_t> day = take_digits(text, 2);
  if (!day || !take(text, "Tt")) return std::nullopt;
  std::optional<int64_t> hour = take_digits(text, 2);
  if (!hour || !take(text, ":")) return std::nullopt;
  std::optional<int64_t> minute = take_digits(text, 2);
  if (!minute || !take(text, ":")) return std::nullopt;
  std::optional<int64_t> second = take_digits(text, 2);
  if (!second || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  std::optional<int64_t> fraction = take_fraction_ms(text);
  std::optional<int64_t> offset = take_offset_ms(text);
  if (!fraction || !offset || !text.empty()) return std::nullopt;
  std::chrono::year_month_day date(std::chrono::year(static_cast<int>(*year)),
                                   std::chrono::month(static_cast<unsigned>(*month)),
                                   std::chrono::day(static_cast<unsigned>(*day)));
  if (!date.ok()) return std::nullopt;
  int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  int64_t seconds = (*hour * 60 + *minute) * 60 + *second;
  return days * kMsPerDay + seconds * kMsPerSecond + *fraction - *offset;
}

std::string timestamp_text(int64_t ms) {
  std::chrono::sys_time<std::chrono::milliseconds> time{std::chrono::milliseconds(ms)};
  auto day = std::chrono::floor<std::chrono::days>(time);
  std::chrono::year_month_day date(day);
  int64_t of_day = (time - day).count();
  std::string text = fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", static_cast<int>(date.year()),
                                 static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                                 of_day / 3'600'000, of_day / 60'000 % 60, of_day / kMsPerSecond % 60);
  if (of_day % kMsPerSecond != 0) text += fmt::format(".{:03}", of_day % kMsPerSecond);
  return text + "Z";
}

std::optional<int64_t> parse_duration_ms(std::string_view text) {
  bool negative = take(text, "-");
  if (!text.ends_with('s')) return std::nullopt;
  text.remove_suffix(1);
  size_t digits = std::min(text.find('.'), text.size());
  std::optional<int64_t> seconds = parse_int(text.substr(0, digits));
  text.remove_prefix(digits);
  std::optional<int64_t> fraction = take_fraction_ms(text);
  if (!seconds || !fraction || !text.empty() || *seconds > kSecondsMax) return std::nullopt;
  int64_t ms = *seconds * kMsPerSecond + *fraction;
  return negative ? -ms : ms;
}

std::string duration_text(int64_t ms) {
  uint64_t absolute = ms < 0 ? 0 - static_cast<uint64_t>(ms) : static_cast<uint64_t>(ms);
  std::string text = fmt::format("{}{}", ms < 0 ? "-" : "", absolute / kMsPerSecond);
  if (absolute % kMsPerSecond != 0) text += fmt::format(".{:03}", absolute % kMsPerSecond);
  return text + "s";
}

}  // namespace penstock::api::mlflow
