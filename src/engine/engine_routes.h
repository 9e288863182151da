#pragma once

#include <atomic>

#include "http/router.h"

namespace penstock::engine {

struct EngineService;

// The engine's endpoints: OpenAI's /v1, /health and /metrics. While `service` is null, the model loads and
// all of them answer 503. What it points to must outlive the requests.
void add_routes(http::Router& router, std::atomic<EngineService*>& service);

}  // namespace penstock::engine
