#pragma once

#include "core/http_message.h"
#include "core/task.h"
#include "gateway/gateway.h"

namespace penstock::api::openai {

// POST /predict {"prompt": "...", "model"?: "...", "max_tokens"?: n, "temperature"?: x, "user"?, "metadata"?}
//   -> {"response": "...", "model": "...", "finish_reason": "...", "usage": {...}, "id": "<record id>"}
// One prompt in, one text out, for callers without an SDK. Without `model` the first embedded chat model
// answers.
Task<> predict(const gateway::Gateway& gateway, Request& request, ResponseStream& out);

}  // namespace penstock::api::openai
