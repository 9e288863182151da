#pragma once

#include <vector>

#include "engine/generation.h"
#include "engine/openai_request.h"

namespace penstock::engine {

class Scheduler;

// What the options of an OpenAI request mean to the scheduler.
GenerationRequest generation_request(const CompletionOptions& options, std::vector<Token> prompt,
                                     const Scheduler& scheduler);

}  // namespace penstock::engine
