#pragma once

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.h"

// For tests: a validator of the part of JSON Schema 2020-12 that schemas.cc uses. Any other keyword is a
// finding, so that none is ignored in silence.
namespace penstock::api::native {

class SchemaCheck {
 public:
  // References of schemas point into `document`, an OpenAPI document; it outlives the object.
  explicit SchemaCheck(const Json& document) : document_(document) {}

  // Where `value` differs from `schema`; empty if nowhere.
  std::vector<std::string> findings(const Json& schema, const Json& value) const {
    std::vector<std::string> out;
    check(schema, value, "$", out);
    return out;
  }

  // The target of "#/components/schemas/Name"; null if there is none.
  const Json* resolve(std::string_view reference) const {
    constexpr std::string_view kPrefix = "#/components/schemas/";
    if (!reference.starts_with(kPrefix)) return nullptr;
    const Json* components = find(document_, "components");
    const Json* schemas = components == nullptr ? nullptr : find(*components, "schemas");
    return schemas == nullptr ? nullptr : find(*schemas, reference.substr(kPrefix.size()));
  }

 private:
  using Findings = std::vector<std::string>;

  static bool has_type(const Json& value, std::string_view type) {
    if (type == "null") return value.is_null();
    if (type == "boolean") return value.is_bool();
    if (type == "string") return value.is_string();
    if (type == "array") return value.is_array();
    if (type == "object") return value.is_object();
    if (type == "integer") return value.is_int64() || value.is_uint64();
    return type == "number" && value.is_number();
  }

  static bool has_one_of_types(const Json& value, const Json& types) {
    if (types.is_string()) return has_type(value, types.get_string());
    return std::ranges::any_of(types.get_array(),
                               [&](const Json& t) { return has_type(value, t.get_string()); });
  }

  void check(const Json& schema, const Json& value, const std::string& path, Findings& out) const {
    for (const auto& member : schema.get_object()) {
      check_keyword(member.key(), member.value(), schema, value, path, out);
    }
  }

  void check_keyword(std::string_view keyword, const Json& rule, const Json& schema, const Json& value,
                     const std::string& path, Findings& out) const {
    constexpr std::array<std::string_view, 6> kNotes = {"description", "examples",  "format",
                                                        "default",     "maxLength", "minLength"};
    auto fail = [&](const std::string& why) { out.push_back(path + ": " + why); };
    if (keyword == "$ref") {
      const Json* target = resolve(rule.get_string());
      target == nullptr ? fail("dangling reference") : check(*target, value, path, out);
    } else if (keyword == "type") {
      if (!has_one_of_types(value, rule)) fail(to_json(value) + " is not of type " + to_json(rule));
    } else if (keyword == "enum") {
      if (std::ranges::find(rule.get_array(), value) == rule.get_array().end())
        fail(to_json(value) + " is no choice");
    } else if (keyword == "minimum") {
      if (value.is_number() && value.to_number<double>() < rule.to_number<double>()) fail("is too small");
    } else if (keyword == "maximum") {
      if (value.is_number() && value.to_number<double>() > rule.to_number<double>()) fail("is too large");
    } else if (keyword == "maxItems") {
      if (value.is_array() && value.get_array().size() > rule.to_number<size_t>()) fail("has too many items");
    } else if (keyword == "items") {
      if (value.is_array()) check_items(rule, value.get_array(), path, out);
    } else if (keyword == "required") {
      if (value.is_object()) check_required(rule.get_array(), value, path, out);
    } else if (keyword == "properties") {
      if (value.is_object()) check_properties(rule, value, path, out);
    } else if (keyword == "additionalProperties") {
      if (value.is_object()) check_additional(rule, find(schema, "properties"), value, path, out);
    } else if (std::ranges::find(kNotes, keyword) == kNotes.end()) {
      fail("the validator does not know the keyword " + std::string(keyword));
    }
  }

  void check_items(const Json& rule, const JsonArray& items, const std::string& path, Findings& out) const {
    for (size_t i = 0; i < items.size(); ++i)
      check(rule, items[i], path + "[" + std::to_string(i) + "]", out);
  }

  void check_required(const JsonArray& names, const Json& value, const std::string& path,
                      Findings& out) const {
    for (const Json& name : names) {
      if (find(value, name.get_string()) == nullptr) out.push_back(path + ": lacks " + to_json(name));
    }
  }

  void check_properties(const Json& rules, const Json& value, const std::string& path, Findings& out) const {
    for (const auto& member : value.get_object()) {
      const Json* rule = find(rules, member.key());
      if (rule != nullptr) check(*rule, member.value(), path + "." + std::string(member.key()), out);
    }
  }

  void check_additional(const Json& rule, const Json* properties, const Json& value, const std::string& path,
                        Findings& out) const {
    for (const auto& member : value.get_object()) {
      if (properties != nullptr && find(*properties, member.key()) != nullptr) continue;
      std::string inner = path + "." + std::string(member.key());
      if (rule.is_object()) {
        check(rule, member.value(), inner, out);
      } else if (!rule.get_bool()) {
        out.push_back(inner + ": is not described");
      }
    }
  }

  const Json& document_;
};

}  // namespace penstock::api::native
