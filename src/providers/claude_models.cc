#include "providers/claude_models.h"

namespace penstock::providers {
namespace {

// From Anthropic's model cards and its pages on thinking and structured outputs (October 2026).
constexpr ClaudeModel kModels[] = {
    {"claude-2", 4'096, Thinking::kNone, true, false},
    {"claude-3-", 4'096, Thinking::kNone, true, false},
    {"claude-3-5-", 8'192, Thinking::kNone, true, false},
    {"claude-3-7-", 64'000, Thinking::kBudget, true, false},
    {"claude-fable-", 128'000, Thinking::kAdaptive, false, true},
    {"claude-haiku-4-5", 64'000, Thinking::kBudget, true, true},
    {"claude-haiku-5", 64'000, Thinking::kAdaptive, false, true},
    {"claude-mythos-", 128'000, Thinking::kAdaptive, false, true},
    {"claude-opus-4-", 32'000, Thinking::kBudget, true, false},
    {"claude-opus-4-1", 32'000, Thinking::kBudget, true, true},
    {"claude-opus-4-5", 64'000, Thinking::kBudget, true, true},
    {"claude-opus-4-6", 128'000, Thinking::kAdaptive, true, true},
    {"claude-opus-4-7", 128'000, Thinking::kAdaptive, false, true},
    {"claude-opus-4-8", 128'000, Thinking::kAdaptive, false, true},
    {"claude-opus-5", 128'000, Thinking::kAdaptive, false, true},
    {"claude-sonnet-4-", 64'000, Thinking::kBudget, true, false},
    {"claude-sonnet-4-5", 64'000, Thinking::kBudget, true, true},
    {"claude-sonnet-4-6", 64'000, Thinking::kAdaptive, true, true},
    {"claude-sonnet-5", 128'000, Thinking::kAdaptive, false, true},
};
// Other names, and other servers that speak the protocol: what every model takes.
constexpr ClaudeModel kOther = {"", 4'096, Thinking::kBudget, true, false};

}  // namespace

const ClaudeModel& claude_model(std::string_view model) {
  const ClaudeModel* best = &kOther;
  for (const ClaudeModel& row : kModels) {
    if (model.starts_with(row.prefix) && row.prefix.size() > best->prefix.size()) best = &row;
  }
  return *best;
}

}  // namespace penstock::providers
