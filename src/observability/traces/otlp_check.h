#pragma once

#include "core/result.h"
#include "observability/traces/otlp.h"

// What both forms of OTLP refuse in the same words.
namespace penstock::traces {

inline constexpr size_t kTraceIdBytes = 16;
inline constexpr size_t kSpanIdBytes = 8;

Failure malformed_otlp();
Failure no_spans();
Failure unconvertible_span();

// Spans that need a place in the batch: within the limits, with ids. `bytes` of an id are padded on the left.
Result<std::string> otel_id(std::string_view bytes, size_t size);

// UTF-8 without zero bytes, which no database keeps in text.
std::string clean_text(std::string_view text);

}  // namespace penstock::traces
