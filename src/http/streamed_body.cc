#include "http/streamed_body.h"

#include <array>
#include <boost/asio/buffer.hpp>
#include <string_view>
#include <utility>

namespace penstock::http {

Task<Result<void>> StreamedBody::read(std::string& piece) {
  piece.clear();
  if (failure_) co_return Failure(*failure_);
  if (parser_.done()) co_return Result<void>{};
  request_.body.swap(piece);  // the caller's memory is filled
  Result<void> filled = co_await fill();
  request_.body.swap(piece);
  after_read_();
  if (!filled) failure_ = filled.error();
  co_return filled;
}

Task<Result<void>> StreamedBody::fill() {
  CO_RETURN_IF_ERROR(co_await ask_for_it());
  while (true) {
    auto used = channel_.input().empty() ? 0 : parser_.feed(channel_.text());
    if (!used) co_return Failure(std::move(used).error().error);
    channel_.consume(*used);
    if (parser_.done() || request_.body.size() >= kPieceBytes) co_return Result<void>{};
    if (!co_await channel_.more(timeouts_.body_ms)) co_return unfinished();
  }
}

// Expect: 100-continue (RFC 9110 §10.1.1), answered when somebody wants the body.
Task<Result<void>> StreamedBody::ask_for_it() {
  bool first = !std::exchange(asked_, true);
  if (!first || !parser_.expects_continue() || !channel_.input().empty()) co_return Result<void>{};
  std::array interim = {boost::asio::buffer(std::string_view("HTTP/1.1 100 Continue\r\n\r\n"))};
  if (!co_await channel_.write(interim, timeouts_.write_ms)) co_return unfinished();
  co_return Result<void>{};
}

Failure StreamedBody::unfinished() const {
  if (channel_.cut()) return Failure(Error{.code = ErrorCode::kCancelled, .message = "the client has gone"});
  if (channel_.timed_out()) {
    return Failure(Error{.code = ErrorCode::kDeadlineExceeded,
                         .message = "time ran out waiting for the request's body"});
  }
  return Failure(Error::invalid("body", "the connection ended before the request's body"));
}

}  // namespace penstock::http
