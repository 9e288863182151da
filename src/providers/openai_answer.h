#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "core/json_fields.h"
#include "core/result.h"
#include "core/units.h"

namespace penstock::providers {

// What a complete answer of an OpenAI-compatible upstream says about itself.
struct AnswerFacts {
  std::optional<TokenCounts> tokens;
  std::string finish_reason;  // of the first choice
  std::string output;  // JSON: the message, the text, or a list of them for several choices; else empty
};

// Reads the body of a 2xx answer. kUpstream if it is not a JSON object, or holds an `error` in spite of its
// status.
Result<AnswerFacts> read_openai_answer(std::string_view body);

// Watches the events of an OpenAI-compatible stream go by: finds what the gateway must know and puts the
// answer together for the record. One per stream; one thread.
class StreamObserver {
 public:
  explicit StreamObserver(size_t output_bytes_max) : output_bytes_max_(output_bytes_max) {}

  struct Seen {
    bool content = false;     // text, a tool call, a refusal or reasoning: the answer has begun
    bool usage_only = false;  // the chunk without choices that clients must ask for
    bool done = false;        // [DONE]
    std::string error;        // the upstream's error message, if this event is one
  };
  // `data` is one event's data. kUpstream if it is not what the protocol allows.
  Result<Seen> observe(std::string_view data);

  // True once every choice that was begun has a finish reason.
  bool finished() const;
  const std::string& finish_reason() const { return finish_reason_; }
  const std::optional<TokenCounts>& tokens() const { return tokens_; }
  int64_t content_events() const { return content_events_; }
  // The assembled message(s) as JSON; `truncated` when output_bytes_max was reached.
  std::string output() const;
  bool truncated() const { return truncated_; }

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
