#include "http/connection.h"

#include <array>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <string>
#include <utility>

#include "core/clock.h"
#include "core/log.h"
#include "http/host_check.h"
#include "http/streamed_body.h"

namespace penstock::http {
namespace {

int64_t now_ms() { return system_clock().monotonic_us() / 1000; }

}  // namespace

Connection::Connection(const ServerTerms& terms, ServerShard& shard, std::shared_ptr<Channel> channel,
                       ConnectionOrigin origin)
    : terms_(terms),
      shard_(shard),
      channel_(std::move(channel)),
      origin_(std::move(origin)),
      parser_(terms.options.limits),
      half_close_grace_(shard.loop.deadlines, [this] { on_grace_over(); }) {
  shard_.connections.insert(this);
}

Connection::~Connection() {
  channel_->unwatch();
  channel_->close();
  shard_.connections.erase(this);
  --shard_.open;
}

Task<> Connection::serve() {
  if (origin_.tls) {
    auto session = std::make_unique<TlsSession>(origin_.tls, channel_->socket(), TlsSession::Role::server);
    if (!co_await channel_->handshake(std::move(session), terms_.options.timeouts.header_ms)) co_return;
  }
  while (!terms_.draining) {
    Request request;
    Got got = co_await read_request(request);
    if (got == Got::kRefused) co_return co_await refuse(request);
    if (got == Got::kEnd || !co_await answer(request)) break;
    if (++answered_in_a_row_ >= terms_.options.limits.pipelined_max) {
      answered_in_a_row_ = 0;
      co_await boost::asio::post(boost::asio::use_awaitable);
    }
  }
  if (channel_->cut()) co_return;
  if (body_unread_ || !channel_->input().empty()) co_return co_await linger();
  co_await channel_->end_output();
}

Task<Connection::Got> Connection::read_request(Request& request) {
  if (channel_->input().empty()) {
    answered_in_a_row_ = 0;
    idle_ = true;
    bool arrived = co_await channel_->more_when_idle(terms_.options.timeouts.keep_alive_ms);
    idle_ = false;
    if (!arrived) co_return Got::kEnd;
  }
  request.arrived_us = system_clock().monotonic_us();
  request.peer = origin_.peer;
  request.encrypted = channel_->encrypted();
  if (Got head = co_await read_head(request); head != Got::kRequest) co_return head;
  if (!admit(request)) co_return Got::kRefused;
  if (parser_.done()) co_return Got::kRequest;
  std::optional<int64_t> streamed = streamed_body_max(request);
  body_unread_ = streamed.has_value();
  if (auto refusal = parser_.limit_body(streamed.value_or(terms_.options.limits.body_bytes_max))) {
    co_return refuse_for(std::move(*refusal));
  }
  if (streamed) co_return Got::kRequest;
  if (parser_.expects_continue() && channel_->input().empty()) {
    std::array interim = {boost::asio::buffer(std::string_view("HTTP/1.1 100 Continue\r\n\r\n"))};
    if (!co_await channel_->write(interim, terms_.options.timeouts.write_ms)) co_return Got::kEnd;
  }
  co_return co_await read_body();
}

Task<Connection::Got> Connection::read_head(Request& request) {
  parser_.begin(request);
  if (channel_->text().starts_with("\r\n")) channel_->consume(2);  // RFC 9112 §2.2
  int64_t due_ms = now_ms() + terms_.options.timeouts.header_ms;
  size_t buffer_max = static_cast<size_t>(terms_.options.limits.header_bytes_max) + Channel::kBufferBytes;
  while (true) {
    auto used = channel_->input().empty() ? 0 : parser_.feed(channel_->text());
    if (!used) co_return refuse_for(std::move(used).error());
    channel_->consume(*used);
    if (parser_.head_done()) co_return Got::kRequest;
    int64_t left_ms = std::max<int64_t>(due_ms - now_ms(), 1);
    if (!co_await channel_->more(left_ms, buffer_max)) co_return unfinished("head");
  }
}

Task<Connection::Got> Connection::read_body() {
  while (true) {
    auto used = channel_->input().empty() ? 0 : parser_.feed(channel_->text());
    if (!used) co_return refuse_for(std::move(used).error());
    channel_->consume(*used);
    if (parser_.done()) co_return Got::kRequest;
    if (!co_await channel_->more(terms_.options.timeouts.body_ms)) co_return unfinished("body");
  }
}

// A body that has come along with its head needs no stream, and its route is not looked for twice.
std::optional<int64_t> Connection::streamed_body_max(const Request& request) const {
  if (!terms_.options.streamed_body) return std::nullopt;
  auto arrived = static_cast<int64_t>(channel_->input().size());
  if (parser_.content_length().value_or(INT64_MAX) <= arrived) return std::nullopt;
  return terms_.options.streamed_body(request);
}

bool Connection::admit(const Request& request) {
  if (!terms_.options.check_host) return true;
  auto denied = check_host(request, terms_.options.allowed_hosts, origin_.bound_address);
  if (denied) refuse_for(Refusal{http_status(denied->code), std::move(*denied)});
  return !denied;
}

Connection::Got Connection::refuse_for(Refusal refusal) {
  refusal_ = std::make_unique<Refusal>(std::move(refusal));
  return Got::kRefused;
}

Connection::Got Connection::unfinished(std::string_view part) {
  if (channel_->cut()) return Got::kEnd;
  std::string what(part);
  if (channel_->timed_out()) {
    return refuse_for({408, Error{.code = ErrorCode::kDeadlineExceeded,
                                  .message = "time ran out waiting for the request's " + what}});
  }
  return refuse_for({400, Error{.code = ErrorCode::kInvalidArgument,
                                .message = "the connection ended before the request's " + what}});
}

AnswerTerms Connection::answer_terms(const Request& request) const {
  return AnswerTerms{.head_only = request.method == "HEAD",
                     .http_1_0 = parser_.head_done() && parser_.http_1_0(),
                     .keep_alive = parser_.head_done() && parser_.keep_alive() && !terms_.draining,
                     .body_unread = &body_unread_,
                     .write_ms = terms_.options.timeouts.write_ms,
                     .server_name = terms_.options.server_name};
}

Task<bool> Connection::answer(Request& request) {
  AnswerWriter out(*channel_, disconnect_, answer_terms(request));
  answering_ = &out;
  writes_seen_ = 0;
  watch();
  shard_.requests.fetch_add(1, std::memory_order_relaxed);
  if (body_unread_) {
    co_await call_streaming_handler(request, out);
  } else {
    co_await call_handler(request, out);
  }
  if (!out.started()) {
    Error error = Error::internal("the handler gave no answer");
    if (!co_await out.send(terms_.shape(request.path, error))) co_return false;
  }
  if (!out.complete()) out.abort();
  answering_ = nullptr;
  channel_->unwatch();
  half_close_grace_.clear();
  bool more_to_come = !channel_->ended() || !channel_->input().empty();
  co_return out.reusable() && more_to_come;
}

Task<> Connection::call_handler(Request& request, AnswerWriter& out) {
  try {
    co_await terms_.handler(request, out);
  } catch (const std::exception& thrown) {
    log_error("a request handler threw", {{"path", request.path}, {"what", thrown.what()}});
  }
}

Task<> Connection::call_streaming_handler(Request& request, AnswerWriter& out) {
  StreamedBody body(parser_, *channel_, request, terms_.options.timeouts, [this] {
    body_unread_ = !parser_.done();
    on_change();
  });
  request.stream = &body;
  co_await call_handler(request, out);
  request.stream = nullptr;
}

Task<> Connection::refuse(const Request& request) {
  shard_.refused.fetch_add(1, std::memory_order_relaxed);
  Response response = terms_.shape(request.path, refusal_->error);
  response.head.status = refusal_->status;
  AnswerTerms answer = answer_terms(request);
  answer.keep_alive = false;
  AnswerWriter out(*channel_, disconnect_, answer);
  if (!co_await out.send(std::move(response))) co_return;
  co_await linger();
}

// Closing with unread bytes makes the kernel send a reset, which can overtake the answer. So read on until
// the client has seen it and stops.
Task<> Connection::linger() {
  if (!channel_->encrypted()) co_await channel_->end_output();
  int64_t due_ms = now_ms() + kLingerMs;
  idle_ = true;
  do {
    channel_->consume(channel_->input().size());
  } while (now_ms() < due_ms && !terms_.draining && co_await channel_->more(kLingerIdleMs));
  if (channel_->encrypted()) co_await channel_->end_output();
}

void Connection::watch() {
  channel_->watch([this] { on_change(); });
  if (channel_->ended() && !half_close_grace_.is_set()) {
    half_close_grace_.set_in_ms(terms_.options.timeouts.half_close_grace_ms);
  }
}

void Connection::on_change() {
  if (channel_->cut()) {
    disconnect_.cancel();
  } else {
    watch();
  }
}

// A client that has really gone resets us on the first write after its FIN, so writes that went well earn
// more time.
void Connection::on_grace_over() {
  if (answering_ != nullptr && answering_->writes() != writes_seen_) {
    writes_seen_ = answering_->writes();
    half_close_grace_.set_in_ms(terms_.options.timeouts.half_close_grace_ms);
    return;
  }
  cut();
}

void Connection::drain() {
  if (answering_ != nullptr) answering_->close_after();
  if (idle_) channel_->close();
}

void Connection::cut() {
  channel_->close();
  disconnect_.cancel();
}

}  // namespace penstock::http
