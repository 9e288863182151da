#pragma once

#include <string_view>

#include "api/native/services.h"
#include "http/router.h"

namespace penstock::api::native {

// Adds the native API: everything under /api/v1 (docs/api.md; GET /api/v1/openapi.json describes it), GET
// /health and GET /metrics. Errors under /api/ are {"error":{"code","message","field"?}}. `services` outlives
// the router.
//
// Each route asks for a right of the role of Request::principal, which whoever authenticates has put there.
void register_native_routes(http::Router& router, const NativeServices& services);

// Whether a route asks nobody who he is (health, logging in): the only ones that may be reached unknown.
bool is_open(std::string_view method, std::string_view path);

}  // namespace penstock::api::native
