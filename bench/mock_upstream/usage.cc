#include <fmt/format.h>

#include "bench/mock_upstream/answer.h"

namespace penstock::bench {
namespace {

// prompt_tokens and completion_tokens are sums of all kinds.
std::string openai_usage(const Tokens& tokens) {
  const int64_t completion = tokens.output + tokens.reasoning;
  return fmt::format(R"({{"prompt_tokens":{},"completion_tokens":{},"total_tokens":{},)"
                     R"("prompt_tokens_details":{{"cached_tokens":{},"cache_write_tokens":{}}},)"
                     R"("completion_tokens_details":{{"reasoning_tokens":{}}}}})",
                     tokens.prompt(), completion, tokens.prompt() + completion, tokens.cached_input,
                     tokens.cache_write, tokens.reasoning);
}

// input_tokens is without what the cache read or wrote; output_tokens includes thinking.
std::string anthropic_usage(const Tokens& tokens, Moment moment) {
  const int64_t output = moment == Moment::kStart ? 1 : tokens.output + tokens.reasoning;
  const std::string thinking =
      moment == Moment::kStart || tokens.reasoning == 0
          ? std::string()
          : fmt::format(R"(,"output_tokens_details":{{"thinking_tokens":{}}})", tokens.reasoning);
  return fmt::format(R"({{"input_tokens":{},"cache_creation_input_tokens":{},"cache_read_input_tokens":{},)"
                     R"("cache_creation":{{"ephemeral_5m_input_tokens":{},"ephemeral_1h_input_tokens":{}}},)"
                     R"("output_tokens":{},"service_tier":"standard"{}}})",
                     tokens.input, tokens.cache_write + tokens.cache_write_1h, tokens.cached_input,
                     tokens.cache_write, tokens.cache_write_1h, output, thinking);
}

}  // namespace

std::string usage(const Call& call, Moment moment) {
  return call.protocol == Protocol::kAnthropic ? anthropic_usage(call.tokens, moment)
                                               : openai_usage(call.tokens);
}

std::string_view finish_reason(const Call& call) {
  const bool anthropic = call.protocol == Protocol::kAnthropic;
  if (call.tools) return anthropic ? "tool_use" : "tool_calls";
  if (call.length) return anthropic ? "max_tokens" : "length";
  return anthropic ? "end_turn" : "stop";
}

}  // namespace penstock::bench
