#include "observability/traces/otlp.h"

#include <bit>
#include <span>
#include <string>

#include "core/json_writer.h"
#include "core/text.h"
#include "observability/traces/otlp_check.h"
#include "observability/traces/wire_reader.h"

namespace penstock::traces {
namespace {

bool append_value(std::string& out, std::string_view message, int depth);

// The items of an ArrayValue or a KeyValueList: repeated field 1.
template <class Append>
bool append_items(std::string& out, std::string_view message, std::string_view brackets, Append append) {
  out += brackets[0];
  WireReader items(message);
  for (bool first = true; items.next();) {
    if (!items.is_bytes(1)) continue;
    if (!first) out += ", ";
    first = false;
    if (!append(items.bytes())) return false;
  }
  out += brackets[1];
  return items.ok();
}

bool append_entry(std::string& out, std::string_view message, int depth) {
  std::string_view key;
  std::string_view value;
  WireReader entry(message);
  while (entry.next()) {
    if (entry.is_bytes(1)) key = entry.bytes();
    if (entry.is_bytes(2)) value = entry.bytes();
  }
  append_json_string(out, key);
  out += ": ";
  return entry.ok() && append_value(out, value, depth);
}

bool is_known_value(const WireReader& value) {
  return value.is_bytes(1) || value.is_varint(2) || value.is_varint(3) || value.is_fixed64(4) ||
         value.is_bytes(5) || value.is_bytes(6) || value.is_bytes(7);
}

// An AnyValue as JSON. Its last field counts, as everywhere in protobuf; none is null.
bool append_value(std::string& out, std::string_view message, int depth) {
  if (depth > kValueDepthMax) return false;
  WireReader value(message);
  size_t start = out.size();
  out += "null";
  while (value.next()) {
    if (!is_known_value(value)) continue;
    out.resize(start);
    bool whole = true;
    if (value.is_bytes(1)) {
      append_json_string(out, value.bytes());
    } else if (value.is_varint(2)) {
      out += value.number() != 0 ? "true" : "false";
    } else if (value.is_varint(3)) {
      out += std::to_string(static_cast<int64_t>(value.number()));
    } else if (value.is_fixed64(4)) {
      append_double(out, std::bit_cast<double>(value.number()));
    } else if (value.is_bytes(5)) {
      whole = append_items(out, value.bytes(), "[]",
                           [&](std::string_view item) { return append_value(out, item, depth + 1); });
    } else if (value.is_bytes(6)) {
      whole = append_items(out, value.bytes(), "{}",
                           [&](std::string_view item) { return append_entry(out, item, depth + 1); });
    } else {
      std::string_view bytes = value.bytes();
      append_json_string(out, base64(std::as_bytes(std::span(bytes))));
    }
    if (!whole) return false;
  }
  return value.ok();
}

bool read_attribute(Attributes& attributes, std::string_view message) {
  if (attributes.size() == kAttributesPerSpanMax) return false;
  WireReader pair(message);
  std::string_view key;
  std::string_view value;
  while (pair.next()) {
    if (pair.is_bytes(1)) key = pair.bytes();
    if (pair.is_bytes(2)) value = pair.bytes();
  }
  Attribute attribute{clean_text(key), {}};
  if (!pair.ok() || !append_value(attribute.json, value, 1)) return false;
  attributes.push_back(std::move(attribute));
  return true;
}

bool read_event(Span& span, std::string_view message) {
  SpanEvent event;
  WireReader fields(message);
  while (fields.next()) {
    if (fields.is_fixed64(1)) event.time_ns = static_cast<int64_t>(fields.number());
    if (fields.is_bytes(2)) event.name = clean_text(fields.bytes());
    if (fields.is_bytes(3) && !read_attribute(event.attributes, fields.bytes())) return false;
  }
  span.events.push_back(std::move(event));
  return fields.ok();
}

// A link with ids that are none is left out rather than the span with it.
bool read_link(Span& span, std::string_view message) {
  SpanLink link;
  WireReader fields(message);
  while (fields.next()) {
    if (fields.is_bytes(1)) link.trace_id = otel_id(fields.bytes(), kTraceIdBytes).value_or("");
    if (fields.is_bytes(2)) link.span_id = otel_id(fields.bytes(), kSpanIdBytes).value_or("");
    if (fields.is_bytes(4) && !read_attribute(link.attributes, fields.bytes())) return false;
  }
  if (!link.trace_id.empty() && !link.span_id.empty()) span.links.push_back(std::move(link));
  return fields.ok();
}

bool read_status(Span& span, std::string_view message) {
  WireReader fields(message);
  while (fields.next()) {
    if (fields.is_bytes(2)) span.status_message = clean_text(fields.bytes());
    if (fields.is_varint(3)) {
      span.status = fields.number() == 1   ? SpanStatus::kOk
                    : fields.number() == 2 ? SpanStatus::kError
                                           : SpanStatus::kUnset;
    }
  }
  return fields.ok();
}

Result<Span> read_span(std::string_view message) {
  Span span;
  std::string_view trace_id;
  std::string_view span_id;
  std::string_view parent_id;
  WireReader fields(message);
  while (fields.next()) {
    bool whole = true;
    if (fields.is_bytes(1)) trace_id = fields.bytes();
    if (fields.is_bytes(2)) span_id = fields.bytes();
    if (fields.is_bytes(4)) parent_id = fields.bytes();
    if (fields.is_bytes(5)) span.name = clean_text(fields.bytes());
    if (fields.is_fixed64(7)) span.start_ns = static_cast<int64_t>(fields.number());
    if (fields.is_fixed64(8)) span.end_ns = static_cast<int64_t>(fields.number());
    if (fields.is_bytes(9)) whole = read_attribute(span.attributes, fields.bytes());
    if (fields.is_bytes(11)) whole = read_event(span, fields.bytes());
    if (fields.is_bytes(13)) whole = read_link(span, fields.bytes());
    if (fields.is_bytes(15)) whole = read_status(span, fields.bytes());
    if (!whole) return malformed_otlp();
  }
  if (!fields.ok()) return malformed_otlp();
  ASSIGN_OR_RETURN(span.trace_id, otel_id(trace_id, kTraceIdBytes));
  ASSIGN_OR_RETURN(span.span_id, otel_id(span_id, kSpanIdBytes));
  if (parent_id.find_first_not_of('\0') != std::string_view::npos) {
    ASSIGN_OR_RETURN(span.parent_id, otel_id(parent_id, kSpanIdBytes));
  }
  return span;
}

Result<void> read_scope(SpanBatch& batch, std::string_view message) {
  WireReader fields(message);
  while (fields.next()) {
    if (!fields.is_bytes(2)) continue;
    if (batch.spans.size() == kSpansPerRequestMax) return malformed_otlp();
    ASSIGN_OR_RETURN(Span span, read_span(fields.bytes()));
    span.resource = batch.resources.size() - 1;
    batch.spans.push_back(std::move(span));
  }
  if (!fields.ok()) return malformed_otlp();
  return {};
}

bool read_resource(Attributes& attributes, std::string_view message) {
  WireReader fields(message);
  while (fields.next()) {
    if (fields.is_bytes(1) && !read_attribute(attributes, fields.bytes())) return false;
  }
  return fields.ok();
}

Result<void> read_resource_spans(SpanBatch& batch, std::string_view message) {
  batch.resources.emplace_back();
  WireReader fields(message);
  while (fields.next()) {
    if (fields.is_bytes(1) && !read_resource(batch.resources.back(), fields.bytes())) return malformed_otlp();
    if (fields.is_bytes(2)) RETURN_IF_ERROR(read_scope(batch, fields.bytes()));
  }
  if (!fields.ok()) return malformed_otlp();
  return {};
}

}  // namespace

Result<SpanBatch> read_otlp(std::string_view bytes) {
  SpanBatch batch;
  WireReader fields(bytes);
  while (fields.next()) {
    if (fields.is_bytes(1)) RETURN_IF_ERROR(read_resource_spans(batch, fields.bytes()));
  }
  if (!fields.ok()) return malformed_otlp();
  if (batch.resources.empty()) return no_spans();
  return batch;
}

Failure malformed_otlp() { return Failure(Error::invalid("body", "Invalid OpenTelemetry format")); }

Failure no_spans() {
  return Failure(Error::invalid("body", "Invalid OpenTelemetry format - no spans found"));
}

Failure unconvertible_span() {
  return Failure(Error{.code = ErrorCode::kInvalidArgument,
                       .message = "Cannot convert OpenTelemetry span to MLflow span",
                       .field = "trace_id",
                       .reason = std::string(kUnconvertible)});
}

Result<std::string> otel_id(std::string_view bytes, size_t size) {
  if (bytes.empty() || bytes.size() > size) return unconvertible_span();
  return std::string(2 * (size - bytes.size()), '0') + hex(std::as_bytes(std::span(bytes)));
}

std::string clean_text(std::string_view text) {
  if (is_valid_utf8(text) && !text.contains('\0')) return std::string(text);
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    size_t length = utf8_sequence_length(text);
    if (length == 0 || text[0] == '\0') {
      out += "\xef\xbf\xbd";  // U+FFFD
      text.remove_prefix(1);
    } else {
      out += text.substr(0, length);
      text.remove_prefix(length);
    }
  }
  return out;
}

}  // namespace penstock::traces
