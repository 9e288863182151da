#include "access/principal.h"

#include <algorithm>
#include <array>
#include <utility>

namespace penstock::access {
namespace {

constexpr std::array<std::string_view, 5> kLimitKinds = {"requests", "tokens", "input_tokens",
                                                         "output_tokens", "concurrent"};
constexpr std::array<std::string_view, 5> kPeriods = {"hour", "day", "week", "month", "total"};

template <class Enum, size_t kCount>
std::optional<Enum> position_of(const std::array<std::string_view, kCount>& names, std::string_view name) {
  auto found = std::ranges::find(names, name);
  if (found == names.end()) return std::nullopt;
  return static_cast<Enum>(found - names.begin());
}

}  // namespace

std::string_view limit_kind_name(LimitKind kind) { return kLimitKinds[std::to_underlying(kind)]; }
std::optional<LimitKind> parse_limit_kind(std::string_view name) {
  return position_of<LimitKind>(kLimitKinds, name);
}

std::string_view period_name(Period period) { return kPeriods[std::to_underlying(period)]; }
std::optional<Period> parse_period(std::string_view name) { return position_of<Period>(kPeriods, name); }

// The last '*' met is the only one that ever has to give way.
bool glob_matches(std::string_view pattern, std::string_view text) {
  size_t p = 0;
  size_t t = 0;
  size_t star = std::string_view::npos;
  size_t resume = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

bool admits(const std::vector<std::string>& globs, std::string_view name) {
  return globs.empty() ||
         std::ranges::any_of(globs, [name](const std::string& glob) { return glob_matches(glob, name); });
}

}  // namespace penstock::access
