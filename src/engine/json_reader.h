#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/json.h"
#include "core/result.h"

namespace penstock::engine {

// "a string", "an object", ...: how error messages call a value's type.
std::string_view json_type_name(const Json& value);

Error wrong_type(std::string_view field, std::string_view expected, const Json& value);

// Reads the members of a request's object. Absent and null are the same: nullopt. Every error is
// kInvalidArgument with the member's path as its field. Views and references point into the document.
class JsonReader {
 public:
  // `path` stands before member names in errors: "messages[2]." or empty.
  explicit JsonReader(const JsonObject& object, std::string path = {})
      : object_(object), path_(std::move(path)) {}

  const Json* member(std::string_view key) const;  // nullptr if absent or null
  std::string field(std::string_view key) const { return path_ + std::string(key); }

  Result<std::optional<bool>> boolean(std::string_view key) const;
  Result<std::optional<int64_t>> integer(std::string_view key, int64_t min, int64_t max) const;
  Result<std::optional<double>> number(std::string_view key, double min, double max) const;
  Result<std::optional<std::string_view>> string(std::string_view key) const;
  Result<const JsonObject*> object(std::string_view key) const;
  Result<const JsonArray*> array(std::string_view key, size_t size_max) const;

  // The same for members that must be there.
  Result<std::string_view> required_string(std::string_view key) const;
  Result<const JsonArray*> required_array(std::string_view key, size_t size_max) const;
  Error missing(std::string_view key) const;

 private:
  const JsonObject& object_;
  std::string path_;
};

}  // namespace penstock::engine
