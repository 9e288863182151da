#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace penstock::traces {

// One attribute of a span, event, link or resource. The value is JSON text in the layout of Python's json
// module
// ("[1, 2]", 1.0 for a whole double): what MLflow's clients store and search.
struct Attribute {
  std::string key;
  std::string json;
};
using Attributes = std::vector<Attribute>;

// The attribute's JSON text; nullptr where it is absent.
const std::string* find_attribute(const Attributes& attributes, std::string_view key);
// Replaces or adds.
void set_attribute(Attributes& attributes, std::string_view key, std::string json);
// The text of a JSON string; any other value as it is written.
std::string plain_text(std::string_view json);

enum class SpanStatus : uint8_t { kUnset, kOk, kError };
std::string_view status_name(SpanStatus status);  // "UNSET", "OK", "ERROR"

struct SpanEvent {
  std::string name;
  int64_t time_ns = 0;
  Attributes attributes;
};

struct SpanLink {
  std::string trace_id;  // 32 hex digits
  std::string span_id;   // 16
  Attributes attributes;
};

// An OpenTelemetry span. Ids are lower-case hex; text is valid UTF-8.
struct Span {
  std::string trace_id;   // 32 digits
  std::string span_id;    // 16
  std::string parent_id;  // 16; empty: a root
  std::string name;
  int64_t start_ns = 0;
  int64_t end_ns = 0;  // 0: not ended
  SpanStatus status = SpanStatus::kUnset;
  std::string status_message;
  Attributes attributes;
  std::vector<SpanEvent> events;
  std::vector<SpanLink> links;
  size_t resource = 0;  // in SpanBatch::resources
};

// The spans of one OTLP request.
struct SpanBatch {
  std::vector<Attributes> resources;
  std::vector<Span> spans;
};

// MLflow's id of a trace: "tr-" before OpenTelemetry's.
std::string mlflow_trace_id(std::string_view otel_trace_id);

// The span as MLflow keeps it (Span.to_dict): one JSON object, its attributes' values as strings of JSON.
// This is what is stored, searched as text, and handed out as a trace's artifact.
std::string span_content(const Span& span);

// A double as JSON that reads back as a double: "1.0". What JSON lacks is a string: "NaN", "Infinity".
void append_double(std::string& out, double value);

}  // namespace penstock::traces
