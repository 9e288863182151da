#pragma once

#include <string>
#include <string_view>

#include "core/error.h"
#include "core/http_message.h"
#include "core/result.h"
#include "core/task.h"

namespace penstock::engine {

// How long a stream may be silent before it gets a comment that keeps proxies from closing it.
inline constexpr int64_t kPingAfterMs = 15'000;

// The server-sent events of one OpenAI stream, written in as few pieces as they come. Belongs to its
// request's loop.
class AnswerStream {
 public:
  explicit AnswerStream(ResponseStream& out) : out_(out) {}

  void add(std::string_view json);  // `data: <json>`, sent by the next flush()
  void ping() { pending_ += ": ping\n\n"; }
  // Starts the answer if that has not been done. kCancelled once the client has gone.
  Task<Result<void>> flush();
  Task<Result<void>> finish();  // what is pending and [DONE]
  // Ends it truthfully: with an error answer if nothing was sent yet, else with an error event and a cut
  // connection.
  Task<> fail(Error error);

 private:
  ResponseStream& out_;
  std::string pending_;
};

}  // namespace penstock::engine
