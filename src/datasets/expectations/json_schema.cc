#include "datasets/expectations/json_schema.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "core/text.h"

namespace penstock::datasets {
namespace {

constexpr size_t kDepthMax = 32;

constexpr std::array<std::string_view, 31> kKeywords = {"type",
                                                        "enum",
                                                        "const",
                                                        "minimum",
                                                        "maximum",
                                                        "exclusiveMinimum",
                                                        "exclusiveMaximum",
                                                        "multipleOf",
                                                        "minLength",
                                                        "maxLength",
                                                        "minItems",
                                                        "maxItems",
                                                        "uniqueItems",
                                                        "items",
                                                        "contains",
                                                        "properties",
                                                        "required",
                                                        "additionalProperties",
                                                        "minProperties",
                                                        "maxProperties",
                                                        "allOf",
                                                        "anyOf",
                                                        "oneOf",
                                                        "not",
                                                        "if",
                                                        "then",
                                                        "else",
                                                        "title",
                                                        "description",
                                                        "$schema",
                                                        "default"};

// Keywords whose value is a schema, a list of schemas, or an object of schemas.
constexpr std::array<std::string_view, 7> kOfOne = {"items", "contains", "additionalProperties", "not", "if",
                                                    "then",  "else"};
constexpr std::array<std::string_view, 3> kOfList = {"allOf", "anyOf", "oneOf"};

Error wrong(const std::string& what) { return Error::invalid("json_schema", "json_schema: " + what); }

Result<void> check(const Json& schema, size_t depth) {
  if (depth > kDepthMax) return Failure(wrong("it is nested more than 32 deep"));
  if (schema.is_bool()) return {};
  if (!schema.is_object()) return Failure(wrong("a schema is an object, true or false"));
  for (const auto& [key, value] : schema.get_object()) {
    if (std::ranges::find(kKeywords, std::string_view(key)) == kKeywords.end()) {
      return Failure(wrong("'" + std::string(key) + "' is not supported"));
    }
    if (std::ranges::find(kOfOne, std::string_view(key)) != kOfOne.end())
      RETURN_IF_ERROR(check(value, depth + 1));
    if (std::ranges::find(kOfList, std::string_view(key)) != kOfList.end()) {
      if (!value.is_array()) return Failure(wrong("'" + std::string(key) + "' must be a list"));
      for (const Json& member : value.get_array()) RETURN_IF_ERROR(check(member, depth + 1));
    }
    if (key == "properties") {
      if (!value.is_object()) return Failure(wrong("'properties' must be an object"));
      for (const auto& [name, member] : value.get_object()) RETURN_IF_ERROR(check(member, depth + 1));
    }
  }
  return {};
}

bool equal(const Json& a, const Json& b) {
  if (a.is_number() && b.is_number()) return a.to_number<double>() == b.to_number<double>();
  if (a.is_array() && b.is_array()) return std::ranges::equal(a.get_array(), b.get_array(), equal);
  if (a.is_object() && b.is_object()) {
    return a.get_object().size() == b.get_object().size() &&
           std::ranges::all_of(a.get_object(), [&](const auto& member) {
             const Json* other = find(b, member.key());
             return other != nullptr && equal(member.value(), *other);
           });
  }
  return a == b;
}

bool is_type(const Json& value, std::string_view type) {
  if (type == "null") return value.is_null();
  if (type == "boolean") return value.is_bool();
  if (type == "string") return value.is_string();
  if (type == "array") return value.is_array();
  if (type == "object") return value.is_object();
  if (type == "number") return value.is_number();
  if (type != "integer" || !value.is_number()) return false;
  return !value.is_double() || std::floor(value.get_double()) == value.get_double();
}

bool type_fits(const Json& value, const Json& types) {
  if (types.is_string()) return is_type(value, types.get_string());
  if (!types.is_array()) return true;
  return std::ranges::any_of(types.get_array(), [&](const Json& type) {
    return type.is_string() && is_type(value, type.get_string());
  });
}

size_t code_points(std::string_view text) {
  return static_cast<size_t>(std::ranges::count_if(text, [](char c) { return (c & 0xC0) != 0x80; }));
}

// A size against the two keywords that bound it.
bool within(const Json& schema, double size, std::string_view low, std::string_view high) {
  const Json* least = find(schema, low);
  const Json* most = find(schema, high);
  if (least != nullptr && least->is_number() && size < least->to_number<double>()) return false;
  return most == nullptr || !most->is_number() || size <= most->to_number<double>();
}

bool number_fits(double number, const Json& schema) {
  if (!within(schema, number, "minimum", "maximum")) return false;
  const Json* above = find(schema, "exclusiveMinimum");
  const Json* below = find(schema, "exclusiveMaximum");
  const Json* step = find(schema, "multipleOf");
  if (above != nullptr && above->is_number() && number <= above->to_number<double>()) return false;
  if (below != nullptr && below->is_number() && number >= below->to_number<double>()) return false;
  if (step == nullptr || !step->is_number()) return true;
  double times = number / step->to_number<double>();
  return std::floor(times) == times;
}

bool list_fits(const JsonArray& list, const Json& schema) {
  if (!within(schema, static_cast<double>(list.size()), "minItems", "maxItems")) return false;
  if (const Json* items = find(schema, "items")) {
    if (!std::ranges::all_of(list, [&](const Json& v) { return matches_json_schema(v, *items); }))
      return false;
  }
  if (const Json* contained = find(schema, "contains")) {
    if (std::ranges::none_of(list, [&](const Json& v) { return matches_json_schema(v, *contained); }))
      return false;
  }
  if (!bool_at(schema, "uniqueItems")) return true;
  for (size_t i = 0; i < list.size(); ++i) {
    for (size_t j = 0; j < i; ++j) {
      if (equal(list[i], list[j])) return false;
    }
  }
  return true;
}

bool object_fits(const JsonObject& object, const Json& schema) {
  if (!within(schema, static_cast<double>(object.size()), "minProperties", "maxProperties")) return false;
  if (const Json* required = find(schema, "required"); required != nullptr && required->is_array()) {
    for (const Json& name : required->get_array()) {
      if (name.is_string() && !object.contains(name.get_string())) return false;
    }
  }
  const Json* properties = find(schema, "properties");
  const Json* others = find(schema, "additionalProperties");
  for (const auto& [name, value] : object) {
    const Json* own = properties == nullptr ? nullptr : find(*properties, name);
    if (own == nullptr) own = others;
    if (own != nullptr && !matches_json_schema(value, *own)) return false;
  }
  return true;
}

bool combined_fits(const Json& value, const Json& schema) {
  auto fits = [&](const Json& member) { return matches_json_schema(value, member); };
  if (const Json* all = find(schema, "allOf"); all && !std::ranges::all_of(all->get_array(), fits))
    return false;
  if (const Json* any = find(schema, "anyOf"); any && std::ranges::none_of(any->get_array(), fits))
    return false;
  if (const Json* one = find(schema, "oneOf"); one && std::ranges::count_if(one->get_array(), fits) != 1)
    return false;
  if (const Json* none = find(schema, "not"); none && fits(*none)) return false;
  const Json* condition = find(schema, "if");
  if (condition == nullptr) return true;
  const Json* branch = find(schema, fits(*condition) ? "then" : "else");
  return branch == nullptr || fits(*branch);
}

}  // namespace

Result<void> check_json_schema(const Json& schema) { return check(schema, 0); }

bool matches_json_schema(const Json& value, const Json& schema) {
  if (schema.is_bool()) return schema.get_bool();
  if (const Json* types = find(schema, "type"); types != nullptr && !type_fits(value, *types)) return false;
  if (const Json* only = find(schema, "const"); only != nullptr && !equal(value, *only)) return false;
  if (const Json* list = find(schema, "enum"); list != nullptr && list->is_array()) {
    if (std::ranges::none_of(list->get_array(), [&](const Json& v) { return equal(v, value); })) return false;
  }
  if (value.is_number() && !number_fits(value.to_number<double>(), schema)) return false;
  if (value.is_string() &&
      !within(schema, static_cast<double>(code_points(value.get_string())), "minLength", "maxLength")) {
    return false;
  }
  if (value.is_array() && !list_fits(value.get_array(), schema)) return false;
  if (value.is_object() && !object_fits(value.get_object(), schema)) return false;
  return combined_fits(value, schema);
}

}  // namespace penstock::datasets
