#include "http/client.h"

#include <algorithm>
#include <array>
#include <boost/asio/post.hpp>
#include <exception>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/clock.h"
#include "core/log.h"
#include "http/answer_parser.h"
#include "http/channel.h"
#include "http/connection_pool.h"
#include "http/connector.h"
#include "http/loop.h"
#include "http/message_head.h"
#include "http/tls.h"

namespace penstock::http {
namespace {

constexpr int64_t kServerIdleMaxS = 86'400;      // what a Keep-Alive timeout may say
constexpr int64_t kServerCloseMarginMs = 1'000;  // before the server's own Keep-Alive timeout

int64_t now_ms() { return system_clock().monotonic_us() / 1000; }

Error failed(ErrorCode code, const Endpoint& endpoint, std::string_view what) {
  return Error{.code = code, .message = endpoint.text() + " " + std::string(what)};
}

Result<void> check_call(const HttpCall& call) {
  if (!is_token(call.method)) return Failure(Error::invalid("method", "the method is not a token"));
  auto foreign = [](char c) { return static_cast<unsigned char>(c) <= 0x20 || c == 0x7F; };
  if (!call.target.starts_with('/') || std::ranges::any_of(call.target, foreign)) {
    return Failure(Error::invalid("target", "the target must begin with '/' and hold no space"));
  }
  return {};
}

std::string host_field(const Endpoint& endpoint) {
  if (!endpoint.unix_path.empty()) return "localhost";
  bool bracket = endpoint.host.find(':') != std::string::npos;
  std::string host = bracket ? "[" + endpoint.host + "]" : endpoint.host;
  bool usual = endpoint.port == (endpoint.tls ? 443 : 80);
  return usual ? host : host + ":" + std::to_string(endpoint.port);
}

std::string request_head(const Endpoint& endpoint, const HttpCall& call) {
  std::string head;
  head.reserve(512);
  head.append(call.method)
      .append(" ")
      .append(endpoint.prefix)
      .append(call.target)
      .append(" HTTP/1.1\r\nhost: ");
  head += host_field(endpoint);
  head += "\r\n";
  if (!call.body.empty() || call.method == "POST" || call.method == "PUT" || call.method == "PATCH") {
    head.append("content-length: ").append(std::to_string(call.body.size())).append("\r\n");
  }
  append_fields(head, call.headers);
  head += "\r\n";
  return head;
}

// Connections are shared by everything that makes them equal; the prefix is not part of it.
std::string pool_key(const Endpoint& endpoint) {
  if (!endpoint.unix_path.empty()) return "unix:" + endpoint.unix_path;
  return (endpoint.tls ? "https " : "http ") + endpoint.host + " " + std::to_string(endpoint.port);
}

// One call on one connection, from its first byte to the end of its answer.
class Exchange final : public HttpAnswer {
 public:
  Exchange(Loop& loop, const Endpoint& endpoint, std::string key, const HttpCall& call,
           const ClientOptions& options, std::shared_ptr<ConnectionPool> pool)
      : endpoint_(endpoint),
        key_(std::move(key)),
        timeouts_(call.timeouts),
        cancel_(call.cancel),
        options_(options),
        pool_(std::move(pool)),
        bodyless_(call.method == "HEAD"),
        total_(loop.deadlines, [this] { on_out_of_time(); }) {
    total_.set_in_ms(timeouts_.total_ms);
  }
  ~Exchange() override;

  // Sends the request over `channel` and reads the answer's head. Failed without a byte of an answer:
  // `stale()`.
  Task<Result<void>> run(std::shared_ptr<Channel> channel, std::string_view request, std::string_view body);
  bool stale() const { return !answered_ && !out_of_time_ && !cancel_.cancelled() && !channel_->timed_out(); }

  const ResponseHead& head() const override { return parser_->head(); }
  Task<Result<std::string_view>> read() override;

 private:
  Task<Result<void>> read_head();
  void on_out_of_time();
  void give_back();
  Error explain(std::string_view phase) const;

  Endpoint endpoint_;
  std::string key_;
  HttpTimeouts timeouts_;
  CancelToken cancel_;
  const ClientOptions& options_;
  std::shared_ptr<ConnectionPool> pool_;
  bool bodyless_;
  Deadline total_;
  std::shared_ptr<Channel> channel_;
  std::optional<AnswerParser> parser_;
  CancelToken::Subscription subscription_;
  std::string_view ready_;  // the head came with the body's first piece
  size_t to_consume_ = 0;   // what the last piece was read from
  bool answered_ = false;
  bool sent_whole_ = false;
  bool out_of_time_ = false;
};

Exchange::~Exchange() {
  if (!channel_) return;
  subscription_ = {};
  if (parser_ && parser_->done()) {
    give_back();
  } else {
    channel_->close();
  }
}

Task<Result<void>> Exchange::run(std::shared_ptr<Channel> channel, std::string_view request,
                                 std::string_view body) {
  if (channel_) channel_->close();  // the stale one
  channel_ = std::move(channel);
  subscription_ = cancel_.on_cancel([this] { channel_->close(); });
  parser_.emplace(options_.header_bytes_max, bodyless_);
  channel_->watch(nullptr);
  std::array pieces = {boost::asio::const_buffer(request.data(), request.size()),
                       boost::asio::const_buffer(body.data(), body.size())};
  sent_whole_ = co_await channel_->write(pieces, timeouts_.idle_ms, Channel::OnInput::kStop);
  if (!sent_whole_ && channel_->cut()) co_return Failure(explain("before the request was sent"));
  co_return co_await read_head();
}

Task<Result<void>> Exchange::read_head() {
  size_t buffer_max = static_cast<size_t>(options_.header_bytes_max) + Channel::kBufferBytes;
  int64_t due_ms = now_ms() + timeouts_.first_byte_ms;
  while (true) {
    if (!channel_->input().empty()) {
      answered_ = true;
      ASSIGN_OR_CO_RETURN(auto fed, parser_->feed(channel_->input()));
      if (parser_->head_done()) {
        ready_ = fed.piece;
        to_consume_ = fed.used;
        co_return Result<void>{};
      }
      channel_->consume(fed.used);
    }
    int64_t left_ms = timeouts_.first_byte_ms > 0 ? std::max<int64_t>(due_ms - now_ms(), 1) : 0;
    if (!co_await channel_->more(left_ms, buffer_max)) {
      co_return Failure(explain("before its answer"));
    }
  }
}

Task<Result<std::string_view>> Exchange::read() {
  while (true) {
    if (!ready_.empty()) co_return std::exchange(ready_, {});
    if (!channel_) co_return std::string_view{};
    channel_->consume(std::exchange(to_consume_, 0));
    if (parser_->done()) {
      give_back();
      co_return std::string_view{};
    }
    // The parser has used all that it can use so far.
    if (co_await channel_->more(timeouts_.idle_ms)) {
      ASSIGN_OR_CO_RETURN(auto fed, parser_->feed(channel_->input()));
      ready_ = fed.piece;
      to_consume_ = fed.used;
    } else if (!channel_->ended() || channel_->truncated() || !parser_->finish()) {
      co_return Failure(explain("before its answer was complete"));
    }
  }
}

void Exchange::on_out_of_time() {
  out_of_time_ = true;
  if (channel_) channel_->close();
}

void Exchange::give_back() {
  subscription_ = {};
  total_.clear();
  auto channel = std::exchange(channel_, nullptr);
  channel->consume(std::exchange(to_consume_, 0));
  bool reusable = sent_whole_ && parser_->keep_alive() && channel->input().empty() && !channel->ended() &&
                  !channel->cut();
  if (!reusable) return channel->close();
  int64_t idle_ms = options_.idle_ms;
  if (auto server_s = parser_->keep_alive_s()) {
    idle_ms = std::min(idle_ms, std::min(*server_s, kServerIdleMaxS) * 1000 - kServerCloseMarginMs);
  }
  pool_->put(key_, std::move(channel), idle_ms);
}

// Why nothing more comes.
Error Exchange::explain(std::string_view phase) const {
  if (cancel_.cancelled()) return failed(ErrorCode::kCancelled, endpoint_, "is no longer needed: cancelled");
  if (out_of_time_ || channel_->timed_out()) {
    return failed(ErrorCode::kDeadlineExceeded, endpoint_, "took too long " + std::string(phase));
  }
  return failed(ErrorCode::kUpstream, endpoint_, "closed the connection " + std::string(phase));
}

class ClientOnLoops final : public HttpClient {
 public:
  ClientOnLoops(EventLoops& loops, ClientOptions options) : loops_(loops), options_(std::move(options)) {
    auto idle_max = static_cast<size_t>(std::max<int64_t>(options_.idle_per_endpoint_max, 0));
    for (size_t i = 0; i < loops.size(); ++i) pools_.push_back(std::make_shared<ConnectionPool>(idle_max));
  }
  ~ClientOnLoops() override {
    try {
      for (size_t i = 0; i < pools_.size(); ++i) {
        boost::asio::post(loops_.loop(i).io, [pool = std::move(pools_[i])] { pool->clear(); });
      }
    } catch (const std::exception& thrown) {
      log_error("a client could not close its connections", {{"what", thrown.what()}});
    }
  }

  Task<Result<std::unique_ptr<HttpAnswer>>> send(const Endpoint& endpoint, HttpCall call) override;

 private:
  Result<TlsContext> tls_for(const Endpoint& endpoint);

  EventLoops& loops_;
  const ClientOptions options_;
  std::vector<std::shared_ptr<ConnectionPool>> pools_;  // by loop
  std::once_flag tls_made_;
  Result<TlsContext> tls_;
};

// Made on first use: reading the system's authorities takes milliseconds.
Result<TlsContext> ClientOnLoops::tls_for(const Endpoint& endpoint) {
  if (!endpoint.tls) return TlsContext{};
  std::call_once(tls_made_, [this] { tls_ = client_tls(options_.certificate_authorities); });
  return tls_;
}

Task<Result<std::unique_ptr<HttpAnswer>>> ClientOnLoops::send(const Endpoint& endpoint, HttpCall call) {
  CO_RETURN_IF_ERROR(check_call(call));
  auto index = EventLoops::current();
  if (!index || *index >= pools_.size()) {
    co_return Failure(Error::internal("an HTTP client was called outside of its event loops"));
  }
  if (call.cancel.cancelled()) {
    co_return Failure(failed(ErrorCode::kCancelled, endpoint, "was not called: cancelled"));
  }
  Loop& loop = loops_.loop(*index);
  ConnectionPool& pool = *pools_[*index];
  std::string key = pool_key(endpoint);
  auto idle = pool.take(key);
  auto exchange = std::make_unique<Exchange>(loop, endpoint, std::move(key), call, options_, pools_[*index]);
  std::string head = request_head(endpoint, call);
  if (idle) {
    auto outcome = co_await exchange->run(std::move(idle), head, call.body);
    if (outcome) co_return std::move(exchange);
    if (!exchange->stale()) co_return Failure(std::move(outcome).error());
  }
  ASSIGN_OR_CO_RETURN(TlsContext tls, tls_for(endpoint));
  int64_t connect_ms = call.timeouts.connect_ms;
  if (call.timeouts.total_ms > 0) {
    connect_ms = connect_ms > 0 ? std::min(connect_ms, call.timeouts.total_ms) : call.timeouts.total_ms;
  }
  ASSIGN_OR_CO_RETURN(auto channel, co_await connect(loop, endpoint, std::move(tls), options_.peers,
                                                     connect_ms, call.cancel));
  CO_RETURN_IF_ERROR(co_await exchange->run(std::move(channel), head, call.body));
  co_return std::move(exchange);
}

}  // namespace

std::unique_ptr<HttpClient> make_client(EventLoops& loops, ClientOptions options) {
  return std::make_unique<ClientOnLoops>(loops, std::move(options));
}

}  // namespace penstock::http
