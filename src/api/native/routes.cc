#include "api/native/routes.h"

#include <string>
#include <utility>

#include "api/native/route_table.h"
#include "http/error_shape.h"

namespace penstock::api::native {
namespace {

Task<> send(ResponseStream& out, Response response) {
  response.head.headers.set("cache-control", "no-store");
  // An error here means that the client has gone, and then there is nobody to tell.
  std::ignore = co_await out.send(std::move(response));
}

Task<> serve(const NativeServices& services, const Route& route, const Request& request,
             ResponseStream& out) {
  bool ignored = route.query_rule == QueryRule::kIgnore;
  auto query = Query::parse(ignored ? std::string_view{} : request.query, route.query);
  if (!query) {
    co_await send(out, http::native_error(query.error()));
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
  auto response = co_await route.answer(services, request, *std::move(query));
  co_await send(out, response ? *std::move(response) : http::native_error(response.error()));
}

}  // namespace

void register_native_routes(http::Router& router, const NativeServices& services) {
  router.shape("/api/", http::native_error);
  for (const Route& route : routes()) {
    router.add("GET", route.path, [&services, &route](Request& request, ResponseStream& out) {
      return serve(services, route, request, out);
    });
  }
}

}  // namespace penstock::api::native
