#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/cancel.h"
#include "core/http_message.h"
#include "core/json.h"
#include "core/text.h"

namespace penstock::engine {

// Keeps the answer of a handler. The client may be told to go after some writes.
class TestStream : public ResponseStream {
 public:
  Task<Result<void>> send(Response response) override {
    head = std::move(response.head);
    body = std::move(response.body);
    started_ = true;
    co_return Result<void>();
  }
  Task<Result<void>> start(ResponseHead h) override {
    head = std::move(h);
    started_ = true;
    co_return Result<void>();
  }
  Task<Result<void>> write(std::string_view bytes) override {
    body += bytes;
    if (--writes_until_gone == 0) client_.cancel();
    if (client_.cancelled()) co_return Failure(Error{.code = ErrorCode::kCancelled, .message = "gone"});
    co_return Result<void>();
  }
  Task<Result<void>> finish() override {
    finished = true;
    co_return Result<void>();
  }
  void abort() override { aborted = true; }
  bool started() const override { return started_; }
  CancelToken disconnected() const override { return client_.token(); }

  // The data of a stream's events, "[DONE]" included.
  std::vector<std::string> events() const {
    std::vector<std::string> out;
    for (std::string_view line : split(body, '\n')) {
      if (line.starts_with("data: ")) out.emplace_back(line.substr(6));
    }
    return out;
  }
  Json json() const { return parse_json(body).value(); }

  ResponseHead head;
  std::string body;
  bool finished = false;
  bool aborted = false;
  int writes_until_gone = -1;

 private:
  bool started_ = false;
  CancelSource client_;
};

inline Request post(std::string body) {
  Request request;
  request.method = "POST";
  request.body = std::move(body);
  return request;
}

}  // namespace penstock::engine
