#include "observability/traces/span.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <span>

#include "core/json_fields.h"
#include "core/json_writer.h"
#include "core/text.h"

namespace penstock::traces {
namespace {

constexpr size_t kSpanBytesExpected = 1024;

int digit_value(char c) { return c <= '9' ? c - '0' : c - 'a' + 10; }

// Hex digits as base64, in which MLflow keeps ids.
std::string base64_of_hex(std::string_view digits) {
  std::string bytes(digits.size() / 2, '\0');
  for (size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<char>(digit_value(digits[2 * i]) * 16 + digit_value(digits[2 * i + 1]));
  }
  return base64(std::as_bytes(std::span(bytes)));
}

// {"key": value, ...} with the values as they are.
void append_object(std::string& out, const Attributes& attributes) {
  out += '{';
  for (size_t i = 0; i < attributes.size(); ++i) {
    if (i > 0) out += ", ";
    append_json_string(out, attributes[i].key);
    out += ": ";
    out += attributes[i].json;
  }
  out += '}';
}

void append_events(std::string& out, const std::vector<SpanEvent>& events) {
  out += "[";
  for (size_t i = 0; i < events.size(); ++i) {
    out += i > 0 ? ", {\"name\": " : "{\"name\": ";
    append_json_string(out, events[i].name);
    out.append(", \"time_unix_nano\": ")
        .append(std::to_string(events[i].time_ns))
        .append(", \"attributes\": ");
    append_object(out, events[i].attributes);
    out += '}';
  }
  out += ']';
}

void append_links(std::string& out, const std::vector<SpanLink>& links) {
  out += '[';
  for (size_t i = 0; i < links.size(); ++i) {
    out += i > 0 ? ", {\"trace_id\": \"" : "{\"trace_id\": \"";
    out.append(mlflow_trace_id(links[i].trace_id)).append("\", \"span_id\": \"").append(links[i].span_id);
    out += "\", \"attributes\": ";
    if (links[i].attributes.empty()) {
      out += "null";
    } else {
      append_object(out, links[i].attributes);
    }
    out += '}';
  }
  out += ']';
}

}  // namespace

const std::string* find_attribute(const Attributes& attributes, std::string_view key) {
  auto found = std::ranges::find(attributes, key, &Attribute::key);
  return found == attributes.end() ? nullptr : &found->json;
}

void set_attribute(Attributes& attributes, std::string_view key, std::string json) {
  auto found = std::ranges::find(attributes, key, &Attribute::key);
  if (found == attributes.end()) {
    attributes.push_back({std::string(key), std::move(json)});
  } else {
    found->json = std::move(json);
  }
}

std::string plain_text(std::string_view json) {
  if (!json.starts_with('"')) return std::string(json);
  Result<std::string> text = json_unquote(json);
  return text ? std::move(*text) : std::string(json);
}

std::string_view status_name(SpanStatus status) {
  switch (status) {
    case SpanStatus::kOk:
      return "OK";
    case SpanStatus::kError:
      return "ERROR";
    default:
      return "UNSET";
  }
}

std::string mlflow_trace_id(std::string_view otel_trace_id) { return "tr-" + std::string(otel_trace_id); }

void append_double(std::string& out, double value) {
  if (!std::isfinite(value)) {
    out += std::isnan(value) ? "\"NaN\"" : value > 0 ? "\"Infinity\"" : "\"-Infinity\"";
    return;
  }
  char digits[32];
  auto written = std::to_chars(digits, digits + sizeof digits, value);
  std::string_view text(digits, written.ptr);
  out += text;
  if (text.find_first_of(".e") == std::string_view::npos) out += ".0";
}

std::string span_content(const Span& span) {
  std::string out;
  out.reserve(kSpanBytesExpected);
  out.append("{\"trace_id\": \"").append(base64_of_hex(span.trace_id));
  out.append("\", \"span_id\": \"").append(base64_of_hex(span.span_id)).append("\", \"parent_span_id\": ");
  if (span.parent_id.empty()) {
    out += "null";
  } else {
    out.append("\"").append(base64_of_hex(span.parent_id)).append("\"");
  }
  out += ", \"name\": ";
  append_json_string(out, span.name);
  out.append(", \"start_time_unix_nano\": ").append(std::to_string(span.start_ns));
  out.append(", \"end_time_unix_nano\": ").append(std::to_string(span.end_ns)).append(", \"events\": ");
  append_events(out, span.events);
  out.append(", \"status\": {\"code\": \"STATUS_CODE_").append(status_name(span.status));
  out += "\", \"message\": ";
  append_json_string(out, span.status_message);
  out += "}, \"attributes\": {";
  for (size_t i = 0; i < span.attributes.size(); ++i) {
    if (i > 0) out += ", ";
    append_json_string(out, span.attributes[i].key);
    out += ": ";
    append_json_string(out, span.attributes[i].json);
  }
  out += "}, \"links\": ";
  append_links(out, span.links);
  out += '}';
  return out;
}

}  // namespace penstock::traces
