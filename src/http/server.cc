#include "http/server.h"

#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/post.hpp>
#include <exception>
#include <mutex>
#include <utility>

#include "core/log.h"
#include "core/task_group.h"
#include "http/connection.h"
#include "http/listener.h"
#include "http/loop.h"

namespace penstock::http {
namespace {

constexpr int64_t kStopLogMs = 5'000;

ConnectionOrigin origin_of(const Descriptor& fd, TlsContext tls) {
  return ConnectionOrigin{.peer = name_of(fd.get(), SocketSide::kPeer).text,
                          .bound_address = name_of(fd.get(), SocketSide::kLocal).host,
                          .tls = std::move(tls)};
}

// Null when the loop can't watch it.
std::shared_ptr<Channel> open_channel(Loop& loop, Descriptor fd, std::string_view bound_address) {
  int family = bound_address.empty()                          ? AF_UNIX
               : bound_address.find(':') == std::string::npos ? AF_INET
                                                              : AF_INET6;
  Socket socket(loop.io.get_executor());
  boost::system::error_code failure;
  socket.assign(boost::asio::generic::stream_protocol(family, 0), fd.get(), failure);
  if (failure) {
    log_error("a connection can't be watched", {{"what", failure.message()}});
    return nullptr;
  }
  fd.release();
  return std::make_shared<Channel>(loop, std::move(socket));
}

Task<> serve(const ServerTerms& terms, std::shared_ptr<ServerShard> shard, Descriptor fd, TlsContext tls) {
  ConnectionOrigin origin = origin_of(fd, std::move(tls));
  auto channel = open_channel(shard->loop, std::move(fd), origin.bound_address);
  if (!channel) {
    --shard->open;
    co_return;
  }
  Connection connection(terms, *shard, std::move(channel), std::move(origin));
  co_await connection.serve();
}

class ServerOnLoops final : public Server {
 public:
  ServerOnLoops(EventLoops& loops, ServerOptions options, Handler handler, PathErrorShape shape) {
    terms_.options = std::move(options);
    terms_.handler = std::move(handler);
    terms_.shape = std::move(shape);
    for (size_t i = 0; i < loops.size(); ++i) shards_.push_back(std::make_shared<ServerShard>(loops.loop(i)));
  }
  ~ServerOnLoops() override {
    try {
      drain(0);
    } catch (const std::exception& thrown) {
      log_error("a server could not stop", {{"what", thrown.what()}});
    }
  }

  Result<std::string> listen(std::string_view address, std::optional<TlsFiles> tls) override;
  void drain(int64_t timeout_ms) override;
  ServerStats stats() const override;

 private:
  void begin_connection(Descriptor connection, const TlsContext& tls);
  void refuse_connection(const Descriptor& connection, const TlsContext& tls);
  void on_all_connections(void (Connection::*action)());

  ServerTerms terms_;
  std::vector<std::shared_ptr<ServerShard>> shards_;  // shared with what is posted to their loops
  std::atomic<int64_t> connections_refused_ = 0;
  std::mutex mutex_;
  std::vector<std::shared_ptr<Listener>> listeners_;  // guarded by mutex_
  TaskGroup tasks_;
};

Result<std::string> ServerOnLoops::listen(std::string_view address, std::optional<TlsFiles> tls) {
  TlsContext context;
  if (tls) {
    ASSIGN_OR_RETURN(context, server_tls(*tls));
  }
  Loop& loop = shards_.front()->loop;
  auto accepted = [this, context](Descriptor connection) {
    begin_connection(std::move(connection), context);
  };
  std::lock_guard lock(mutex_);
  if (terms_.draining) return Failure(Error::unavailable("the server is closing"));
  ASSIGN_OR_RETURN(auto listener, Listener::open(loop, address, accepted));
  listeners_.push_back(listener);
  tasks_.spawn(loop.io.get_executor(), "http listener", listener->run());
  return listener->address();
}

void ServerOnLoops::begin_connection(Descriptor connection, const TlsContext& tls) {
  int64_t open = 0;
  for (const auto& shard : shards_) open += shard->open;
  if (open >= terms_.options.limits.connections_max) return refuse_connection(connection, tls);
  const auto& shard = *std::ranges::min_element(shards_, {}, [](const auto& s) { return s->open.load(); });
  ++shard->open;
  shard->total.fetch_add(1, std::memory_order_relaxed);
  tasks_.spawn(shard->loop.io.get_executor(), "http connection",
               serve(terms_, shard, std::move(connection), tls));
}

// Best effort, without waiting for the client to take it.
void ServerOnLoops::refuse_connection(const Descriptor& connection, const TlsContext& tls) {
  connections_refused_.fetch_add(1, std::memory_order_relaxed);
  constexpr std::string_view kAnswer =
      "HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\nretry-after: 1\r\nconnection: close\r\n\r\n";
  if (tls) return;
  if (::send(connection.get(), kAnswer.data(), kAnswer.size(), MSG_DONTWAIT | MSG_NOSIGNAL) > 0) {
    ::shutdown(connection.get(), SHUT_WR);
  }
}

void ServerOnLoops::drain(int64_t timeout_ms) {
  terms_.draining = true;
  {
    std::lock_guard lock(mutex_);
    for (const auto& listener : listeners_) {
      boost::asio::post(shards_.front()->loop.io, [listener] { listener->stop(); });
    }
    listeners_.clear();
  }
  on_all_connections(&Connection::drain);
  if (tasks_.wait(timeout_ms)) return;
  on_all_connections(&Connection::cut);
  while (!tasks_.wait(kStopLogMs)) {
    log_warn("the server waits for request handlers to return", {{"tasks", tasks_.running()}});
  }
}

void ServerOnLoops::on_all_connections(void (Connection::*action)()) {
  for (const auto& shard : shards_) {
    boost::asio::post(shard->loop.io, [shard, action] {
      auto snapshot = shard->connections;  // an action may end others
      for (Connection* connection : snapshot) {
        if (shard->connections.contains(connection)) (connection->*action)();
      }
    });
  }
}

ServerStats ServerOnLoops::stats() const {
  ServerStats stats{.connections_refused = connections_refused_};
  for (const auto& shard : shards_) {
    stats.connections += shard->open;
    stats.connections_total += shard->total;
    stats.requests_total += shard->requests;
    stats.requests_refused += shard->refused;
  }
  return stats;
}

}  // namespace

Result<std::unique_ptr<Server>> Server::create(EventLoops& loops, ServerOptions options, Handler handler,
                                               PathErrorShape shape) {
  const ServerLimits& limits = options.limits;
  const ServerTimeouts& timeouts = options.timeouts;
  if (std::min({timeouts.header_ms, timeouts.body_ms, timeouts.keep_alive_ms, timeouts.write_ms,
                timeouts.half_close_grace_ms}) < 1) {
    return Failure(Error::invalid("timeouts", "the server's time-outs must be positive"));
  }
  if (limits.header_bytes_max < 1 || limits.header_count_max < 1 || limits.body_bytes_max < 0 ||
      limits.connections_max < 1 || limits.pipelined_max < 1) {
    return Failure(Error::invalid("limits", "the server's limits must be positive"));
  }
  if (!shape) shape = [](std::string_view /*path*/, const Error& error) { return native_error(error); };
  return std::make_unique<ServerOnLoops>(loops, std::move(options), std::move(handler), std::move(shape));
}

}  // namespace penstock::http
