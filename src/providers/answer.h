#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/result.h"
#include "core/units.h"
#include "http/sse.h"
#include "providers/protocol.h"

namespace penstock::providers {

// What a complete answer says about itself.
struct AnswerFacts {
  std::optional<TokenCounts> tokens;
  std::string finish_reason;  // in the upstream's words: "stop", "end_turn"; of the first choice
  std::string output;  // JSON: the message, the text, or a list of them for several choices; else empty
};

// Reads the body of a 2xx answer in the upstream's protocol. kUpstream if it is not a JSON object, or holds
// an error in spite of its status.
Result<AnswerFacts> read_answer(Operation operation, Protocol protocol, std::string_view body);

// Why an upstream refused: what fallbacks are chosen by.
enum class RefusalCause : uint8_t {
  kOther,
  kContextWindow,  // the prompt, or prompt and answer, are longer than the model reads
  kContentPolicy,  // a filter of the provider's
  kRateLimit,      // comes back by itself: too many requests or tokens, or an overloaded provider
  kQuota,          // money or a monthly quota is used up: does not come back by itself
  kCredentials,    // the gateway's key is wrong, expired or may not
};
std::string_view refusal_cause_name(RefusalCause cause);  // "context_window", ...

struct Refusal {
  RefusalCause cause = RefusalCause::kOther;
  Error error;  // the upstream's words; code by status, reason is its own code where it has one
};

// Reads the body of a 4xx or 5xx answer; whatever the body is, there is a refusal.
Refusal read_refusal(Protocol protocol, int status, std::string_view body);

// Watches the events of one stream go by, in the upstream's protocol: finds what the gateway must know and
// puts the answer together for the record. One thread.
class AnswerObserver {
 public:
  virtual ~AnswerObserver() = default;

  struct Seen {
    bool content = false;     // text, a tool call, a refusal or reasoning: the answer has begun
    bool usage_only = false;  // OpenAI's chunk without choices that clients must ask for
    bool done = false;        // [DONE], message_stop
    std::string error;        // the upstream's error message, if this event is one
    RefusalCause cause = RefusalCause::kOther;  // of that error
  };
  // kUpstream if the event is not what the protocol allows.
  virtual Result<Seen> observe(const http::SseEvent& event) = 0;

  // True once the answer is complete but for its closing event.
  virtual bool finished() const = 0;
  virtual const std::string& finish_reason() const = 0;
  virtual const std::optional<TokenCounts>& tokens() const = 0;  // as told so far
  virtual int64_t content_events() const = 0;
  // The assembled message(s) as JSON, cut off where `output_bytes_max` was reached.
  virtual std::string output() const = 0;
  virtual bool truncated() const = 0;
};

// `output_bytes_max` bounds the memory for output().
std::unique_ptr<AnswerObserver> make_observer(Operation operation, Protocol protocol,
                                              size_t output_bytes_max);

}  // namespace penstock::providers
