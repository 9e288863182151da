#include "core/json.h"

#include <boost/json.hpp>

namespace penstock {

Result<Json> parse_json(std::string_view text, JsonLimits limits) {
  if (text.size() > limits.bytes_max) {
    return Failure(Error{.code = ErrorCode::kTooLarge,
                         .message = "JSON of " + std::to_string(text.size()) + " bytes; at most " +
                                    std::to_string(limits.bytes_max) + " are read"});
  }
  boost::json::parse_options options;
  options.max_depth = limits.depth_max;
  boost::json::parser parser({}, options);
  boost::system::error_code failure;
  size_t used = parser.write(text, failure);
  if (failure) {
    return Failure(
        Error::invalid("", "not valid JSON at byte " + std::to_string(used) + ": " + failure.message()));
  }
  return parser.release();
}

std::string to_json(const Json& value) { return boost::json::serialize(value); }

const Json* find(const Json& object, std::string_view key) {
  const JsonObject* members = object.if_object();
  return members == nullptr ? nullptr : members->if_contains(key);
}

std::string_view string_at(const Json& object, std::string_view key) {
  const Json* member = find(object, key);
  if (member == nullptr || !member->is_string()) return {};
  return member->get_string();
}

int64_t int_at(const Json& object, std::string_view key, int64_t fallback) {
  const Json* member = find(object, key);
  if (member == nullptr || !member->is_int64()) return fallback;
  return member->get_int64();
}

double number_at(const Json& object, std::string_view key, double fallback) {
  const Json* member = find(object, key);
  if (member == nullptr || !member->is_number()) return fallback;
  return member->to_number<double>();
}

bool bool_at(const Json& object, std::string_view key, bool fallback) {
  const Json* member = find(object, key);
  if (member == nullptr || !member->is_bool()) return fallback;
  return member->get_bool();
}

}  // namespace penstock
