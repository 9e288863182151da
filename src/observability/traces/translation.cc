#include "observability/traces/translation.h"

#include <algorithm>
#include <optional>

#include "core/json.h"
#include "core/json_fields.h"
#include "core/json_writer.h"
#include "core/text.h"
#include "observability/traces/conventions.h"

namespace penstock::traces {
namespace {

constexpr std::string_view kUnknownType = "UNKNOWN";
constexpr size_t kMessagesMax = 1000;  // put together from events
// The role of a message event stands between these: "gen_ai.user.message".
constexpr size_t kRoleStart = std::string_view("gen_ai.").size();
constexpr size_t kRoleEnd = std::string_view(".message").size();

// A string that is itself the JSON text of a string, list or object, as those instrumentations send it whose
// attributes can only be strings.
void unwrap_json_text(std::string& json) {
  if (!json.starts_with("\"{") && !json.starts_with("\"[") && !json.starts_with("\"\\\"")) return;
  Result<std::string> inner = json_unquote(json);
  if (!inner || !parse_json(*inner)) return;
  json = std::move(*inner);
}

bool says_nothing(std::string_view json) {
  return json == "null" || json == "\"\"" || json == "{}" || json == "[]" || json == "false" || json == "0" ||
         json == "0.0";
}

// Whether a name fits a pattern in which '#' stands for digits.
bool fits(std::string_view name, std::string_view pattern) {
  while (!pattern.empty()) {
    if (pattern[0] == '#') {
      size_t digits = std::min(name.find_first_not_of("0123456789"), name.size());
      if (digits == 0) return false;
      name.remove_prefix(digits);
    } else {
      if (name.empty() || name[0] != pattern[0]) return false;
      name.remove_prefix(1);
    }
    pattern.remove_prefix(1);
  }
  return name.empty();
}

// The first of these attributes that says something.
const std::string* first_of(const Attributes& attributes, Names names) {
  for (std::string_view name : names) {
    bool is_pattern = name.contains('#');
    for (const Attribute& attribute : attributes) {
      bool named = is_pattern ? fits(attribute.key, name) : attribute.key == name;
      if (named && !says_nothing(attribute.json)) return &attribute.json;
    }
  }
  return nullptr;
}

const std::string* first_of(const Attributes& attributes, Names Convention::* names) {
  for (const Convention& convention : conventions()) {
    if (const std::string* found = first_of(attributes, convention.*names)) return found;
  }
  return nullptr;
}

// A count that is a number, or a string of one.
std::optional<int64_t> count_of(const Attributes& attributes, Names names) {
  for (std::string_view name : names) {
    const std::string* json = find_attribute(attributes, name);
    if (json == nullptr) continue;
    if (std::optional<int64_t> count = parse_int(plain_text(*json))) return count;
  }
  return std::nullopt;
}

std::string type_of(const Attributes& attributes) {
  for (const Convention& convention : conventions()) {
    for (std::string_view name : convention.kind_names) {
      const std::string* json = find_attribute(attributes, name);
      if (json == nullptr) continue;
      std::string kind = plain_text(*json);
      auto found =
          std::ranges::find(convention.kinds, kind, &std::pair<std::string_view, std::string_view>::first);
      if (found != convention.kinds.end()) return std::string(found->second);
    }
  }
  return {};
}

// {"input_tokens": 1, ...} of the first convention that has any; empty if none has.
std::string usage_of(const Attributes& attributes) {
  for (const Convention& convention : conventions()) {
    std::optional<int64_t> input = count_of(attributes, convention.input_tokens);
    std::optional<int64_t> output = count_of(attributes, convention.output_tokens);
    std::optional<int64_t> total = count_of(attributes, convention.total_tokens);
    if (!input && !output && !total) continue;
    if (!total && input && output) total = *input + *output;
    std::string usage;
    auto add = [&](std::string_view name, std::optional<int64_t> count) {
      if (!count) return;
      usage.append(usage.empty() ? "{\"" : ", \"").append(name).append("\": ").append(std::to_string(*count));
    };
    add("input_tokens", input);
    add("output_tokens", output);
    add("total_tokens", total);
    add("cache_read_input_tokens", count_of(attributes, convention.cache_read_tokens));
    add("cache_creation_input_tokens", count_of(attributes, convention.cache_write_tokens));
    return usage + "}";
  }
  return {};
}

std::string message_format_of(const Attributes& attributes) {
  for (const Convention& convention : conventions()) {
    for (std::string_view mark : convention.marks) {
      bool there = std::ranges::any_of(attributes, [&](const Attribute& attribute) {
        return mark.ends_with('.') ? attribute.key.starts_with(mark) : attribute.key == mark;
      });
      if (there) return std::string(convention.message_format);
    }
  }
  return {};
}

// "model" of inputs or outputs that are an object.
std::string model_within(const Attributes& attributes, std::string_view key) {
  const std::string* json = find_attribute(attributes, key);
  if (json == nullptr || !json->starts_with('{') || !json->contains("\"model\"")) return {};
  Result<JsonFields> fields = JsonFields::parse(*json, key);
  if (!fields || !fields->raw("model").starts_with('"')) return {};
  return std::string(fields->raw("model"));
}

std::string model_of(const Attributes& attributes) {
  if (const std::string* model = first_of(attributes, &Convention::models)) return *model;
  std::string model = model_within(attributes, kInputsKey);
  return model.empty() ? model_within(attributes, kOutputsKey) : model;
}

// [{"role": ..., "content": ...}, ...] of OpenTelemetry's message events.
std::string messages_of(const Span& span, bool outputs) {
  std::string messages;
  size_t count = 0;
  for (const SpanEvent& event : span.events) {
    std::string role;
    if (outputs && event.name == "gen_ai.choice") {
      const std::string* given = find_attribute(event.attributes, "role");
      role = given == nullptr ? "\"assistant\"" : *given;
    } else if (!outputs && event.name.size() > kRoleStart + kRoleEnd && event.name.starts_with("gen_ai.") &&
               event.name.ends_with(".message")) {
      role = json_quoted(
          std::string_view(event.name).substr(kRoleStart, event.name.size() - kRoleStart - kRoleEnd));
    }
    const std::string* content = find_attribute(event.attributes, "content");
    if (role.empty() || content == nullptr || says_nothing(*content) || ++count > kMessagesMax) continue;
    messages.append(messages.empty() ? "[" : ", ").append("{\"role\": ").append(role);
    messages.append(", \"content\": ").append(*content).append("}");
  }
  return messages.empty() ? messages : messages + "]";
}

std::string value_of_events(const Span& span, bool outputs) {
  for (const EventConvention& convention : event_conventions()) {
    if (convention.is_output != outputs) continue;
    auto event = std::ranges::find(span.events, convention.event, &SpanEvent::name);
    if (event == span.events.end()) continue;
    const std::string* json = find_attribute(event->attributes, convention.attribute);
    if (json != nullptr && !says_nothing(*json)) return *json;
  }
  return messages_of(span, outputs);
}

void set_if_found(Attributes& attributes, std::string_view key, std::string json) {
  if (!json.empty()) set_attribute(attributes, key, std::move(json));
}

std::string copy_of(const std::string* json) { return json == nullptr ? std::string() : *json; }

void translate_type(Attributes& attributes) {
  const std::string* given = find_attribute(attributes, kSpanTypeKey);
  if (given != nullptr && plain_text(*given) != kUnknownType && *given != "null") return;
  std::string type = type_of(attributes);
  if (!type.empty()) set_attribute(attributes, kSpanTypeKey, json_quoted(type));
}

void translate_values(Span& span) {
  Attributes& attributes = span.attributes;
  if (find_attribute(attributes, kInputsKey) == nullptr) {
    const std::string* inputs = first_of(attributes, &Convention::inputs);
    set_if_found(attributes, kInputsKey, inputs != nullptr ? *inputs : value_of_events(span, false));
  }
  if (find_attribute(attributes, kOutputsKey) == nullptr) {
    const std::string* outputs = first_of(attributes, &Convention::outputs);
    set_if_found(attributes, kOutputsKey, outputs != nullptr ? *outputs : value_of_events(span, true));
  }
  if (find_attribute(attributes, kUsageKey) == nullptr) {
    set_if_found(attributes, kUsageKey, usage_of(attributes));
  }
  if (find_attribute(attributes, kMessageFormatKey) == nullptr) {
    std::string format = message_format_of(attributes);
    if (!format.empty()) set_attribute(attributes, kMessageFormatKey, json_quoted(format));
  }
  if (find_attribute(attributes, kToolsKey) == nullptr) {
    set_if_found(attributes, kToolsKey, copy_of(first_of(attributes, &Convention::tools)));
  }
  if (find_attribute(attributes, kProviderKey) == nullptr) {
    set_if_found(attributes, kProviderKey, copy_of(first_of(attributes, &Convention::providers)));
  }
}

}  // namespace

void translate(Span& span) {
  Attributes& attributes = span.attributes;
  set_attribute(attributes, kRequestIdKey, json_quoted(mlflow_trace_id(span.trace_id)));
  for (Attribute& attribute : attributes) unwrap_json_text(attribute.json);
  bool is_mlflows = std::ranges::all_of(
      attributes, [](const Attribute& attribute) { return attribute.key.starts_with("mlflow."); });
  if (!is_mlflows) {
    translate_type(attributes);
  }
  if (!is_mlflows || !span.events.empty()) translate_values(span);
  if (find_attribute(attributes, kModelKey) == nullptr) {
    set_if_found(attributes, kModelKey, model_of(attributes));
  }
}

}  // namespace penstock::traces
