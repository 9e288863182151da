#pragma once

#include "core/http_message.h"
#include "core/task.h"
#include "gateway/gateway.h"

namespace penstock::api::openai {

// GET /v1/models: every public model name that stands for one model (wildcards do not). To a client that
// sends anthropic-version in the shape of Anthropic's list, which has the same path.
Task<> list_models(const gateway::Gateway& gateway, const Request& request, ResponseStream& out);

// GET /v1/models/{model}: also a name that only a wildcard matches.
Task<> get_model(const gateway::Gateway& gateway, const Request& request, ResponseStream& out);

}  // namespace penstock::api::openai
