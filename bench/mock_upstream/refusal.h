#pragma once

#include <string>
#include <string_view>

#include "bench/mock_upstream/call.h"
#include "bench/mock_upstream/script.h"

namespace penstock::bench {

// An error as a body in a provider's own shape. `code` is OpenAI's; the others derive theirs from `status`.
std::string error_body(Words words, int status, std::string_view message, std::string_view code);

// The whole answer around it. A 429 or 503 says when to come back, as the behaviour tells.
Script status_answer(const Behaviour& behaviour, int status, std::string_view message);

// The refusal that a fault of kContextWindow, kContentPolicy or kQuota stands for, word for word as these
// providers were seen to answer.
Script refusal(const Call& call);

}  // namespace penstock::bench
