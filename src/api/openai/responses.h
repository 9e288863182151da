#pragma once

#include "gateway/gateway.h"
#include "http/router.h"

namespace penstock::api::openai {

// Adds the stateless subset of the Responses API: POST /v1/responses, whole and as a stream of named events.
// What needs stored responses answers 501 and says so. The gateway outlives the router.
void register_responses(http::Router& router, const gateway::Gateway& gateway);

}  // namespace penstock::api::openai
