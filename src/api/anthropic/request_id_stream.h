#pragma once

#include "core/http_message.h"

namespace penstock::api::anthropic {

// Passes an answer on with its x-request-id where Anthropic's clients look for it: in the header request-id,
// and in the body of an error of ours. Refers to `out`.
class RequestIdStream final : public ResponseStream {
 public:
  explicit RequestIdStream(ResponseStream& out) : out_(out) {}

  Task<Result<void>> send(Response response) override;
  Task<Result<void>> start(ResponseHead head) override;
  Task<Result<void>> write(std::string_view bytes) override { return out_.write(bytes); }
  Task<Result<void>> finish() override { return out_.finish(); }
  void abort() override { out_.abort(); }
  bool started() const override { return out_.started(); }
  CancelToken disconnected() const override { return out_.disconnected(); }

 private:
  ResponseStream& out_;
};

}  // namespace penstock::api::anthropic
