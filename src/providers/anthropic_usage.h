#pragma once

#include <optional>
#include <string_view>

#include "core/units.h"

namespace penstock::providers {

// Anthropic's `usage`, told once in an answer and several times in a stream: later figures are cumulative and
// replace earlier ones, absent ones leave them. Its input_tokens exclude what was read from or written to the
// cache; its output_tokens include thinking.
class AnthropicUsage {
 public:
  // `raw` is the valid JSON text of the object; anything else is ignored.
  void read(std::string_view raw);

  // Exclusive kinds; nullopt before any figure was told.
  std::optional<TokenCounts> tokens() const;

 private:
  bool told_ = false;
  int64_t input_ = 0;
  int64_t cache_read_ = 0;
  int64_t cache_creation_ = 0;  // 5 minutes and 1 hour together
  int64_t cache_creation_1h_ = 0;
  int64_t output_ = 0;
  int64_t thinking_ = 0;
};

}  // namespace penstock::providers
