// Feeds the translations of Anthropic's streams, and of OpenAI's, with anything: they must not crash, must
// give the same bytes however the stream was cut, and every event that they give must be JSON.

#include <cstdlib>
#include <string>
#include <string_view>

#include "core/json_fields.h"
#include "providers/translation_fixture.h"

namespace penstock::providers {
namespace {

void demand(bool holds) {
  if (!holds) std::abort();
}

void run(Operation operation, Protocol upstream, std::string_view stream, size_t step) {
  auto whole = make_answer_translation(operation, upstream, test_context());
  auto cut = make_answer_translation(operation, upstream, test_context());
  Translated one = translate_stream(*whole, stream, {stream.size()});
  Translated many = translate_stream(*cut, stream, {step});
  demand(one.outcome.has_value() == many.outcome.has_value());
  if (one.outcome) demand(one.bytes == many.bytes);
  http::SseParser parser;
  (void)parser.feed(one.bytes, [](const http::SseEvent& event) {
    demand(event.data == "[DONE]" || JsonFields::parse(event.data, "event").has_value());
  });
}

}  // namespace
}  // namespace penstock::providers

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace penstock::providers;
  if (size == 0) return 0;
  std::string_view stream(reinterpret_cast<const char*>(data) + 1, size - 1);
  size_t step = data[0] % 16 + 1;
  run(Operation::kChat, Protocol::kAnthropic, stream, step);
  run(Operation::kResponses, Protocol::kAnthropic, stream, step);
  run(Operation::kMessages, Protocol::kOpenAi, stream, step);
  return 0;
}
