#pragma once

#include <string_view>
#include <utility>

#include "core/http_message.h"

namespace penstock::gateway {

// Takes a call's answer in place of a client, for those who make calls of their own: to say the answer in
// other words, or to use it. Lives on one loop.
class CapturedAnswer : public ResponseStream {
 public:
  // The call ends with whoever wanted it.
  explicit CapturedAnswer(CancelToken disconnected) : disconnected_(std::move(disconnected)) {}

  Task<Result<void>> send(Response whole) override {
    response = std::move(whole);
    co_return Result<void>{};
  }
  Task<Result<void>> start(ResponseHead head) override {
    response.head = std::move(head);
    started_ = true;
    co_return Result<void>{};
  }
  Task<Result<void>> write(std::string_view bytes) override {
    response.body += bytes;
    co_return Result<void>{};
  }
  Task<Result<void>> finish() override { co_return Result<void>{}; }
  void abort() override {}
  bool started() const override { return started_; }
  CancelToken disconnected() const override { return disconnected_; }

  Response response;

 private:
  CancelToken disconnected_;
  bool started_ = false;
};

}  // namespace penstock::gateway
