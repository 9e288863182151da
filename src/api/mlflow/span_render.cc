#include "api/mlflow/trace_render.h"

#include <span>

#include "core/json.h"
#include "core/text.h"

// Spans as protobuf's JSON shows OpenTelemetry's messages: values are AnyValues, ids base64, what is empty is
// absent.
namespace penstock::api::mlflow {
namespace {

std::string_view text(const Json& value) { return std::string_view(value.get_string()); }

std::string double_text(double value) {
  std::string out;
  traces::append_double(out, value);
  return out;
}

// Bounded by the depth that parse_json allows.
void write_value(JsonWriter& json, const Json& value) {
  json.begin_object();
  if (value.is_string()) {
    json.field("string_value", text(value));
  } else if (value.is_bool()) {
    json.field("bool_value", value.get_bool());
  } else if (value.is_int64()) {
    json.field("int_value", value.get_int64());
  } else if (value.is_number()) {
    json.raw_field("double_value", double_text(value.to_number<double>()));
  } else if (value.is_array()) {
    json.key("array_value").begin_object();
    if (!value.get_array().empty()) {
      json.key("values").begin_array();
      for (const Json& item : value.get_array()) write_value(json, item);
      json.end_array();
    }
    json.end_object();
  } else if (value.is_object()) {
    json.key("kvlist_value").begin_object();
    if (!value.get_object().empty()) {
      json.key("values").begin_array();
      for (const auto& [key, item] : value.get_object()) {
        json.begin_object().field("key", std::string_view(key)).key("value");
        write_value(json, item);
        json.end_object();
      }
      json.end_array();
    }
    json.end_object();
  }
  json.end_object();
}

void write_attribute(JsonWriter& json, std::string_view key, const Json& value) {
  json.begin_object().field("key", key).key("value");
  write_value(json, value);
  json.end_object();
}

// The values are as they are meant.
void write_plain_attributes(JsonWriter& json, const Json& owner) {
  const Json* attributes = find(owner, "attributes");
  if (attributes == nullptr || !attributes->is_object() || attributes->get_object().empty()) return;
  json.key("attributes").begin_array();
  for (const auto& [key, value] : attributes->get_object()) write_attribute(json, key, value);
  json.end_array();
}

// The values are strings of JSON.
void write_span_attributes(JsonWriter& json, const Json& span) {
  const Json* attributes = find(span, "attributes");
  if (attributes == nullptr || !attributes->is_object() || attributes->get_object().empty()) return;
  json.key("attributes").begin_array();
  for (const auto& [key, value] : attributes->get_object()) {
    Result<Json> inner = value.is_string() ? parse_json(text(value)) : Result<Json>(value);
    write_attribute(json, key, inner ? *inner : value);
  }
  json.end_array();
}

void write_events(JsonWriter& json, const Json& span) {
  const Json* events = find(span, "events");
  if (events == nullptr || !events->is_array() || events->get_array().empty()) return;
  json.key("events").begin_array();
  for (const Json& event : events->get_array()) {
    json.begin_object()
        .field("time_unix_nano", int_at(event, "time_unix_nano"))
        .field("name", string_at(event, "name"));
    write_plain_attributes(json, event);
    json.end_object();
  }
  json.end_array();
}

int digit_value(char c) { return c <= '9' ? c - '0' : c - 'a' + 10; }

std::string base64_of_hex(std::string_view digits) {
  std::string bytes(digits.size() / 2, '\0');
  for (size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<char>(digit_value(digits[2 * i]) * 16 + digit_value(digits[2 * i + 1]));
  }
  return base64(std::as_bytes(std::span(bytes)));
}

void write_links(JsonWriter& json, const Json& span) {
  const Json* links = find(span, "links");
  if (links == nullptr || !links->is_array() || links->get_array().empty()) return;
  json.key("links").begin_array();
  for (const Json& link : links->get_array()) {
    std::string_view trace_id = string_at(link, "trace_id");
    if (trace_id.starts_with("tr-")) trace_id.remove_prefix(3);
    json.begin_object().field("trace_id", base64_of_hex(trace_id));
    json.field("span_id", base64_of_hex(string_at(link, "span_id")));
    write_plain_attributes(json, link);
    json.end_object();
  }
  json.end_array();
}

void write_status(JsonWriter& json, const Json& span) {
  const Json* status = find(span, "status");
  json.key("status").begin_object();
  if (status != nullptr) {
    std::string_view code = string_at(*status, "code");
    std::string_view message = string_at(*status, "message");
    if (!message.empty()) json.field("message", message);
    if (!code.empty() && code != "STATUS_CODE_UNSET") json.field("code", code);
  }
  json.end_object();
}

}  // namespace

Result<void> write_span(JsonWriter& json, std::string_view content) {
  Result<Json> parsed = parse_json(content);
  if (!parsed || !parsed->is_object()) {
    return Failure(Error{.code = ErrorCode::kCorrupt, .message = "a stored span is no JSON object"});
  }
  const Json& span = *parsed;
  json.begin_object()
      .field("trace_id", string_at(span, "trace_id"))
      .field("span_id", string_at(span, "span_id"));
  std::string_view parent = string_at(span, "parent_span_id");
  if (!parent.empty()) json.field("parent_span_id", parent);
  json.field("name", string_at(span, "name"))
      .field("start_time_unix_nano", int_at(span, "start_time_unix_nano"));
  int64_t end = int_at(span, "end_time_unix_nano");
  if (end != 0) json.field("end_time_unix_nano", end);
  write_span_attributes(json, span);
  write_events(json, span);
  write_links(json, span);
  write_status(json, span);
  json.end_object();
  return {};
}

}  // namespace penstock::api::mlflow
