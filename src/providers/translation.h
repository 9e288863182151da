#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/json_fields.h"
#include "core/result.h"
#include "http/sse.h"
#include "providers/protocol.h"
#include "providers/provider_type.h"

// A client's operation over an upstream's other protocol. Pure functions without I/O; memory is bounded by
// the texts that go in.
namespace penstock::providers {

struct TranslatedRequest {
  std::string body;
  // Fields of the client's that have no counterpart: "seed", "messages.content.thinking". Fit for a header:
  // names of other characters than letters, digits and "._-" are left out, and beyond kDroppedMax all are.
  std::vector<std::string> dropped;

  static constexpr size_t kDroppedMax = 32;
  static constexpr size_t kDroppedBytesMax = 64;  // of a name
  void drop(std::string_view field);              // once each
};

// `body` (with its `fields`) in the upstream's protocol, for its model. Streams are asked to tell usage.
// kInvalidArgument names the field that is wrong or cannot be said there.
Result<TranslatedRequest> translate_request(Operation operation, Protocol upstream, std::string_view body,
                                            const JsonFields& fields, std::string_view upstream_model,
                                            const ProviderOptions& options);

// What goes to an upstream of `type`, native or translated: its model's name in, the usage of a stream asked
// for, and what the type refuses or calls otherwise mended (its row's quirks). An empty body in the result:
// the client's bytes as they are. kNotImplemented where the pair is not supported.
Result<TranslatedRequest> prepare_request(const ProviderType& type, Operation operation,
                                          std::string_view body, const JsonFields& fields,
                                          std::string_view upstream_model, const ProviderOptions& options);

// What answers repeat of their request.
struct TranslationContext {
  std::string request_id;    // for ids that the upstream does not give: "msg_<id>", "resp_<id>"
  std::string model;         // as the client asked for it
  int64_t created_s = 0;     // since the epoch
  bool usage_asked = false;  // kChat: the chunk with usage
  std::string request_body;  // kResponses: the client's, whose settings its answer echoes; else empty
};

// Turns one answer of an upstream into the client's operation. One per answer; one thread.
class AnswerTranslation {
 public:
  virtual ~AnswerTranslation() = default;

  // A whole 2xx answer. kUpstream if it is not what the protocol allows.
  virtual Result<std::string> whole(std::string_view body) = 0;

  // Appends the client's events, complete ones, that `event` of the upstream comes to; may be none. Silent
  // events (comments) are passed on as a comment. kUpstream as above, and for an error event.
  virtual Result<void> event(const http::SseEvent& event, std::string& out) = 0;

  // Appends what a clean end still needs: [DONE], message_stop. Only after a complete stream.
  virtual void finish(std::string& out) = 0;

  // The last event of a stream that failed, where the contract numbers its events; empty: its usual one will
  // do.
  virtual std::string error_event(const Error& /*error*/) { return {}; }
};

// nullptr where the pair is native or not supported.
std::unique_ptr<AnswerTranslation> make_answer_translation(Operation operation, Protocol upstream,
                                                           const TranslationContext& context);

}  // namespace penstock::providers
