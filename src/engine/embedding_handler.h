#pragma once

#include "core/http_message.h"
#include "core/task.h"

namespace penstock::engine {

struct EngineService;

// POST /v1/embeddings. Vectors have length 1; fewer `dimensions` are the first ones, brought to length 1
// again, as OpenAI's newer models do.
Task<> embeddings(EngineService& service, Request& request, ResponseStream& out);

}  // namespace penstock::engine
