#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "core/http_message.h"
#include "http/server.h"

namespace penstock::http {

// Why a request is not taken, with the status to say so.
struct Refusal {
  int status = 400;
  Error error;
};

// Reads requests from bytes, strictly: on top of Beast's parser it refuses whatever two readers could
// understand differently. Not allowed, each 400: Content-Length together with Transfer-Encoding; either of
// them repeated; a Transfer-Encoding other than "chunked" or in HTTP/1.0; a Content-Length that is not plain
// digits; folded lines; bare CR or LF; space around a field name; control characters; a missing, repeated or
// malformed Host, or one that differs from an absolute target; control characters in chunk extensions.
// Memory: the request's own.
class RequestParser {
 public:
  explicit RequestParser(const ServerLimits& limits);
  ~RequestParser();

  // Begins a request: everything read goes to `request`, which must outlive the reading.
  void begin(Request& request);

  // Takes bytes, first the head, then (after head_done(), by further calls) the body. Returns how many it has
  // used: it stops at the end of the head and at the end of the request. Bytes that it leaves must come again
  // together with more. Once refused it is of no more use until begin().
  std::expected<size_t, Refusal> feed(std::string_view bytes);

  // To be called between head and body: how long the body may be. A length announced beyond that is refused
  // at once, chunks when they come to be.
  std::optional<Refusal> limit_body(int64_t bytes_max);

  bool head_done() const { return head_done_; }
  bool done() const;

  // Of a finished head.
  bool keep_alive() const;  // as the client wants it
  bool http_1_0() const;
  bool expects_continue() const { return expects_continue_; }
  std::optional<int64_t> content_length() const;

 private:
  struct Beast;
  Refusal body_too_large() const;
  std::optional<Refusal> check_head();
  std::optional<Refusal> check_host();

  ServerLimits limits_;
  std::unique_ptr<std::optional<Beast>> beast_;  // one allocation for all requests of a connection
  Request* request_ = nullptr;
  int64_t head_bytes_ = 0;
  int64_t body_bytes_max_ = 0;
  bool head_done_ = false;
  bool expects_continue_ = false;
};

}  // namespace penstock::http
