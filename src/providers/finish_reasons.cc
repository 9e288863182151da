#include "providers/finish_reasons.h"

namespace penstock::providers {
namespace {

struct Row {
  std::string_view stop_reason;
  std::string_view finish_reason;
};

// The first row of a word counts.
constexpr Row kRows[] = {
    {"end_turn", "stop"},
    {"stop_sequence", "stop"},
    {"pause_turn", "stop"},
    {"max_tokens", "length"},
    {"model_context_window_exceeded", "length"},
    {"max_tokens", "model_length"},  // Mistral
    {"tool_use", "tool_calls"},
    {"tool_use", "function_call"},
    {"refusal", "content_filter"},
};

}  // namespace

std::string_view to_finish_reason(std::string_view stop_reason) {
  for (const Row& row : kRows) {
    if (row.stop_reason == stop_reason) return row.finish_reason;
  }
  return "stop";
}

std::string_view to_stop_reason(std::string_view finish_reason) {
  for (const Row& row : kRows) {
    if (row.finish_reason == finish_reason) return row.stop_reason;
  }
  return "end_turn";
}

}  // namespace penstock::providers
