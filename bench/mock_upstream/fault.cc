#include "bench/mock_upstream/fault.h"

#include <array>
#include <optional>

#include "core/text.h"

namespace penstock::bench {
namespace {

constexpr std::string_view kPrefix = "fault-";

struct Row {
  std::string_view name;
  FaultKind kind;
  int64_t number;  // where the model's name gives none
};

constexpr std::array kFaults = {
    Row{"silent", FaultKind::kSilent, 0},
    Row{"slow-headers", FaultKind::kSlowHeaders, 1500},
    Row{"cut", FaultKind::kCut, 5},
    Row{"reset-head", FaultKind::kResetHead, 0},
    Row{"reset", FaultKind::kReset, 0},
    Row{"stall", FaultKind::kStall, 5},
    Row{"drip", FaultKind::kDrip, 0},
    Row{"malformed", FaultKind::kMalformed, 5},
    Row{"truncated", FaultKind::kTruncated, 5},
    Row{"200-error", FaultKind::kErrorIn200, 0},
    Row{"error-event", FaultKind::kErrorEvent, 5},
    Row{"html", FaultKind::kHtml, 0},
    Row{"content-type", FaultKind::kContentType, 0},
    Row{"empty", FaultKind::kEmpty, 0},
    Row{"no-done", FaultKind::kNoDone, 5},
    Row{"no-usage", FaultKind::kNoUsage, 0},
    Row{"context-window", FaultKind::kContextWindow, 0},
    Row{"content-policy", FaultKind::kContentPolicy, 0},
    Row{"quota", FaultKind::kQuota, 0},
};

// "cut-40" named "cut" gives "40"; nullopt if it is not of this name.
std::optional<std::string_view> number_after(std::string_view text, std::string_view name) {
  if (text == name) return std::string_view();
  if (text.starts_with(name) && text[name.size()] == '-') return text.substr(name.size() + 1);
  return std::nullopt;
}

Fault status_fault(std::string_view name) {
  const auto status = parse_int(name.substr(0, 3));
  if (!status || *status < 400 || *status > 599) return {};
  const auto first = number_after(name, name.substr(0, 3));
  if (!first) return {};
  return {FaultKind::kStatus, parse_int(*first).value_or(0), static_cast<int>(*status)};
}

}  // namespace

Fault Fault::of(std::string_view name) {
  if (!name.starts_with(kPrefix)) return {};
  name.remove_prefix(kPrefix.size());
  for (const Row& row : kFaults) {
    const auto number = number_after(name, row.name);
    if (number) return {row.kind, parse_int(*number).value_or(row.number), 0};
  }
  return status_fault(name);
}

bool Fault::is_billed() const {
  switch (kind) {
    case FaultKind::kSilent:
    case FaultKind::kErrorIn200:
    case FaultKind::kStatus:
    case FaultKind::kHtml:
    case FaultKind::kEmpty:
    case FaultKind::kContextWindow:
    case FaultKind::kContentPolicy:
    case FaultKind::kQuota:
      return false;
    case FaultKind::kReset:
      return number > 0;
    default:
      return true;
  }
}

}  // namespace penstock::bench
