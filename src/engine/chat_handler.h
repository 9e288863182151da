#pragma once

#include "core/http_message.h"
#include "core/task.h"

namespace penstock::engine {

struct EngineService;

// POST /v1/chat/completions. An error before the first token is an error answer; a later one in a stream is
// an SSE event with `error`, and the connection is cut without [DONE].
Task<> chat_completions(EngineService& service, Request& request, ResponseStream& out);

}  // namespace penstock::engine
