#include "api/native/body.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <vector>

#include "api/native/schemas.h"
#include "core/text.h"

namespace penstock::api::native {
namespace {

constexpr std::string_view kReferencePrefix = "#/components/schemas/";

[[noreturn]] void reject(std::string_view what) {
  std::fprintf(stderr, "schema: %.*s\n", static_cast<int>(what.size()), what.data());
  std::abort();
}

// The components, parsed once for the whole process.
const Json& component(std::string_view name) {
  static const auto kComponents = [] {
    std::map<std::string, Json, std::less<>> parsed;
    for (const Schema& schema : schemas()) {
      auto json = parse_json(schema.json);
      if (!json) reject(std::string(schema.name) + " is " + json.error().message);
      parsed.emplace(schema.name, std::move(*json));
    }
    return parsed;
  }();
  auto found = kComponents.find(name);
  if (found == kComponents.end()) reject("no component is named " + std::string(name));
  return found->second;
}

std::string joined(const std::string& path, std::string_view member) {
  return path.empty() ? std::string(member) : path + "." + std::string(member);
}

// "'limits[0].amount' must be ...", or "the body must be ..." at the root.
Error wrong(const std::string& path, std::string_view wanted) {
  std::string subject = path.empty() ? "the request body" : "'" + path + "'";
  return Error::invalid(path, subject + " must be " + std::string(wanted));
}

bool has_type(const Json& value, std::string_view type) {
  if (type == "object") return value.is_object();
  if (type == "array") return value.is_array();
  if (type == "string") return value.is_string();
  if (type == "boolean") return value.is_bool();
  if (type == "integer") return value.is_int64();
  if (type == "number") return value.is_number();
  if (type == "null") return value.is_null();
  reject("unknown type " + std::string(type));
}

std::string_view article(std::string_view type) {
  if (type == "null") return "";
  return type == "integer" || type == "object" || type == "array" ? "an " : "a ";
}

std::string number_text(const Json& number) { return to_json(number); }

// Checks one value after the other; stops at the first that does not fit.
class BodyCheck {
 public:
  Result<void> check(const Json& schema, const Json& value, const std::string& path) {
    if (const Json* reference = find(schema, "$ref")) {
      std::string_view target = reference->get_string();
      return check(component(target.substr(kReferencePrefix.size())), value, path);
    }
    // Before what is missing: a mistyped name is both.
    if (value.is_object()) RETURN_IF_ERROR(check_names(schema, value.get_object(), path));
    for (const auto& rule : schema.get_object()) {
      RETURN_IF_ERROR(check_rule(rule.key(), rule.value(), value, path));
    }
    if (value.is_object()) RETURN_IF_ERROR(check_members(schema, value.get_object(), path));
    return {};
  }

 private:
  static constexpr std::array<std::string_view, 7> kElsewhere = {
      "description", "examples", "format", "default", "properties", "additionalProperties", "$ref"};

  Result<void> check_rule(std::string_view rule, const Json& argument, const Json& value,
                          const std::string& path) {
    if (rule == "type") return check_type(argument, value, path);
    if (rule == "enum") return check_choice(argument.get_array(), value, path);
    if (rule == "required") return check_required(argument.get_array(), value, path);
    if (rule == "items") return check_items(argument, value, path);
    if (rule == "minimum" || rule == "maximum") return check_range(rule, argument, value, path);
    if (rule == "minLength" || rule == "maxLength" || rule == "minItems" || rule == "maxItems") {
      return check_size(rule, argument.to_number<int64_t>(), value, path);
    }
    if (std::ranges::find(kElsewhere, rule) == kElsewhere.end()) reject("no rule " + std::string(rule));
    return {};
  }

  static Result<void> check_type(const Json& types, const Json& value, const std::string& path) {
    JsonArray one;
    if (types.is_string()) one.push_back(types);
    const JsonArray& all = types.is_string() ? one : types.get_array();
    std::string wanted;
    for (const Json& type : all) {
      std::string_view name = type.get_string();
      if (has_type(value, name)) return {};
      wanted.append(wanted.empty() ? "" : " or ").append(article(name)).append(name);
    }
    return Failure(wrong(path, wanted));
  }

  static Result<void> check_choice(const JsonArray& choices, const Json& value, const std::string& path) {
    if (std::ranges::find(choices, value) != choices.end()) return {};
    std::string wanted;
    for (const Json& choice : choices) {
      wanted.append(wanted.empty() ? "" : ", ");
      wanted += choice.is_string() ? std::string(choice.get_string()) : to_json(choice);
    }
    return Failure(wrong(path, "one of " + wanted));
  }

  static Result<void> check_required(const JsonArray& names, const Json& value, const std::string& path) {
    if (!value.is_object()) return {};
    for (const Json& name : names) {
      std::string_view member = name.get_string();
      if (find(value, member) != nullptr) continue;
      std::string missing = joined(path, member);
      return Failure(Error::invalid(missing, "'" + missing + "' is missing"));
    }
    return {};
  }

  Result<void> check_items(const Json& schema, const Json& value, const std::string& path) {
    if (!value.is_array()) return {};
    size_t position = 0;
    for (const Json& item : value.get_array()) {
      RETURN_IF_ERROR(check(schema, item, path + "[" + std::to_string(position++) + "]"));
    }
    return {};
  }

  static Result<void> check_range(std::string_view rule, const Json& bound, const Json& value,
                                  const std::string& path) {
    if (!value.is_number()) return {};
    double sent = value.to_number<double>();
    double limit = bound.to_number<double>();
    if (rule == "minimum" && sent < limit) return Failure(wrong(path, "at least " + number_text(bound)));
    if (rule == "maximum" && sent > limit) return Failure(wrong(path, "at most " + number_text(bound)));
    return {};
  }

  static Result<void> check_size(std::string_view rule, int64_t bound, const Json& value,
                                 const std::string& path) {
    bool of_text = rule.ends_with("Length");
    if (of_text ? !value.is_string() : !value.is_array()) return {};
    auto size = static_cast<int64_t>(of_text ? value.get_string().size() : value.get_array().size());
    std::string_view unit = of_text ? " bytes long" : " items long";
    std::string number = std::to_string(bound);
    if (rule.starts_with("min") && size < bound)
      return Failure(wrong(path, "at least " + number + std::string(unit)));
    if (rule.starts_with("max") && size > bound)
      return Failure(wrong(path, "at most " + number + std::string(unit)));
    return {};
  }

  static const Json* schema_of(const Json& schema, std::string_view member) {
    const Json* properties = find(schema, "properties");
    const Json* known = properties == nullptr ? nullptr : find(*properties, member);
    const Json* others = find(schema, "additionalProperties");
    return known == nullptr && others != nullptr && others->is_object() ? others : known;
  }

  static Result<void> check_names(const Json& schema, const JsonObject& value, const std::string& path) {
    const Json* others = find(schema, "additionalProperties");
    if (others == nullptr || !others->is_bool() || others->get_bool()) return {};
    for (const auto& member : value) {
      if (schema_of(schema, member.key()) != nullptr) continue;
      return Failure(unknown(member.key(), find(schema, "properties"), path));
    }
    return {};
  }

  Result<void> check_members(const Json& schema, const JsonObject& value, const std::string& path) {
    for (const auto& member : value) {
      const Json* known = schema_of(schema, member.key());
      if (known == nullptr) continue;
      RETURN_IF_ERROR(check(*known, member.value(), joined(path, utf8_prefix(member.key(), 64))));
    }
    return {};
  }

  static Error unknown(std::string_view name, const Json* properties, const std::string& path) {
    std::vector<std::string_view> known;
    if (properties != nullptr) {
      for (const auto& member : properties->get_object()) known.push_back(member.key());
    }
    std::string shown = joined(path, utf8_prefix(name, 64));
    std::string message = "unknown field '" + shown + "'";
    std::string_view near = nearest(name.substr(0, 64), known);
    if (!near.empty()) message.append("; did you mean '").append(near).append("'?");
    return Error::invalid(shown, message);
  }
};

}  // namespace

Result<Json> parse_body(std::string_view text, std::string_view schema) {
  if (text.empty()) return Failure(Error::invalid("", "the request has no body; send a JSON object"));
  auto json = parse_json(text, {.bytes_max = kBodyBytesMax, .depth_max = kBodyDepthMax});
  if (!json) {
    Error error = std::move(json).error();
    error.message = "the request body is " + error.message;
    return Failure(std::move(error));
  }
  RETURN_IF_ERROR(BodyCheck().check(component(schema), *json, ""));
  return json;
}

}  // namespace penstock::api::native
