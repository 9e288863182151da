#include "engine/generation_request.h"

#include <utility>

#include "engine/scheduler.h"

namespace penstock::engine {

GenerationRequest generation_request(const CompletionOptions& options, std::vector<Token> prompt,
                                     const Scheduler& scheduler) {
  return {.prompt = std::move(prompt),
          .sampling = options.sampling,
          .constraint = {},
          .stops = options.stops,
          .shown_specials = {},
          .tokens_max = options.tokens_max.value_or(scheduler.window_tokens()),
          .choices = options.choices,
          .top_logprobs = options.top_logprobs,
          .prompt_logprobs = false,
          .ignore_end = options.ignore_end};
}

}  // namespace penstock::engine
