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

namespace penstock::http {

// Finds the handler of a request by method and path. Filled before the server starts, then immutable and used
// from all loops at once. Example:
//
//   Router router;
//   router.shape("/v1/", openai_error);
//   router.add("GET", "/v1/models/{model...}", get_model);
//   Server::create(loops, options, router.handler(), router.error_shape());
class Router {
 public:
  Router();
  ~Router();

  // A segment of `pattern` is text, "{name}" (one non-empty segment) or, as the last, "{name...}" (the rest,
  // slashes included, not empty). Text wins over a parameter, a parameter over a rest, segment by segment
  // from the left. Params stand in Request::params. A GET handler serves HEAD too (the server leaves the body
  // out). A malformed pattern or one that stands there already is a bug: aborts with a message.
  void add(std::string_view method, std::string_view pattern, Handler handler);

  // The same for a handler that takes the body as a stream, of at most `body_bytes_max`: Request::stream is
  // never null there, and Request::body is not looked at. The guard has admitted the caller before any of the
  // body is read, or asked for (Expect: 100-continue).
  void add_streaming(std::string_view method, std::string_view pattern, int64_t body_bytes_max,
                     Handler handler);

  // Errors of paths that begin with `prefix` are written by `shape`; the longest prefix wins; native_error
  // elsewhere.
  void shape(std::string_view prefix, ErrorShape shape);

  // Gets what no route matches and no shaped prefix claims (for the web UI). Without one: 404.
  void fallback(Handler handler);

  // Asked before every request that does not go to the fallback, known path or not; an error is the answer.
  // Where callers are authenticated.
  using Guard = std::function<Result<void>(Request&)>;
  void guard(Guard guard);

  // Asked where the guard has refused, with its error; may take its time (to check a password). What it
  // returns counts.
  using SecondGuard = std::function<Task<Result<void>>(Request&, Error)>;
  void second_guard(SecondGuard guard);

  // 404 where no pattern matches, 405 with Allow where one does but not for this method; OPTIONS answers 204
  // with Allow unless it was added.
  Task<> handle(Request& request, ResponseStream& out) const;

  // `error` as the contract that owns `path` writes it.
  Response error(std::string_view path, const Error& error) const;

  // For Server::create; both refer to this router.
  Handler handler() const;
  PathErrorShape error_shape() const;
  // For ServerOptions::streamed_body.
  std::function<std::optional<int64_t>(const Request&)> streamed_body() const;

 private:
  struct Node;
  void add_route(std::string_view method, std::string_view pattern, Handler handler,
                 std::optional<int64_t> streamed_bytes_max);
  struct Shape {
    std::string prefix;
    ErrorShape shape;
  };
  const Shape* shape_of(std::string_view path) const;

  std::unique_ptr<Node> root_;
  std::vector<Shape> shapes_;  // longest prefix first
  Handler fallback_;
  Guard guard_;
  SecondGuard second_guard_;
};

}  // namespace penstock::http
