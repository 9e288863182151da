#include "observability/traces/trace.h"

#include <algorithm>
#include <array>
#include <utility>

namespace penstock::traces {
namespace {

constexpr std::array<std::string_view, 4> kStates = {"STATE_UNSPECIFIED", "OK", "ERROR", "IN_PROGRESS"};
constexpr std::array<std::string_view, 3> kKinds = {"feedback", "expectation", "issue"};

}  // namespace

std::string_view state_name(TraceState state) { return kStates[std::to_underlying(state)]; }

std::optional<TraceState> parse_state(std::string_view name) {
  auto found = std::ranges::find(kStates, name);
  if (found == kStates.end()) return std::nullopt;
  return static_cast<TraceState>(found - kStates.begin());
}

std::string_view kind_name(AssessmentKind kind) { return kKinds[std::to_underlying(kind)]; }

std::string_view character_prefix(std::string_view text, size_t characters) {
  if (text.size() <= characters) return text;
  size_t at = 0;
  while (at < text.size()) {
    bool starts = (static_cast<unsigned char>(text[at]) & 0xc0) != 0x80;
    if (starts && characters-- == 0) break;
    ++at;
  }
  return text.substr(0, at);
}

}  // namespace penstock::traces
