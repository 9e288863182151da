#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "access/directory.h"
#include "api/mlflow/message.h"
#include "core/http_message.h"
#include "http/router.h"

namespace penstock::api::mlflow {

// One checked call. Lives until its handler has returned.
struct Call {
  const Request& request;
  Fields in;
  std::shared_ptr<const access::Snapshot> snapshot;
  const access::Principal* principal = nullptr;  // in `snapshot`; null only where the route needs kOpen
};

// One route of MLflow's contract on a module's services S. Each module's routes are one table.
//
// A path such as "2.0/mlflow/runs/create" stands below /api/ and /ajax-api/ alike; one that begins with '/'
// stands by itself. "{id}" is a path parameter, which is a field of the message too if it is one there.
template <class S>
struct Route {
  std::string_view method;  // "GET", "POST", "GET POST": both
  std::string_view path;
  const Message* message = nullptr;  // nullptr: neither body nor query is looked at, and `in` is empty
  access::Capability needs = access::Capability::kDevelop;
  // Exactly one of the two: an answer with a JSON body, or a handler that writes its own (files).
  Task<Result<std::string>> (*answer)(S& services, const Call& call) = nullptr;
  Task<Result<void>> (*stream)(S& services, const Call& call, ResponseStream& out) = nullptr;
  // Above 0: the body is not read beforehand but given as Request::stream, up to so many bytes.
  int64_t streamed_bytes_max = 0;
};

// Where the routes go. Both outlive the server.
struct Contract {
  http::Router& router;
  const access::Directory& directory;
};

// What every client of MLflow asks a server first: /version and server-info; and the shape of errors below
// /api/2.0/, /api/3.0/ and /ajax-api/, where an unknown path is MLflow's ENDPOINT_NOT_FOUND. Call it once,
// before any add_routes.
void add_contract(Contract contract);

// Whether the contract's routes stand there, each of which asks for its own right.
bool asks_itself(std::string_view path);
// Whether a client may ask for it before it has shown who it is.
bool is_open(std::string_view path);

// The version of MLflow that this contract is that of.
inline constexpr std::string_view kMlflowVersion = "3.17.2";

// {"error_code": "...", "message": "..."} with MLflow's status. `error.reason` names MLflow's code where it
// is one of those ("RESOURCE_ALREADY_EXISTS", "INVALID_STATE"); else it follows from error.code.
Response mlflow_error(const Error& error);

namespace internal {
using Answer = std::function<Task<Result<std::string>>(const Call&)>;
using Stream = std::function<Task<Result<void>>(const Call&, ResponseStream&)>;
struct Row {
  std::string_view path;
  const Message* message = nullptr;
  access::Capability needs = access::Capability::kDevelop;
  int64_t streamed_bytes_max = 0;
};
void add(Contract contract, std::string_view methods, const Row& row, Answer answer, Stream stream);
}  // namespace internal

// Adds a module's routes. `services` outlives the router.
template <class S>
void add_routes(Contract contract, std::span<const Route<S>> routes, S& services) {
  for (const Route<S>& route : routes) {
    internal::Answer answer;
    internal::Stream stream;
    if (route.answer != nullptr) {
      answer = [&services, run = route.answer](const Call& call) { return run(services, call); };
    }
    if (route.stream != nullptr) {
      stream = [&services, run = route.stream](const Call& call, ResponseStream& out) {
        return run(services, call, out);
      };
    }
    internal::Row row{.path = route.path,
                      .message = route.message,
                      .needs = route.needs,
                      .streamed_bytes_max = route.streamed_bytes_max};
    internal::add(contract, route.method, row, std::move(answer), std::move(stream));
  }
}

}  // namespace penstock::api::mlflow
