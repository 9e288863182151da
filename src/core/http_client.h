#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "core/http_message.h"

namespace penstock {

// Where a server listens: "http://host:port", "https://host" or "unix:/path/to/socket", with an optional path
// prefix for the first two ("https://host/v1").
struct Endpoint {
  bool tls = false;
  std::string host;  // empty for a Unix socket
  uint16_t port = 0;
  std::string unix_path;
  std::string prefix;  // "/v1", no trailing slash; put before every target

  // kInvalidArgument for another scheme, a user:password part, a query or a fragment.
  static Result<Endpoint> parse(std::string_view url);
  std::string text() const;
};

// Zero means none. Every phase that waits on the peer has one.
struct HttpTimeouts {
  int64_t connect_ms = 5'000;
  int64_t first_byte_ms = 600'000;  // from the request's last byte to the answer's head
  int64_t idle_ms = 120'000;        // between two pieces of the body
  int64_t total_ms = 0;
};

struct HttpCall {
  std::string_view method = "GET";
  std::string_view target = "/";  // path and query, without the endpoint's prefix
  Headers headers{};              // Host, Content-Length and Connection are the client's
  std::string_view body{};        // the caller keeps it alive until send() has returned
  HttpTimeouts timeouts{};
  CancelToken cancel{};  // ends the call, and later reads of its answer, with kCancelled
};

// The answer to a call: its head is there, its body is read piece by piece. Destroying it before the end
// closes the connection; after the end the connection goes back to the pool.
class HttpAnswer {
 public:
  virtual ~HttpAnswer() = default;
  virtual const ResponseHead& head() const = 0;
  // The next piece as it arrived (1 byte to 64 KiB), empty at the clean end. The view lives until the next
  // call. A body cut short is kUpstream, never an end.
  virtual Task<Result<std::string_view>> read() = 0;
};

// Calls other servers over HTTP/1.1. One object serves all loops; connections are pooled per loop and
// endpoint. A pooled connection that turns out closed before the first byte of an answer is replaced once,
// silently.
class HttpClient {
 public:
  virtual ~HttpClient() = default;
  // kUnavailable when it cannot connect, kDeadlineExceeded, kCancelled, kUpstream for a broken answer.
  virtual Task<Result<std::unique_ptr<HttpAnswer>>> send(const Endpoint& endpoint, HttpCall call) = 0;
};

// Reads the whole rest of a body; kTooLarge beyond `bytes_max`.
Task<Result<std::string>> read_all(HttpAnswer& answer, size_t bytes_max);

}  // namespace penstock
