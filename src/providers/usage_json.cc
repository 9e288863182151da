#include "providers/usage_json.h"

namespace penstock::providers {
namespace {

// OpenAI's totals, which include every kind.
int64_t whole_input(const TokenCounts& t) {
  return t.input + t.cached_input + t.cache_write + t.cache_write_1h + t.image;
}
int64_t whole_output(const TokenCounts& t) { return t.output + t.reasoning + t.audio; }

}  // namespace

void write_openai_usage(const std::optional<TokenCounts>& tokens, JsonWriter& json) {
  TokenCounts t = tokens.value_or(TokenCounts{});
  json.begin_object().field("prompt_tokens", whole_input(t)).field("completion_tokens", whole_output(t));
  json.field("total_tokens", whole_input(t) + whole_output(t));
  json.key("prompt_tokens_details").begin_object().field("cached_tokens", t.cached_input);
  json.field("cache_write_tokens", t.cache_write + t.cache_write_1h).field("audio_tokens", 0).end_object();
  json.key("completion_tokens_details").begin_object().field("reasoning_tokens", t.reasoning);
  json.field("audio_tokens", t.audio).field("accepted_prediction_tokens", 0);
  json.field("rejected_prediction_tokens", 0).end_object().end_object();
}

void write_anthropic_usage(const std::optional<TokenCounts>& tokens, JsonWriter& json) {
  TokenCounts t = tokens.value_or(TokenCounts{});
  json.begin_object().field("input_tokens", t.input + t.image);
  json.field("cache_creation_input_tokens", t.cache_write + t.cache_write_1h);
  json.field("cache_read_input_tokens", t.cached_input);
  json.key("cache_creation").begin_object().field("ephemeral_5m_input_tokens", t.cache_write);
  json.field("ephemeral_1h_input_tokens", t.cache_write_1h).end_object();
  json.field("output_tokens", whole_output(t));
  json.key("output_tokens_details").begin_object().field("thinking_tokens", t.reasoning).end_object();
  json.null_field("server_tool_use")
      .field("service_tier", "standard")
      .null_field("inference_geo")
      .end_object();
}

void write_responses_usage(const std::optional<TokenCounts>& tokens, JsonWriter& json) {
  TokenCounts t = tokens.value_or(TokenCounts{});
  json.begin_object().field("input_tokens", whole_input(t));
  json.key("input_tokens_details").begin_object().field("cached_tokens", t.cached_input);
  json.field("cache_write_tokens", t.cache_write + t.cache_write_1h).end_object();
  json.field("output_tokens", whole_output(t));
  json.key("output_tokens_details").begin_object().field("reasoning_tokens", t.reasoning).end_object();
  json.field("total_tokens", whole_input(t) + whole_output(t)).end_object();
}

}  // namespace penstock::providers
