#pragma once

#include "gateway/gateway.h"
#include "http/router.h"

namespace penstock::api::anthropic {

// Adds /v1/messages and /v1/messages/count_tokens, and the shape of errors below them. The gateway outlives
// the router.
void register_routes(http::Router& router, const gateway::Gateway& gateway);

}  // namespace penstock::api::anthropic
