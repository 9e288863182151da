#include "api/native/routes.h"

#include <algorithm>
#include <string>
#include <utility>

#include "api/native/body.h"
#include "api/native/route_table.h"
#include "core/random.h"
#include "core/uuid.h"
#include "http/error_shape.h"

namespace penstock::api::native {
namespace {

Task<> send(ResponseStream& out, Response response) {
  response.head.headers.set("cache-control", "no-store");
  // An error here means that the client has gone, and then there is nobody to tell.
  std::ignore = co_await out.send(std::move(response));
}

Error forbidden(const access::Principal& principal, access::Capability needs) {
  return Error{.code = ErrorCode::kPermissionDenied,
               .message = "this needs the right '" + std::string(access::capability_name(needs)) +
                          "', which the role '" + std::string(access::role_name(principal.role)) +
                          "' does not have",
               .reason = "missing_right"};
}

// Everything that is checked before a handler runs; `call` is filled on the way.
Result<void> check(const NativeServices& services, const Route& route, Call& call) {
  call.snapshot = services.directory.snapshot();
  call.principal = call.snapshot->find(call.request.principal);
  if (route.needs != access::Capability::kOpen) {
    if (call.principal == nullptr) {
      return Failure(Error{.code = ErrorCode::kUnauthenticated,
                           .message = "log in, or send the header 'Authorization: Bearer KEY'"});
    }
    if (!call.may(route.needs)) return Failure(forbidden(*call.principal, route.needs));
  }
  bool ignored = route.query_rule == QueryRule::kIgnore;
  ASSIGN_OR_RETURN(call.query, Query::parse(ignored ? std::string_view{} : call.request.query, route.query));
  if (!route.body.empty()) {
    ASSIGN_OR_RETURN(call.body, parse_body(call.request.body, route.body));
  }
  return {};
}

Task<> serve(const NativeServices& services, const Route& route, const Request& request,
             ResponseStream& out) {
  Call call{.request = request};
  if (route.method != Method::kGet) call.request_id = Uuid::v7(services.clock, system_random()).text();
  if (Result<void> allowed = check(services, route, call); !allowed) {
    co_await send(out, http::native_error(allowed.error()));
    co_return;
  }
  if (route.stream != nullptr && request.method == "HEAD") {
    Response head_only = Response::text(200, {});
    head_only.head.headers.set("content-type", std::string(route.content_type));
    co_await send(out, std::move(head_only));
    co_return;
  }
  if (route.stream != nullptr) {
    auto outcome = co_await route.stream(services, out);
    if (!outcome && !out.started()) co_await send(out, http::native_error(outcome.error()));
    co_return;
  }
  auto answer = co_await route.answer(services, call);
  Response response = answer ? *std::move(answer) : http::native_error(answer.error());
  if (!call.request_id.empty()) response.head.headers.set("x-request-id", call.request_id);
  co_await send(out, std::move(response));
}

}  // namespace

void register_native_routes(http::Router& router, const NativeServices& services) {
  router.shape("/api/", http::native_error);
  for (const Route& route : routes()) {
    router.add(method_name(route.method), route.path,
               [&services, &route](Request& request, ResponseStream& out) {
                 return serve(services, route, request, out);
               });
  }
}

bool is_open(std::string_view method, std::string_view path) {
  return std::ranges::any_of(routes(), [&](const Route& route) {
    bool same_method =
        method_name(route.method) == method || (method == "HEAD" && route.method == Method::kGet);
    return route.needs == access::Capability::kOpen && route.path == path && same_method;
  });
}

}  // namespace penstock::api::native
