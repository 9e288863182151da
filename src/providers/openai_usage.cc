#include "providers/openai_usage.h"

#include <algorithm>

#include "core/json_fields.h"

namespace penstock::providers {
namespace {

int64_t count(const JsonFields& fields, std::string_view key) {
  auto value = fields.integer(key);
  return value && *value ? std::max<int64_t>(0, **value) : 0;
}

// A member of an optional details object.
int64_t detail(const JsonFields& usage, std::string_view object, std::string_view key) {
  auto details = usage.object(object);
  return details && *details ? count(**details, key) : 0;
}

}  // namespace

std::optional<TokenCounts> read_openai_usage(std::string_view raw) {
  if (!raw.starts_with('{')) return std::nullopt;
  auto usage = JsonFields::of_valid(raw);
  if (!usage || !(usage->has("prompt_tokens") || usage->has("total_tokens"))) return std::nullopt;
  int64_t total = count(*usage, "total_tokens");
  int64_t completion = count(*usage, "completion_tokens");
  int64_t prompt = usage->has("prompt_tokens") ? count(*usage, "prompt_tokens") : total - completion;
  // Gemini and xAI leave reasoning out of completion_tokens; only the total has it.
  int64_t unnamed = std::max<int64_t>(0, total - prompt - completion);

  TokenCounts tokens{.source = TokenSource::kProvider};
  int64_t prompt_audio = detail(*usage, "prompt_tokens_details", "audio_tokens");
  int64_t answer_audio = detail(*usage, "completion_tokens_details", "audio_tokens");
  tokens.cached_input = detail(*usage, "prompt_tokens_details", "cached_tokens");
  if (tokens.cached_input == 0) tokens.cached_input = count(*usage, "prompt_cache_hit_tokens");  // DeepSeek
  tokens.cache_write = detail(*usage, "prompt_tokens_details", "cache_write_tokens");
  tokens.image = detail(*usage, "prompt_tokens_details", "image_tokens");
  tokens.audio = prompt_audio + answer_audio;
  tokens.reasoning = std::max(unnamed, detail(*usage, "completion_tokens_details", "reasoning_tokens"));
  int64_t apart = tokens.cached_input + tokens.cache_write + tokens.image + prompt_audio;
  tokens.input = std::max<int64_t>(0, prompt - apart);
  tokens.output = std::max<int64_t>(0, completion + unnamed - tokens.reasoning - answer_audio);
  return tokens;
}

std::optional<TokenCounts> read_openai_usage(const JsonFields& answer) {
  if (auto tokens = read_openai_usage(answer.raw("usage"))) return tokens;
  auto groq = answer.object("x_groq");
  return groq && *groq ? read_openai_usage((*groq)->raw("usage")) : std::nullopt;
}

}  // namespace penstock::providers
