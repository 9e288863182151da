#include "providers/answer.h"

#include "providers/anthropic_answer.h"
#include "providers/openai_answer.h"

namespace penstock::providers {

Result<AnswerFacts> read_answer(Operation /*operation*/, Protocol protocol, std::string_view body) {
  return protocol == Protocol::kOpenAi ? read_openai_answer(body) : read_anthropic_answer(body);
}

std::unique_ptr<AnswerObserver> make_observer(Operation /*operation*/, Protocol protocol,
                                              size_t output_bytes_max) {
  if (protocol == Protocol::kOpenAi) return std::make_unique<OpenAiObserver>(output_bytes_max);
  return std::make_unique<AnthropicObserver>(output_bytes_max);
}

}  // namespace penstock::providers
