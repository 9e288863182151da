#pragma once

#include <string_view>

#include "core/result.h"
#include "observability/traces/span.h"

namespace penstock::traces {

// OTLP's ExportTraceServiceRequest (opentelemetry-proto 1.x, collector/trace/v1/trace_service.proto).

constexpr size_t kSpansPerRequestMax = 100'000;
constexpr size_t kAttributesPerSpanMax = 4096;
constexpr int kValueDepthMax = 32;  // of arrays and maps within an attribute

// Error::reason of a span that is well-formed and cannot be kept: without an id, or with one too long.
inline constexpr std::string_view kUnconvertible = "unconvertible_span";

// The binary form. Unknown fields are skipped; text that is not UTF-8 is repaired. kInvalidArgument for bytes
// that are no such message or exceed a limit above, for a request without resource spans, and kUnconvertible.
// Time: linear, a pass over the bytes.
Result<SpanBatch> read_otlp(std::string_view bytes);

// The JSON form (https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding): lowerCamelCase or
// snake_case names, ids in hex, 64-bit numbers as strings or numbers. Errors as above.
Result<SpanBatch> read_otlp_json(std::string_view text);

}  // namespace penstock::traces
