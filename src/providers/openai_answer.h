#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "core/json_fields.h"
#include "providers/answer.h"

namespace penstock::providers {

// Reads the body of a 2xx answer. kUpstream if it is not a JSON object, or holds an `error` in spite of its
// status.
Result<AnswerFacts> read_openai_answer(std::string_view body);

// Watches the events of an OpenAI-compatible stream go by: finds what the gateway must know and puts the
// answer together for the record. One per stream; one thread.
class OpenAiObserver final : public AnswerObserver {
 public:
  explicit OpenAiObserver(size_t output_bytes_max) : output_bytes_max_(output_bytes_max) {}

  // `data` is one event's data. kUpstream if it is not what the protocol allows.
  Result<Seen> observe(std::string_view data);
  Result<Seen> observe(const http::SseEvent& event) override { return observe(event.data); }

  // True once every choice that was begun has a finish reason.
  bool finished() const override;
  const std::string& finish_reason() const override { return finish_reason_; }
  const std::optional<TokenCounts>& tokens() const override { return tokens_; }
  int64_t content_events() const override { return content_events_; }
  std::string output() const override;
  bool truncated() const override { return truncated_; }

 private:
  struct ToolCall {
    std::string id;
    std::string name;
    std::string arguments;
  };
  struct Choice {
    std::string content;
    std::string reasoning;
    std::string refusal;
    std::map<int64_t, ToolCall> tool_calls;
    bool is_text = false;  // a legacy completion
    bool finished = false;
  };

  Result<bool> observe_choice(std::string_view raw);
  bool observe_delta(const JsonFields& delta, Choice& choice);
  bool observe_parts(std::string_view raw, Choice& choice);
  bool observe_tool_calls(std::string_view raw, Choice& choice);
  bool append(std::string& to, const JsonFields& fields, std::string_view key);

  size_t output_bytes_max_;
  size_t output_bytes_ = 0;
  bool truncated_ = false;
  std::map<int64_t, Choice> choices_;
  std::string finish_reason_;
  std::optional<TokenCounts> tokens_;
  int64_t content_events_ = 0;
};

}  // namespace penstock::providers
