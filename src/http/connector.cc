#include "http/connector.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "core/clock.h"
#include "core/public_address.h"

namespace penstock::http {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using Address = asio::generic::stream_protocol::endpoint;
constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);

int64_t now_ms() { return system_clock().monotonic_us() / 1000; }

Error cancelled() { return Error{.code = ErrorCode::kCancelled, .message = "the call was cancelled"}; }

Error timed_out(const Endpoint& endpoint, int64_t connect_ms) {
  return Error{
      .code = ErrorCode::kDeadlineExceeded,
      .message = "no connection to " + endpoint.text() + " within " + std::to_string(connect_ms) + " ms"};
}

Error unavailable(const Endpoint& endpoint, std::string_view why) {
  return Error::unavailable("cannot connect to " + endpoint.text() + ": " + std::string(why));
}

// A name lookup can't be interrupted: the system call runs on in a thread of Asio's. So what it fills lives
// apart from whoever waits, who goes on when it is done, too late or no longer wanted.
struct Lookup {
  explicit Lookup(Loop& loop) : resolver(loop.io.get_executor()), done(loop.io) {}
  asio::ip::basic_resolver<tcp, LoopExecutor> resolver;
  asio::steady_timer done;  // cancelled when there is an outcome
  bool finished = false;
  error_code failure;
  std::vector<Address> addresses;
};

Task<Result<std::vector<Address>>> look_up(Loop& loop, const Endpoint& endpoint, int64_t connect_ms,
                                           CancelToken cancel) {
  auto lookup = std::make_shared<Lookup>(loop);
  if (connect_ms > 0) {
    lookup->done.expires_after(std::chrono::milliseconds(connect_ms));
  } else {
    lookup->done.expires_at(asio::steady_timer::time_point::max());
  }
  lookup->resolver.async_resolve(
      endpoint.host, std::to_string(endpoint.port),
      [lookup](const error_code& failure, const tcp::resolver::results_type& results) {
        lookup->finished = true;
        lookup->failure = failure;
        for (const auto& result : results) lookup->addresses.emplace_back(result.endpoint());
        lookup->done.cancel();
      });
  auto subscription = cancel.on_cancel([lookup] { lookup->done.cancel(); });
  if (!cancel.cancelled()) co_await lookup->done.async_wait(kAwait);
  if (cancel.cancelled()) co_return Failure(cancelled());
  if (!lookup->finished) co_return Failure(timed_out(endpoint, connect_ms));
  if (lookup->failure) co_return Failure(unavailable(endpoint, lookup->failure.message()));
  co_return std::move(lookup->addresses);
}

Task<Result<std::vector<Address>>> addresses_of(Loop& loop, const Endpoint& endpoint, int64_t connect_ms,
                                                CancelToken cancel) {
  std::vector<Address> addresses;
  error_code not_an_address;
  auto literal = asio::ip::make_address(endpoint.host, not_an_address);
  if (!endpoint.unix_path.empty()) {
    if (endpoint.unix_path.size() >= sizeof(sockaddr_un::sun_path)) {
      co_return Failure(Error::invalid("url", "the socket path '" + endpoint.unix_path + "' is too long"));
    }
    addresses.emplace_back(asio::local::stream_protocol::endpoint(endpoint.unix_path));
  } else if (!not_an_address) {
    addresses.emplace_back(tcp::endpoint(literal, endpoint.port));
  } else {
    co_return co_await look_up(loop, endpoint, connect_ms, std::move(cancel));
  }
  co_return addresses;
}

Result<std::vector<Address>> allowed(std::vector<Address> addresses, const Endpoint& endpoint, Peers peers) {
  if (peers == Peers::kAny) return addresses;
  std::erase_if(addresses, [](const Address& address) {
    if (address.protocol().family() != AF_INET && address.protocol().family() != AF_INET6) return true;
    tcp::endpoint peer;
    peer.resize(address.size());
    std::memcpy(peer.data(), address.data(), address.size());
    return !is_public_address(peer.address().to_string());
  });
  if (!addresses.empty()) return addresses;
  return Failure(Error{.code = ErrorCode::kPermissionDenied,
                       .message = endpoint.text() + " is not called: it has no public address"});
}

// One attempt. Closing the socket is how the deadline and the caller end it.
struct Attempt {
  explicit Attempt(Loop& loop)
      : socket(loop.io.get_executor()), deadline(loop.deadlines, [this] {
          expired = true;
          close();
        }) {}
  void close() {
    error_code ignored;
    socket.close(ignored);
  }
  Socket socket;
  Deadline deadline;
  bool expired = false;
};

Task<error_code> try_address(Attempt& attempt, const Address& address, int64_t attempt_ms,
                             CancelToken cancel) {
  auto subscription = cancel.on_cancel([&attempt] { attempt.close(); });
  attempt.deadline.set_in_ms(attempt_ms);
  auto [failure] = co_await attempt.socket.async_connect(address, kAwait);
  attempt.deadline.clear();
  if (attempt.expired) co_return asio::error::timed_out;
  co_return failure;
}

Task<Result<void>> secure(Channel& channel, const Endpoint& endpoint, TlsContext tls, int64_t left_ms,
                          int64_t connect_ms, CancelToken cancel) {
  auto session = std::make_unique<TlsSession>(std::move(tls), channel.socket(), TlsSession::Role::client);
  CO_RETURN_IF_ERROR(session->expect_host(endpoint.host));
  auto subscription = cancel.on_cancel([&channel] { channel.close(); });
  if (co_await channel.handshake(std::move(session), left_ms)) co_return Result<void>{};
  if (cancel.cancelled()) co_return Failure(cancelled());
  if (channel.timed_out()) co_return Failure(timed_out(endpoint, connect_ms));
  co_return Failure(unavailable(endpoint, "TLS: " + channel.tls_failure()));
}

}  // namespace

Task<Result<std::shared_ptr<Channel>>> connect(Loop& loop, const Endpoint& endpoint, TlsContext tls,
                                               Peers peers, int64_t connect_ms, CancelToken cancel) {
  int64_t due_ms = now_ms() + connect_ms;
  auto left_ms = [&] { return connect_ms > 0 ? std::max<int64_t>(due_ms - now_ms(), 1) : 0; };
  ASSIGN_OR_CO_RETURN(auto addresses, co_await addresses_of(loop, endpoint, connect_ms, cancel));
  ASSIGN_OR_CO_RETURN(addresses, allowed(std::move(addresses), endpoint, peers));
  error_code failure = asio::error::host_not_found;
  for (size_t i = 0; i < addresses.size(); ++i) {
    if (cancel.cancelled()) co_return Failure(cancelled());
    Attempt attempt(loop);
    int64_t share_ms =
        connect_ms > 0 ? std::max<int64_t>(left_ms() / static_cast<int64_t>(addresses.size() - i), 1) : 0;
    failure = co_await try_address(attempt, addresses[i], share_ms, cancel);
    if (failure) continue;
    auto channel = std::make_shared<Channel>(loop, std::move(attempt.socket));
    if (endpoint.tls) {
      CO_RETURN_IF_ERROR(co_await secure(*channel, endpoint, tls, left_ms(), connect_ms, cancel));
    }
    co_return channel;
  }
  if (cancel.cancelled()) co_return Failure(cancelled());
  if (failure == asio::error::timed_out) co_return Failure(timed_out(endpoint, connect_ms));
  co_return Failure(unavailable(endpoint, failure.message()));
}

}  // namespace penstock::http
