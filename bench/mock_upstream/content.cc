#include "bench/mock_upstream/content.h"

#include <fmt/format.h>

#include <array>

namespace penstock::bench {
namespace {

constexpr std::array<std::string_view, 8> kWords = {"water", "falls",  "through", "a",
                                                    "gated", "narrow", "pipe",    "today"};

}  // namespace

std::string word_of(const Call& call, int64_t index) {
  if (call.behaviour.json) {
    return std::string(kToolArguments.substr(static_cast<size_t>(index) * kFragmentBytes, kFragmentBytes));
  }
  const std::string_view word = kWords[static_cast<size_t>(index) % kWords.size()];
  if (index > 0) return fmt::format(" {}", word);
  return call.images > 0 ? fmt::format("{} images: {}", call.images, word) : std::string(word);
}

std::string text_of(const Call& call) {
  std::string text;
  for (int64_t i = 0; i < call.words(); ++i) text += word_of(call, i);
  return text;
}

std::string thought_of(const Call& call, int64_t index) {
  const int64_t parts = call.tokens.reasoning / call.choices;
  const size_t bytes = (kThought.size() + static_cast<size_t>(parts) - 1) / static_cast<size_t>(parts);
  return std::string(kThought.substr(static_cast<size_t>(index) * bytes, bytes));
}

int64_t tool_calls_of(const Call& call) {
  if (!call.tools) return 0;
  return call.behaviour.parallel ? 2 : 1;
}

}  // namespace penstock::bench
