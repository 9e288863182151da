#include "providers/anthropic_usage.h"

#include <algorithm>

#include "core/json_fields.h"

namespace penstock::providers {
namespace {

void take(const JsonFields& fields, std::string_view key, int64_t& value) {
  auto given = fields.integer(key);
  if (given && *given) value = std::max<int64_t>(0, **given);
}

}  // namespace

void AnthropicUsage::read(std::string_view raw) {
  if (!raw.starts_with('{')) return;
  auto usage = JsonFields::of_valid(raw);
  if (!usage || !(usage->has("input_tokens") || usage->has("output_tokens"))) return;
  told_ = true;
  take(*usage, "input_tokens", input_);
  take(*usage, "cache_read_input_tokens", cache_read_);
  take(*usage, "cache_creation_input_tokens", cache_creation_);
  take(*usage, "output_tokens", output_);
  if (auto split = usage->object("cache_creation"); split && *split) {
    take(**split, "ephemeral_1h_input_tokens", cache_creation_1h_);
  }
  if (auto details = usage->object("output_tokens_details"); details && *details) {
    take(**details, "thinking_tokens", thinking_);
  }
}

std::optional<TokenCounts> AnthropicUsage::tokens() const {
  if (!told_) return std::nullopt;
  int64_t hour = std::min(cache_creation_1h_, cache_creation_);
  int64_t thinking = std::min(thinking_, output_);
  return TokenCounts{.input = input_,
                     .cached_input = cache_read_,
                     .cache_write = cache_creation_ - hour,
                     .cache_write_1h = hour,
                     .output = output_ - thinking,
                     .reasoning = thinking,
                     .source = TokenSource::kProvider};
}

}  // namespace penstock::providers
