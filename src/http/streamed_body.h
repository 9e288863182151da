#pragma once

#include <functional>
#include <optional>
#include <string>

#include "core/http_message.h"
#include "http/channel.h"
#include "http/request_parser.h"
#include "http/server.h"

namespace penstock::http {

// The body of one request as its handler reads it, piece by piece. Between two reads the channel holds at
// most its own buffer's worth; the rest waits in the kernel, and then with the sender.
class StreamedBody final : public BodyStream {
 public:
  // All of them outlive it. `after_read` is called after each piece, with the channel free to be watched.
  StreamedBody(RequestParser& parser, Channel& channel, Request& request, const ServerTimeouts& timeouts,
               std::move_only_function<void()> after_read)
      : parser_(parser),
        channel_(channel),
        request_(request),
        timeouts_(timeouts),
        after_read_(std::move(after_read)) {}

  Task<Result<void>> read(std::string& piece) override;
  std::optional<int64_t> length() const override { return parser_.content_length(); }

 private:
  Task<Result<void>> fill();
  Task<Result<void>> ask_for_it();
  Failure unfinished() const;

  RequestParser& parser_;
  Channel& channel_;
  Request& request_;  // whose `body` the parser appends to
  const ServerTimeouts& timeouts_;
  std::move_only_function<void()> after_read_;
  std::optional<Error> failure_;
  bool asked_ = false;
};

}  // namespace penstock::http
