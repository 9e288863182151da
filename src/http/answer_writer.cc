#include "http/answer_writer.h"

#include <array>
#include <charconv>

#include "core/clock.h"

namespace penstock::http {
namespace {

namespace asio = boost::asio;

bool has_no_body(int status) { return status == 204 || status == 304; }

Failure gone() { return Failure(Error{.code = ErrorCode::kCancelled, .message = "the client has gone"}); }

Failure out_of_order(std::string_view what) {
  return Failure(Error::internal("a handler called " + std::string(what) + " out of order"));
}

asio::const_buffer buffer_of(std::string_view text) { return {text.data(), text.size()}; }

}  // namespace

std::string AnswerWriter::head_text(const ResponseHead& head, Framing framing, size_t length) {
  using Connection = HeadOptions::Connection;
  if (terms_.body_unread != nullptr && *terms_.body_unread) terms_.keep_alive = false;
  HeadOptions options{.framing = framing,
                      .length = length,
                      .date = channel_.loop().date.text(system_clock().now().us / 1'000'000),
                      .server = terms_.server_name};
  if (!terms_.keep_alive) {
    options.connection = Connection::kClose;
  } else if (terms_.http_1_0) {
    options.connection = Connection::kKeepAlive;
  }
  std::string text;
  text.reserve(512);
  append_response_head(text, head, options);
  return text;
}

Task<Result<void>> AnswerWriter::send(Response response) {
  if (state_ != State::kFresh) co_return out_of_order("send");
  bool bodyless = has_no_body(response.head.status);
  Framing framing = bodyless ? Framing::kNone : Framing::kLength;
  std::string head = head_text(response.head, framing, response.body.size());
  std::string_view body = response.body;
  if (bodyless || terms_.head_only) body = {};
  std::array pieces = {buffer_of(head), buffer_of(body)};
  co_return co_await put(pieces, State::kDone);
}

Task<Result<void>> AnswerWriter::start(ResponseHead head) {
  if (state_ != State::kFresh) co_return out_of_order("start");
  framing_ = head.length ? Framing::kLength : Framing::kChunked;
  length_left_ = head.length.value_or(0);
  if (terms_.http_1_0 && !head.length) {
    framing_ = Framing::kUntilClose;
    terms_.keep_alive = false;
  }
  if (has_no_body(head.status)) framing_ = Framing::kNone;
  std::string text = head_text(head, framing_, static_cast<size_t>(length_left_));
  if (terms_.head_only) framing_ = Framing::kNone;
  std::array pieces = {buffer_of(text)};
  co_return co_await put(pieces, State::kStreaming);
}

Task<Result<void>> AnswerWriter::write(std::string_view bytes) {
  if (state_ == State::kCut) co_return gone();
  if (state_ != State::kStreaming) co_return out_of_order("write");
  if (bytes.empty() || framing_ == Framing::kNone) co_return Result<void>{};
  if (framing_ == Framing::kLength) {
    auto size = static_cast<int64_t>(bytes.size());
    if (size > length_left_) co_return out_of_order("write beyond the announced length");
    length_left_ -= size;
  }
  if (framing_ != Framing::kChunked) {
    std::array pieces = {buffer_of(bytes)};
    co_return co_await put(pieces, State::kStreaming);
  }
  std::array<char, 20> size;
  char* end = std::to_chars(size.data(), size.data() + size.size(), bytes.size(), 16).ptr;
  *end++ = '\r';
  *end++ = '\n';
  std::array pieces = {asio::const_buffer(size.data(), static_cast<size_t>(end - size.data())),
                       buffer_of(bytes), buffer_of("\r\n")};
  co_return co_await put(pieces, State::kStreaming);
}

Task<Result<void>> AnswerWriter::finish() {
  if (state_ == State::kCut) co_return gone();
  if (state_ != State::kStreaming) co_return out_of_order("finish");
  bool incomplete = framing_ == Framing::kLength && length_left_ != 0;
  if (incomplete) co_return out_of_order("finish before the announced length");
  std::array pieces = {buffer_of(framing_ == Framing::kChunked ? "0\r\n\r\n" : "")};
  co_return co_await put(pieces, State::kDone);
}

void AnswerWriter::abort() {
  // A body without a length ends with the connection: only a reset tells the client that it is not complete.
  if (framing_ == Framing::kUntilClose) channel_.reset();
  state_ = State::kCut;
}

Task<Result<void>> AnswerWriter::put(std::span<const asio::const_buffer> pieces, State after) {
  state_ = State::kStreaming;
  ++writes_;
  bool sent = !disconnect_.cancelled() && co_await channel_.write(pieces, terms_.write_ms);
  if (state_ == State::kCut) co_return gone();  // aborted meanwhile
  state_ = sent ? after : State::kCut;
  if (!sent) {
    channel_.close();
    disconnect_.cancel();
    co_return gone();
  }
  co_return Result<void>{};
}

}  // namespace penstock::http
