#pragma once

#include "core/http_message.h"
#include "core/task.h"

namespace penstock::engine {

struct EngineService;

// POST /v1/completions: OpenAI's older endpoint, for text that is no conversation. Errors as
// chat_completions().
Task<> text_completions(EngineService& service, Request& request, ResponseStream& out);

}  // namespace penstock::engine
