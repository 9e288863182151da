#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/cancel.h"
#include "core/result.h"
#include "core/task.h"

namespace penstock {

// Header fields in order. Names compare without case (RFC 9110 §5.1) and are kept as given.
class Headers {
 public:
  using Field = std::pair<std::string, std::string>;

  Headers() = default;
  Headers(std::initializer_list<Field> fields) : fields_(fields) {}

  std::string_view get(std::string_view name) const;  // first value, or empty
  bool has(std::string_view name) const;
  void add(std::string name, std::string value) { fields_.emplace_back(std::move(name), std::move(value)); }
  void reserve(size_t count) { fields_.reserve(count); }
  void set(std::string_view name, std::string value);  // replaces all of that name
  void remove(std::string_view name);

  auto begin() const { return fields_.begin(); }
  auto end() const { return fields_.end(); }
  size_t size() const { return fields_.size(); }

 private:
  std::vector<Field> fields_;
};

// A body that is read while it comes, so that whoever reads slowly slows the sender down. One reader, on the
// connection's loop; it need not read to the end (the connection is closed after the answer then).
class BodyStream {
 public:
  virtual ~BodyStream() = default;

  // Replaces `piece` by the next bytes, about kPieceBytes of them; empty: that was all. Errors are final:
  // kTooLarge beyond the route's limit, kInvalidArgument for a body that is malformed or cut short,
  // kDeadlineExceeded for a sender that paused too long, kCancelled once it has gone.
  virtual Task<Result<void>> read(std::string& piece) = 0;
  virtual std::optional<int64_t> length() const = 0;  // as announced; absent for chunks

  static constexpr size_t kPieceBytes = 256 << 10;
};

// One request, read completely but for a `stream`. `path` is decoded and normalised (no "//", "." or ".."),
// `query` is raw.
struct Request {
  std::string method;  // upper case as sent: "GET"
  std::string target;  // as sent
  std::string path;    // "/v1/models"
  std::string query;   // "limit=10&cursor=x", without '?'
  Headers headers;
  std::string body;              // has at least 64 spare bytes of capacity after the text (for simdjson)
  BodyStream* stream = nullptr;  // instead of `body`, for routes that take it so (Router::add_streaming)
  std::vector<std::pair<std::string, std::string>> params;  // path parameters put there by the router
  std::string
      principal;     // who calls: the key's name, put there by the authenticating handler; empty if nobody
  std::string peer;  // "127.0.0.1:51234" or "unix"
  bool encrypted = false;
  int64_t arrived_us = 0;  // monotonic clock when the first byte was read

  std::string_view param(std::string_view name) const;  // empty if absent
  // Decoded value of a query parameter (application/x-www-form-urlencoded); empty if absent.
  std::string query_value(std::string_view name) const;
  bool has_query(std::string_view name) const;
};

// Status and headers of an answer. Content-Length, Transfer-Encoding, Connection and Date are the server's.
struct ResponseHead {
  int status = 200;
  Headers headers;
  std::optional<int64_t> length{};  // of a streamed body, if known: exactly so many bytes must be written
};

struct Response {
  ResponseHead head;
  std::string body;

  static Response json(int status, std::string body);
  static Response text(int status, std::string body);
};

// Where a handler puts its answer: either `send` once, or `start`, any number of `write`s and then `finish`
// or `abort`. A handler that returns without either is a bug and answers 500 (or cuts a started stream).
// Errors are kCancelled once the client has gone; a handler may go on working (to account for an answer).
class ResponseStream {
 public:
  virtual ~ResponseStream() = default;

  virtual Task<Result<void>> send(Response response) = 0;

  virtual Task<Result<void>> start(ResponseHead head) = 0;
  virtual Task<Result<void>> write(std::string_view bytes) = 0;  // returns when handed to the kernel
  virtual Task<Result<void>> finish() = 0;                       // the clean end
  virtual void abort() = 0;  // cuts the connection, so that no client takes the answer for complete

  virtual bool started() const = 0;
  // Cancelled when the client has certainly gone: reset, hang-up, failed write, or, for a half-closed
  // connection (which may still wait for its answer), when the server's half_close_grace_ms has passed too.
  virtual CancelToken disconnected() const = 0;
};

// Answers one request. Runs on the connection's loop; `request` and `out` live until it returns.
using Handler = std::function<Task<>(Request& request, ResponseStream& out)>;

}  // namespace penstock
