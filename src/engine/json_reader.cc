#include "engine/json_reader.h"

#include <fmt/format.h>

#include <cmath>

namespace penstock::engine {

std::string_view json_type_name(const Json& value) {
  if (value.is_null()) return "null";
  if (value.is_bool()) return "a boolean";
  if (value.is_int64() || value.is_uint64()) return "an integer";
  if (value.is_double()) return "a number";
  if (value.is_string()) return "a string";
  return value.is_array() ? "an array" : "an object";
}

Error wrong_type(std::string_view field, std::string_view expected, const Json& value) {
  Error error = Error::invalid(std::string(field),
                               fmt::format("Invalid type for '{}': expected {}, but got {} instead.", field,
                                           expected, json_type_name(value)));
  error.reason = "invalid_type";
  return error;
}

const Json* JsonReader::member(std::string_view key) const {
  const Json* value = object_.if_contains(key);
  return value == nullptr || value->is_null() ? nullptr : value;
}

Result<std::optional<bool>> JsonReader::boolean(std::string_view key) const {
  const Json* value = member(key);
  if (value == nullptr) return std::nullopt;
  if (!value->is_bool()) return Failure(wrong_type(field(key), "a boolean", *value));
  return value->get_bool();
}

Result<std::optional<int64_t>> JsonReader::integer(std::string_view key, int64_t min, int64_t max) const {
  const Json* value = member(key);
  if (value == nullptr) return std::nullopt;
  std::optional<int64_t> number;
  if (value->is_int64()) number = value->get_int64();
  // 1.0 is an integer in JSON Schema, and some clients write it so.
  if (const double* real = value->if_double();
      real != nullptr && std::abs(*real) < 1e15 && std::trunc(*real) == *real) {
    number = static_cast<int64_t>(*real);
  }
  if (!number && !value->is_uint64()) return Failure(wrong_type(field(key), "an integer", *value));
  if (!number || *number < min || *number > max) {
    return Failure(Error::invalid(
        field(key), fmt::format("Invalid value for '{}': must be from {} to {}.", field(key), min, max)));
  }
  return number;
}

Result<std::optional<double>> JsonReader::number(std::string_view key, double min, double max) const {
  const Json* value = member(key);
  if (value == nullptr) return std::nullopt;
  if (!value->is_number()) return Failure(wrong_type(field(key), "a number", *value));
  const auto number = value->to_number<double>();
  if (!(number >= min && number <= max)) {
    return Failure(Error::invalid(
        field(key), fmt::format("Invalid value for '{}': must be from {} to {}.", field(key), min, max)));
  }
  return number;
}

Result<std::optional<std::string_view>> JsonReader::string(std::string_view key) const {
  const Json* value = member(key);
  if (value == nullptr) return std::nullopt;
  if (!value->is_string()) return Failure(wrong_type(field(key), "a string", *value));
  return std::string_view(value->get_string());
}

Result<const JsonObject*> JsonReader::object(std::string_view key) const {
  const Json* value = member(key);
  if (value == nullptr) return nullptr;
  if (!value->is_object()) return Failure(wrong_type(field(key), "an object", *value));
  return &value->get_object();
}

Result<const JsonArray*> JsonReader::array(std::string_view key, size_t size_max) const {
  const Json* value = member(key);
  if (value == nullptr) return nullptr;
  if (!value->is_array()) return Failure(wrong_type(field(key), "an array", *value));
  if (value->get_array().size() > size_max) {
    return Failure(Error::invalid(
        field(key),
        fmt::format("Invalid '{}': array too long. Expected at most {} elements.", field(key), size_max)));
  }
  return &value->get_array();
}

Error JsonReader::missing(std::string_view key) const {
  Error error = Error::invalid(field(key), fmt::format("Missing required parameter: '{}'.", field(key)));
  error.reason = "missing_required_parameter";
  return error;
}

Result<std::string_view> JsonReader::required_string(std::string_view key) const {
  ASSIGN_OR_RETURN(auto text, string(key));
  if (!text) return Failure(missing(key));
  return *text;
}

Result<const JsonArray*> JsonReader::required_array(std::string_view key, size_t size_max) const {
  ASSIGN_OR_RETURN(auto values, array(key, size_max));
  if (values == nullptr) return Failure(missing(key));
  return values;
}

}  // namespace penstock::engine
