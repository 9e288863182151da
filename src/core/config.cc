#include "core/config.h"

#include <cstdlib>
#include <limits>

#include "core/text.h"

namespace penstock {
namespace {

ConfigSchema make(ConfigSchema::Kind kind, std::string description) {
  return ConfigSchema{.kind = kind, .description = std::move(description)};
}

std::string_view json_type(ConfigSchema::Kind kind) {
  switch (kind) {
    case ConfigSchema::Kind::kString:
      return "string";
    case ConfigSchema::Kind::kInteger:
      return "integer";
    case ConfigSchema::Kind::kNumber:
      return "number";
    case ConfigSchema::Kind::kBoolean:
      return "boolean";
    case ConfigSchema::Kind::kList:
      return "array";
    default:
      return "object";
  }
}

void add_members(JsonObject& out, const ConfigSchema& schema) {
  JsonObject properties;
  JsonArray required;
  for (const auto& [name, field] : schema.fields) {
    properties[name] = json_schema(field);
    if (field.is_required) required.emplace_back(name);
  }
  out["properties"] = std::move(properties);
  out["additionalProperties"] = false;
  if (!required.empty()) out["required"] = std::move(required);
}

// Beside the secret's own members: exactly one of the two places that it may be read from.
void add_secret_source(JsonObject& out) {
  JsonObject& properties = out["properties"].as_object();
  JsonArray sources;
  for (const char* source : {"env", "file"}) {
    properties[source] = JsonObject{{"type", "string"}};
    sources.emplace_back(JsonObject{{"required", JsonArray{source}}});
  }
  out["oneOf"] = std::move(sources);
}

}  // namespace

ConfigSchema ConfigSchema::string(std::string d) { return make(Kind::kString, std::move(d)); }
ConfigSchema ConfigSchema::integer(std::string d) { return make(Kind::kInteger, std::move(d)); }
ConfigSchema ConfigSchema::number(std::string d) { return make(Kind::kNumber, std::move(d)); }
ConfigSchema ConfigSchema::boolean(std::string d) { return make(Kind::kBoolean, std::move(d)); }

ConfigSchema ConfigSchema::secret(std::string description, Fields fields) {
  ConfigSchema schema = make(Kind::kSecret, std::move(description));
  schema.fields = std::move(fields);
  return schema;
}

ConfigSchema ConfigSchema::object(Fields fields, std::string description) {
  ConfigSchema schema = make(Kind::kObject, std::move(description));
  schema.fields = std::move(fields);
  return schema;
}

ConfigSchema ConfigSchema::map(ConfigSchema element, std::string description) {
  ConfigSchema schema = make(Kind::kMap, std::move(description));
  schema.element = std::make_shared<ConfigSchema>(std::move(element));
  return schema;
}

ConfigSchema ConfigSchema::list(ConfigSchema element, std::string description) {
  ConfigSchema schema = make(Kind::kList, std::move(description));
  schema.element = std::make_shared<ConfigSchema>(std::move(element));
  return schema;
}

const ConfigNode* ConfigNode::find(std::string_view key) const {
  for (const auto& [name, node] : members_) {
    if (name == key) return &node;
  }
  return nullptr;
}

std::string ConfigNode::string_at(std::string_view key, std::string_view fallback) const {
  const ConfigNode* node = find(key);
  return node == nullptr ? std::string(fallback) : node->scalar_;
}

int64_t ConfigNode::integer_at(std::string_view key, int64_t fallback) const {
  const ConfigNode* node = find(key);
  return node == nullptr ? fallback : parse_int(node->scalar_).value_or(fallback);
}

double ConfigNode::number_at(std::string_view key, double fallback) const {
  const ConfigNode* node = find(key);
  return node == nullptr ? fallback : parse_number(node->scalar_).value_or(fallback);
}

bool ConfigNode::boolean_at(std::string_view key, bool fallback) const {
  const ConfigNode* node = find(key);
  return node == nullptr ? fallback : node->scalar_ == "true";
}

Error ConfigNode::error(std::string_view message) const {
  return Error::invalid("", place_ + ": " + std::string(message));
}

Environment process_environment() {
  return [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    if (value == nullptr) return std::nullopt;
    return value;
  };
}

Json json_schema(const ConfigSchema& schema) {
  JsonObject out;
  out["type"] = json_type(schema.kind);
  if (!schema.description.empty()) out["description"] = schema.description;
  if (!schema.choices.empty()) out["enum"] = JsonArray(schema.choices.begin(), schema.choices.end());
  if (schema.minimum) out["minimum"] = *schema.minimum;
  if (schema.maximum) out["maximum"] = *schema.maximum;
  bool is_secret = schema.kind == ConfigSchema::Kind::kSecret;
  if (schema.kind == ConfigSchema::Kind::kObject || is_secret) add_members(out, schema);
  if (is_secret) add_secret_source(out);
  if (schema.kind == ConfigSchema::Kind::kMap) out["additionalProperties"] = json_schema(*schema.element);
  if (schema.kind == ConfigSchema::Kind::kList) out["items"] = json_schema(*schema.element);
  return out;
}

}  // namespace penstock
