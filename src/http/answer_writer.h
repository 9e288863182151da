#pragma once

#include <string>
#include <string_view>

#include "core/http_message.h"
#include "http/channel.h"
#include "http/message_head.h"

namespace penstock::http {

// What the answer to one request depends on beside the handler.
struct AnswerTerms {
  bool head_only = false;             // HEAD: no body leaves
  bool http_1_0 = false;              // no chunks
  bool keep_alive = true;             // may be taken back until the head is written
  const bool* body_unread = nullptr;  // of a streamed body; if true when the head is written, no keep-alive
  int64_t write_ms = 0;
  std::string_view server_name;
};

// Writes one answer to a channel: the ResponseStream that handlers see. The head and the first bytes leave
// together, each later piece in one gathered write with its chunk head.
class AnswerWriter final : public ResponseStream {
 public:
  AnswerWriter(Channel& channel, CancelSource& disconnect, AnswerTerms terms)
      : channel_(channel), disconnect_(disconnect), terms_(terms) {}

  Task<Result<void>> send(Response response) override;
  Task<Result<void>> start(ResponseHead head) override;
  Task<Result<void>> write(std::string_view bytes) override;
  Task<Result<void>> finish() override;
  void abort() override;
  bool started() const override { return state_ != State::kFresh; }
  CancelToken disconnected() const override { return disconnect_.token(); }

  void close_after() { terms_.keep_alive = false; }
  uint64_t writes() const { return writes_; }  // tells progress
  bool complete() const { return state_ == State::kDone; }
  bool reusable() const { return state_ == State::kDone && terms_.keep_alive; }

 private:
  enum class State : uint8_t { kFresh, kStreaming, kDone, kCut };
  std::string head_text(const ResponseHead& head, Framing framing, size_t length);
  Task<Result<void>> put(std::span<const boost::asio::const_buffer> pieces, State after);

  Channel& channel_;
  CancelSource& disconnect_;
  AnswerTerms terms_;
  Framing framing_ = Framing::kLength;
  State state_ = State::kFresh;
  int64_t length_left_ = 0;  // of an announced length
  uint64_t writes_ = 0;
};

}  // namespace penstock::http
