#include "providers/answer.h"

#include "providers/openai_answer.h"

namespace penstock::providers {

Result<AnswerFacts> read_answer(Operation /*operation*/, Protocol protocol, std::string_view body) {
  if (protocol == Protocol::kOpenAi) return read_openai_answer(body);
  return Failure(Error{.code = ErrorCode::kNotImplemented, .message = "Anthropic answers are not read yet"});
}

std::unique_ptr<AnswerObserver> make_observer(Operation /*operation*/, Protocol protocol,
                                              size_t output_bytes_max) {
  if (protocol == Protocol::kOpenAi) return std::make_unique<StreamObserver>(output_bytes_max);
  return nullptr;
}

}  // namespace penstock::providers
