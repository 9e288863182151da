#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "core/json_fields.h"
#include "core/result.h"

// Reading foreign JSON, where every error names the place: "messages[2].content[0].type".
namespace penstock::providers {

inline Failure invalid(std::string field, std::string_view message) {
  std::string text = "'" + field + "' " + std::string(message);
  return Failure(Error::invalid(std::move(field), std::move(text)));
}

inline std::string at(std::string_view path, size_t index) {
  return std::string(path) + "[" + std::to_string(index) + "]";
}

// The text of a string member; empty where it is absent, null or of another type.
inline std::string text_or_empty(const JsonFields& fields, std::string_view key) {
  auto text = fields.string(key);
  return text ? text->value_or("") : std::string();
}

// The raw JSON of a member, empty where it is absent or null.
inline std::string_view given(const JsonFields& fields, std::string_view key) {
  std::string_view raw = fields.raw(key);
  return raw == "null" ? std::string_view{} : raw;
}

// The raw JSON of a string member, quotes included; empty where it is no string.
inline std::string_view given_string(const JsonFields& fields, std::string_view key) {
  std::string_view raw = fields.raw(key);
  return raw.starts_with('"') ? raw : std::string_view{};
}

// Calls each(const JsonFields&, const std::string& path) -> Result<void> for the objects of the array `raw`.
template <class Each>
Result<void> for_each_object(std::string_view raw, std::string_view path, Each&& each) {
  if (!raw.starts_with('[')) return invalid(std::string(path), "must be a list");
  ASSIGN_OR_RETURN(auto elements, json_elements(raw));
  for (size_t i = 0; i < elements.size(); ++i) {
    if (!elements[i].starts_with('{')) return invalid(at(path, i), "must be an object");
    ASSIGN_OR_RETURN(JsonFields fields, JsonFields::of_valid(elements[i]));
    RETURN_IF_ERROR(each(std::as_const(fields), at(path, i)));
  }
  return {};
}

}  // namespace penstock::providers
