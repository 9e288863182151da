#pragma once

#include <string_view>
#include <utility>

#include "core/http_message.h"

namespace penstock::http {

// For tests of handlers without a server: keeps the one answer that is sent.
class AnswerRecorder final : public ResponseStream {
 public:
  Task<Result<void>> send(Response response) override {
    answer = std::move(response);
    co_return Result<void>{};
  }
  Task<Result<void>> start(ResponseHead /*head*/) override { co_return Result<void>{}; }
  Task<Result<void>> write(std::string_view /*bytes*/) override { co_return Result<void>{}; }
  Task<Result<void>> finish() override { co_return Result<void>{}; }
  void abort() override {}
  bool started() const override { return false; }
  CancelToken disconnected() const override { return {}; }

  Response answer;
};

}  // namespace penstock::http
