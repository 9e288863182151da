#pragma once

#include "gateway/gateway.h"
#include "http/router.h"

namespace penstock::api::openai {

// Adds OpenAI's contract to `router`: POST /v1/chat/completions, /v1/completions, /v1/embeddings, GET
// /v1/models and /v1/models/{model}, and the native convenience POST /predict. `gateway` outlives the router.
void register_routes(http::Router& router, const gateway::Gateway& gateway);

}  // namespace penstock::api::openai
