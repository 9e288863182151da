#pragma once

#include "api/native/services.h"
#include "http/router.h"

namespace penstock::api::native {

// Adds the native API: everything under /api/v1 (docs/api.md; GET /api/v1/openapi.json describes it), GET
// /health and GET /metrics. Errors under /api/ are {"error":{"code","message","field"?}}. `services` outlives
// the router.
void register_native_routes(http::Router& router, const NativeServices& services);

}  // namespace penstock::api::native
