#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "core/json_fields.h"
#include "providers/answer.h"
#include "providers/anthropic_usage.h"

namespace penstock::providers {

// Reads the body of a 2xx answer of Anthropic's: a message, or the count of tokens. kUpstream if it is not a
// JSON object, or an error in spite of its status.
Result<AnswerFacts> read_anthropic_answer(std::string_view body);

// The observer of a stream of Anthropic's Messages API. A delta for a block that has not begun is kUpstream;
// events and blocks of kinds that came later than this code are let pass.
class AnthropicObserver final : public AnswerObserver {
 public:
  explicit AnthropicObserver(size_t output_bytes_max) : output_bytes_max_(output_bytes_max) {}

  Result<Seen> observe(const http::SseEvent& event) override;

  bool finished() const override { return !stop_reason_.empty(); }
  const std::string& finish_reason() const override { return stop_reason_; }
  const std::optional<TokenCounts>& tokens() const override { return tokens_; }
  int64_t content_events() const override { return content_events_; }
  std::string output() const override;
  bool truncated() const override { return truncated_; }

 private:
  struct Block {
    std::string start;      // the block as it began, JSON
    std::string type;       // "text", "thinking", "tool_use", ...
    std::string text;       // text, thinking, or the tool's input as JSON text
    std::string signature;  // of thinking
  };

  Result<bool> begin_block(const JsonFields& event);  // true: content
  Result<bool> extend_block(const JsonFields& event);
  bool append(std::string& to, const JsonFields& fields, std::string_view key);
  void take_usage(std::string_view raw);

  size_t output_bytes_max_;
  size_t output_bytes_ = 0;
  bool truncated_ = false;
  std::map<int64_t, Block> blocks_;
  std::string stop_reason_;
  AnthropicUsage usage_;
  std::optional<TokenCounts> tokens_;
  int64_t content_events_ = 0;
};

}  // namespace penstock::providers
