#include "api/anthropic/routes.h"

#include <array>

#include "api/anthropic/parse.h"
#include "api/anthropic/request_id_stream.h"
#include "http/error_shape.h"

namespace penstock::api::anthropic {
namespace {

constexpr std::array<CallPath, 2> kCallPaths = {{
    {"/v1/messages", "messages", providers::Operation::kMessages},
    {"/v1/messages/count_tokens", "messages.count_tokens", providers::Operation::kCountTokens},
}};

Task<> relay(const gateway::Gateway& gateway, const CallPath& path, Request& request, ResponseStream& out) {
  RequestIdStream named(out);
  gateway::Call call = begin_call(path, request);
  if (Result<void> parsed = parse_call(call); !parsed) {
    co_await gateway.refuse(call, parsed.error(), named);
  } else {
    co_await gateway.relay(call, named);
  }
}

}  // namespace

void register_routes(http::Router& router, const gateway::Gateway& gateway) {
  router.shape("/v1/messages", http::anthropic_error);
  for (const CallPath& path : kCallPaths) {
    router.add("POST", path.path, [&gateway, &path](Request& request, ResponseStream& out) {
      return relay(gateway, path, request, out);
    });
  }
}

}  // namespace penstock::api::anthropic
