#include "registry/iso_time.h"

#include <fmt/format.h>

#include <chrono>

#include "core/text.h"

namespace penstock::registry {
namespace {

constexpr int64_t kSecondUs = 1'000'000;

// The number that `digits` signs of `text` from `at` on are.
std::optional<int> number_at(std::string_view text, size_t at, size_t digits) {
  if (at + digits > text.size()) return std::nullopt;
  auto number = parse_int(text.substr(at, digits));
  return number ? std::optional<int>(static_cast<int>(*number)) : std::nullopt;
}

struct Part {
  size_t at;
  size_t digits;
  int min;
  int max;
};

// "+01:30", "-08:00" or "Z" in seconds.
std::optional<int64_t> offset_of(std::string_view text) {
  if (text == "Z" || text == "z") return 0;
  if (text.size() != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':') return std::nullopt;
  auto hours = number_at(text, 1, 2);
  auto minutes = number_at(text, 4, 2);
  if (!hours || !minutes || *hours > 23 || *minutes > 59) return std::nullopt;
  int64_t seconds = *hours * 3600 + *minutes * 60;
  return text[0] == '-' ? -seconds : seconds;
}

}  // namespace

std::string iso_time(Timestamp at) {
  std::chrono::sys_time<std::chrono::microseconds> time{std::chrono::microseconds(at.us)};
  auto day = std::chrono::floor<std::chrono::days>(time);
  std::chrono::year_month_day date(day);
  std::chrono::hh_mm_ss clock(time - day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count(),
                     clock.subseconds().count());
}

std::optional<Timestamp> parse_iso_time(std::string_view text) {
  constexpr Part kParts[] = {{0, 4, 1970, 9999}, {5, 2, 1, 12},  {8, 2, 1, 31},
                             {11, 2, 0, 23},     {14, 2, 0, 59}, {17, 2, 0, 60}};
  bool shaped = text.size() >= 20 && text[4] == '-' && text[7] == '-' &&
                (text[10] == 'T' || text[10] == 't' || text[10] == ' ') && text[13] == ':' && text[16] == ':';
  if (!shaped) return std::nullopt;
  int values[6];
  for (size_t i = 0; i < 6; ++i) {
    auto number = number_at(text, kParts[i].at, kParts[i].digits);
    if (!number || *number < kParts[i].min || *number > kParts[i].max) return std::nullopt;
    values[i] = *number;
  }
  size_t end = 19;
  int64_t micros = 0;
  if (text[end] == '.') {
    int64_t unit = kSecondUs / 10;
    for (++end; end < text.size() && text[end] >= '0' && text[end] <= '9'; ++end, unit /= 10) {
      micros += (text[end] - '0') * unit;
    }
  }
  auto offset = offset_of(text.substr(end));
  std::chrono::year_month_day date(std::chrono::year(values[0]),
                                   std::chrono::month(static_cast<unsigned>(values[1])),
                                   std::chrono::day(static_cast<unsigned>(values[2])));
  if (!offset || !date.ok()) return std::nullopt;
  int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  int64_t seconds = days * 86'400 + values[3] * 3600 + values[4] * 60 + values[5] - *offset;
  return Timestamp{seconds * kSecondUs + micros};
}

}  // namespace penstock::registry
