#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "core/json.h"
#include "observability/traces/otlp.h"
#include "observability/traces/translation.h"

// Whatever comes in as OTLP, binary or JSON, is refused or becomes spans whose stored form is JSON.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace penstock;
  std::string_view text(reinterpret_cast<const char*>(data), size);
  auto batch = text.starts_with('{') ? traces::read_otlp_json(text) : traces::read_otlp(text);
  if (!batch) return 0;
  for (traces::Span& span : batch->spans) {
    traces::translate(span);
    if (!parse_json(traces::span_content(span))) std::abort();
  }
  return 0;
}
