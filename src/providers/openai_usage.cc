#include "providers/openai_usage.h"

#include <algorithm>
#include <utility>

#include "core/json_fields.h"

namespace penstock::providers {
namespace {

int64_t count(const JsonFields& fields, std::string_view key) {
  auto value = fields.integer(key);
  return value && *value ? std::max<int64_t>(0, **value) : 0;
}

// An optional object of details; without members where it is absent.
JsonFields details(const JsonFields& usage, std::string_view key) {
  auto object = usage.object(key);
  return object && *object ? std::move(**object) : JsonFields();
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

  JsonFields of_prompt = details(*usage, "prompt_tokens_details");
  JsonFields of_completion = details(*usage, "completion_tokens_details");
  TokenCounts tokens{.source = TokenSource::kProvider};
  int64_t prompt_audio = count(of_prompt, "audio_tokens");
  int64_t answer_audio = count(of_completion, "audio_tokens");
  tokens.cached_input = count(of_prompt, "cached_tokens");
  if (tokens.cached_input == 0) tokens.cached_input = count(*usage, "prompt_cache_hit_tokens");  // DeepSeek
  tokens.cache_write = count(of_prompt, "cache_write_tokens");
  tokens.image = count(of_prompt, "image_tokens");
  tokens.audio = prompt_audio + answer_audio;
  tokens.reasoning = std::max(unnamed, count(of_completion, "reasoning_tokens"));
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
