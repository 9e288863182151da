#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "core/cancel.h"
#include "core/http_message.h"

namespace penstock::http {

// For tests of handlers without a server: keeps what is sent, whole or as a stream, and may leave as clients
// do.
class AnswerRecorder : public ResponseStream {
 public:
  Task<Result<void>> send(Response response) override {
    head = std::move(response.head);
    body = std::move(response.body);
    started_ = finished = true;
    co_return Result<void>{};
  }
  Task<Result<void>> start(ResponseHead first) override {
    head = std::move(first);
    started_ = streamed = true;
    co_return Result<void>{};
  }
  Task<Result<void>> write(std::string_view bytes) override {
    if (leaves_after_writes-- == 0) client.cancel();
    if (client.cancelled()) {
      co_return Failure(Error{.code = ErrorCode::kCancelled, .message = "the client has gone"});
    }
    body += bytes;
    if (on_write) on_write(body);
    co_return Result<void>{};
  }
  Task<Result<void>> finish() override {
    finished = true;
    co_return Result<void>{};
  }
  void abort() override { aborted = true; }
  bool started() const override { return started_; }
  CancelToken disconnected() const override { return client.token(); }

  ResponseHead head;
  std::string body;
  bool streamed = false;  // by start(), not whole
  bool finished = false;
  bool aborted = false;
  int leaves_after_writes = -1;  // never
  CancelSource client;           // cancel it to leave
  std::function<void(const std::string& so_far)> on_write;

 private:
  bool started_ = false;
};

}  // namespace penstock::http
