#pragma once

#include <boost/json/value.hpp>
#include <string>
#include <string_view>

#include "core/result.h"

namespace penstock {

// A JSON document in memory, for configuration, registry documents and tests. The request path uses
// JsonFields.
using Json = boost::json::value;
using JsonObject = boost::json::object;
using JsonArray = boost::json::array;

struct JsonLimits {
  size_t bytes_max = 64 << 20;
  size_t depth_max = 64;
};

// Strict RFC 8259: no comments, no trailing text, no NaN, valid UTF-8; numbers keep int64/uint64/double.
// Errors are kInvalidArgument with the byte offset.
Result<Json> parse_json(std::string_view text, JsonLimits limits = {});

std::string to_json(const Json& value);

// Member access that cannot throw: nullptr, empty or `fallback` where it is absent or of another type.
const Json* find(const Json& object, std::string_view key);
std::string_view string_at(const Json& object, std::string_view key);
int64_t int_at(const Json& object, std::string_view key, int64_t fallback = 0);
double number_at(const Json& object, std::string_view key, double fallback = 0);
bool bool_at(const Json& object, std::string_view key, bool fallback = false);

}  // namespace penstock
