#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/http_message.h"
#include "http/error_shape.h"
#include "http/event_loops.h"

namespace penstock::http {

struct ServerLimits {
  int64_t header_bytes_max = 64 << 10;  // request line and fields together; above: 431
  int64_t header_count_max = 100;       // above: 431
  int64_t body_bytes_max = 100 << 20;   // decoded; above: 413, at once when Content-Length says so
  int64_t connections_max = 20'000;     // one more gets 503 and is closed
  int64_t pipelined_max = 16;  // requests of one connection answered in a row before others get a turn
};

struct ServerTimeouts {
  int64_t header_ms = 10'000;            // the whole head, from its first byte; also a TLS handshake
  int64_t body_ms = 30'000;              // between two pieces of a body
  int64_t keep_alive_ms = 75'000;        // without a request
  int64_t write_ms = 30'000;             // a client that takes nothing
  int64_t half_close_grace_ms = 30'000;  // see ResponseStream::disconnected()
};

struct ServerOptions {
  ServerLimits limits;
  ServerTimeouts timeouts;
  // Against DNS rebinding: the Host of a request must be localhost, a loopback address, the address it came
  // in on, or stand here (without port). Against cross-site requests: an Origin on anything but GET, HEAD and
  // OPTIONS must be that of the Host. Both answer 403.
  bool check_host = true;  // off where no browser can reach, such as the engines' Unix sockets
  std::vector<std::string> allowed_hosts;
  std::string server_name;  // the Server header; none if empty
  // Asked about a request of which only the head is read, unless its whole body has come along: how many
  // bytes of it its handler takes as a stream (Request::stream). Without, or where it answers nullopt, the
  // server reads the body first, up to body_bytes_max. See Router::streamed_body.
  std::function<std::optional<int64_t>(const Request&)> streamed_body;
};

// PEM files; `certificate` holds the chain, leaf first.
struct TlsFiles {
  std::string certificate;
  std::string key;
};

struct ServerStats {
  int64_t connections = 0;  // open now
  int64_t connections_total = 0;
  int64_t connections_refused = 0;  // over connections_max
  int64_t requests_total = 0;       // given to the handler
  int64_t requests_refused =
      0;  // malformed, too large, too slow or of a foreign host: answered before the handler
};

// An HTTP/1.1 server. Connections are handed to the loop with the fewest and stay there; their requests are
// answered in order. Every request that the handler sees is well formed: what a proxy in front could read
// differently (both Content-Length and Transfer-Encoding, bare LF, folded lines, repeated Host, ...) is
// answered 400 and the connection closed. All methods are thread-safe but may not be called from a loop.
class Server {
 public:
  // `handler` must not use anything that dies before the server. `shape` writes the errors of the server
  // itself.
  static Result<std::unique_ptr<Server>> create(EventLoops& loops, ServerOptions options, Handler handler,
                                                PathErrorShape shape = {} /* native_error */);
  virtual ~Server() = default;  // drain(0), then waits until the last handler has returned

  // "127.0.0.1:0", "[::1]:8080", "localhost:80" or "unix:/path" (a socket file of mode 0600, removed at the
  // end; one left by a dead process is replaced). Returns the bound address with its real port. May be called
  // several times. kConflict when the address is in use, kInvalidArgument for a bad address or unreadable TLS
  // files.
  virtual Result<std::string> listen(std::string_view address, std::optional<TlsFiles> tls = {}) = 0;

  // Stops accepting, closes idle connections, lets open requests finish (`connection: close`) and cuts what
  // is left after `timeout_ms`. Returns when no connection is left. The server stays closed.
  virtual void drain(int64_t timeout_ms) = 0;

  virtual ServerStats stats() const = 0;
};

}  // namespace penstock::http
