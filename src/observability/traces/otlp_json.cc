#include <charconv>
#include <optional>
#include <string>

#include "core/json.h"
#include "core/json_writer.h"
#include "core/text.h"
#include "observability/traces/otlp.h"
#include "observability/traces/otlp_check.h"

namespace penstock::traces {
namespace {

constexpr size_t kJsonBytesMax = 64 << 20;

// A member by protobuf's JSON name, or by the name in the .proto file.
const Json* member(const Json& object, std::string_view name, std::string_view proto_name = {}) {
  const Json* found = find(object, name);
  return found != nullptr || proto_name.empty() ? found : find(object, proto_name);
}

const JsonArray& items(const Json& object, std::string_view name, std::string_view proto_name = {}) {
  static const JsonArray kNone;
  const Json* found = member(object, name, proto_name);
  return found != nullptr && found->is_array() ? found->get_array() : kNone;
}

std::string text_at(const Json& object, std::string_view name, std::string_view proto_name = {}) {
  const Json* found = member(object, name, proto_name);
  if (found == nullptr || !found->is_string()) return {};
  return clean_text({found->get_string().data(), found->get_string().size()});
}

std::optional<int64_t> integer_of(const Json& value) {
  if (value.is_int64()) return value.get_int64();
  if (value.is_uint64()) return static_cast<int64_t>(value.get_uint64());
  if (value.is_double()) return static_cast<int64_t>(value.get_double());
  if (!value.is_string()) return std::nullopt;
  std::string_view text(value.get_string().data(), value.get_string().size());
  int64_t number = 0;
  auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size()) return std::nullopt;
  return number;
}

int64_t integer_at(const Json& object, std::string_view name, std::string_view proto_name) {
  const Json* found = member(object, name, proto_name);
  return found == nullptr ? 0 : integer_of(*found).value_or(0);
}

// An id in hex, of any length up to `size` bytes; empty where it is absent.
Result<std::string> id_at(const Json& object, std::string_view name, std::string_view proto_name,
                          size_t size) {
  std::string digits = to_lower(text_at(object, name, proto_name));
  if (digits.size() > 2 * size) return unconvertible_span();
  for (char c : digits) {
    if ((c < '0' || c > '9') && (c < 'a' || c > 'f')) return malformed_otlp();
  }
  if (digits.empty()) return digits;
  return std::string(2 * size - digits.size(), '0') + digits;
}

bool append_value(std::string& out, const Json& value, int depth);

bool append_array(std::string& out, const Json& array, int depth) {
  out += '[';
  bool first = true;
  for (const Json& item : items(array, "values")) {
    if (!first) out += ", ";
    first = false;
    if (!append_value(out, item, depth)) return false;
  }
  out += ']';
  return true;
}

bool append_map(std::string& out, const Json& map, int depth) {
  out += '{';
  bool first = true;
  for (const Json& entry : items(map, "values")) {
    if (!first) out += ", ";
    first = false;
    append_json_string(out, text_at(entry, "key"));
    out += ": ";
    const Json* value = member(entry, "value");
    if (value == nullptr) {
      out += "null";
    } else if (!append_value(out, *value, depth)) {
      return false;
    }
  }
  out += '}';
  return true;
}

bool append_value(std::string& out, const Json& value, int depth) {
  if (depth > kValueDepthMax) return false;
  if (const Json* text = member(value, "stringValue", "string_value"); text != nullptr && text->is_string()) {
    append_json_string(out, {text->get_string().data(), text->get_string().size()});
  } else if (const Json* flag = member(value, "boolValue", "bool_value");
             flag != nullptr && flag->is_bool()) {
    out += flag->get_bool() ? "true" : "false";
  } else if (const Json* whole = member(value, "intValue", "int_value"); whole != nullptr) {
    std::optional<int64_t> number = integer_of(*whole);
    if (!number) return false;
    out += std::to_string(*number);
  } else if (const Json* real = member(value, "doubleValue", "double_value"); real != nullptr) {
    if (real->is_string()) {
      append_json_string(out, {real->get_string().data(), real->get_string().size()});
    } else if (real->is_number()) {
      append_double(out, real->to_number<double>());
    } else {
      return false;
    }
  } else if (const Json* array = member(value, "arrayValue", "array_value"); array != nullptr) {
    return append_array(out, *array, depth + 1);
  } else if (const Json* map = member(value, "kvlistValue", "kvlist_value"); map != nullptr) {
    return append_map(out, *map, depth + 1);
  } else if (const Json* bytes = member(value, "bytesValue", "bytes_value"); bytes != nullptr) {
    append_json_string(out, text_at(value, "bytesValue", "bytes_value"));
  } else {
    out += "null";
  }
  return true;
}

Result<Attributes> read_attributes(const Json& object) {
  Attributes attributes;
  for (const Json& pair : items(object, "attributes")) {
    if (attributes.size() == kAttributesPerSpanMax) return malformed_otlp();
    Attribute attribute{text_at(pair, "key"), {}};
    const Json* value = member(pair, "value");
    if (value == nullptr) {
      attribute.json = "null";
    } else if (!append_value(attribute.json, *value, 1)) {
      return malformed_otlp();
    }
    attributes.push_back(std::move(attribute));
  }
  return attributes;
}

SpanStatus read_status_code(const Json& status) {
  const Json* code = member(status, "code");
  if (code == nullptr) return SpanStatus::kUnset;
  std::string name =
      code->is_string() ? text_at(status, "code") : std::to_string(integer_of(*code).value_or(0));
  if (name == "1" || name == "STATUS_CODE_OK") return SpanStatus::kOk;
  return name == "2" || name == "STATUS_CODE_ERROR" ? SpanStatus::kError : SpanStatus::kUnset;
}

Result<void> read_events_and_links(Span& span, const Json& object) {
  for (const Json& item : items(object, "events")) {
    ASSIGN_OR_RETURN(Attributes attributes, read_attributes(item));
    span.events.push_back({.name = text_at(item, "name"),
                           .time_ns = integer_at(item, "timeUnixNano", "time_unix_nano"),
                           .attributes = std::move(attributes)});
  }
  for (const Json& item : items(object, "links")) {
    SpanLink link;
    ASSIGN_OR_RETURN(link.attributes, read_attributes(item));
    link.trace_id = id_at(item, "traceId", "trace_id", kTraceIdBytes).value_or("");
    link.span_id = id_at(item, "spanId", "span_id", kSpanIdBytes).value_or("");
    if (!link.trace_id.empty() && !link.span_id.empty()) span.links.push_back(std::move(link));
  }
  return {};
}

Result<Span> read_span(const Json& object) {
  Span span;
  ASSIGN_OR_RETURN(span.trace_id, id_at(object, "traceId", "trace_id", kTraceIdBytes));
  ASSIGN_OR_RETURN(span.span_id, id_at(object, "spanId", "span_id", kSpanIdBytes));
  ASSIGN_OR_RETURN(span.parent_id, id_at(object, "parentSpanId", "parent_span_id", kSpanIdBytes));
  if (span.trace_id.empty() || span.span_id.empty()) return unconvertible_span();
  if (span.parent_id.find_first_not_of('0') == std::string::npos) span.parent_id.clear();
  span.name = text_at(object, "name");
  span.start_ns = integer_at(object, "startTimeUnixNano", "start_time_unix_nano");
  span.end_ns = integer_at(object, "endTimeUnixNano", "end_time_unix_nano");
  if (const Json* status = member(object, "status"); status != nullptr) {
    span.status = read_status_code(*status);
    span.status_message = text_at(*status, "message");
  }
  ASSIGN_OR_RETURN(span.attributes, read_attributes(object));
  RETURN_IF_ERROR(read_events_and_links(span, object));
  return span;
}

}  // namespace

Result<SpanBatch> read_otlp_json(std::string_view text) {
  Result<Json> document = parse_json(text, {.bytes_max = kJsonBytesMax});
  if (!document || !document->is_object()) return malformed_otlp();
  SpanBatch batch;
  for (const Json& resource_spans : items(*document, "resourceSpans", "resource_spans")) {
    batch.resources.emplace_back();
    if (const Json* resource = member(resource_spans, "resource"); resource != nullptr) {
      ASSIGN_OR_RETURN(batch.resources.back(), read_attributes(*resource));
    }
    for (const Json& scope : items(resource_spans, "scopeSpans", "scope_spans")) {
      for (const Json& item : items(scope, "spans")) {
        if (batch.spans.size() == kSpansPerRequestMax) return malformed_otlp();
        ASSIGN_OR_RETURN(Span span, read_span(item));
        span.resource = batch.resources.size() - 1;
        batch.spans.push_back(std::move(span));
      }
    }
  }
  if (batch.resources.empty()) return no_spans();
  return batch;
}

}  // namespace penstock::traces
