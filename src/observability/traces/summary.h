#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "observability/traces/span.h"

// What a trace says about itself that follows from its spans.
namespace penstock::traces {

// Counts of tokens or costs of one span, or of a trace: the values of an object's members by name.
struct Amounts {
  // input, output, total; then, of tokens only: read from a cache, written to one, written for an hour
  std::array<std::optional<double>, 6> values;
};
enum class AmountKind : uint8_t { kTokens, kCost };

// Reads {"input_tokens": 1, ...} or {"input_cost": 0.1, ...}. nullopt where it is no object.
std::optional<Amounts> parse_amounts(AmountKind kind, std::string_view json);
std::string amounts_json(AmountKind kind, const Amounts& amounts);

// What one span contributes.
struct SpanAmounts {
  std::string span_id;
  std::string parent_id;
  std::optional<Amounts> amounts;
};

// The sum over a trace's spans. Where a span has amounts, those below it are parts of them and do not count
// again: some instrumentations sum up on the way. nullopt where no span has any. O(n).
std::optional<Amounts> sum_amounts(const std::vector<SpanAmounts>& spans);

// The first characters of inputs or outputs for lists; of a chat the last message of `role` (else the last
// one), as MLflow shows it.
std::string preview(std::string_view json, std::string_view role);

}  // namespace penstock::traces
