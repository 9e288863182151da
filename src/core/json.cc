#include "core/json.h"

#include <boost/json.hpp>
#include <boost/json/basic_parser_impl.hpp>
#include <charconv>
#include <limits>

namespace penstock {
namespace {

using boost::system::error_code;

// Builds the document as Boost's own handler does, but for doubles: Boost 1.81 reads those up to a unit in
// the last place wrong, so that 0.1 + 0.2 would not come back as it was sent.
class Builder {
 public:
  static constexpr size_t max_array_size = std::numeric_limits<size_t>::max();
  static constexpr size_t max_object_size = std::numeric_limits<size_t>::max();
  static constexpr size_t max_string_size = std::numeric_limits<size_t>::max();
  static constexpr size_t max_key_size = std::numeric_limits<size_t>::max();

  Json release() { return stack_.release(); }

  bool on_document_begin(error_code&) {
    stack_.reset();
    return true;
  }
  bool on_document_end(error_code&) { return true; }
  bool on_object_begin(error_code&) { return true; }
  bool on_object_end(size_t size, error_code&) {
    stack_.push_object(size);
    return true;
  }
  bool on_array_begin(error_code&) { return true; }
  bool on_array_end(size_t size, error_code&) {
    stack_.push_array(size);
    return true;
  }
  bool on_key_part(std::string_view part, size_t, error_code&) {
    stack_.push_chars(part);
    return true;
  }
  bool on_key(std::string_view part, size_t, error_code&) {
    stack_.push_key(part);
    return true;
  }
  bool on_string_part(std::string_view part, size_t, error_code&) {
    stack_.push_chars(part);
    return true;
  }
  bool on_string(std::string_view part, size_t, error_code&) {
    stack_.push_string(part);
    return true;
  }
  bool on_number_part(std::string_view, error_code&) { return true; }
  bool on_int64(int64_t number, std::string_view, error_code&) {
    stack_.push_int64(number);
    return true;
  }
  bool on_uint64(uint64_t number, std::string_view, error_code&) {
    stack_.push_uint64(number);
    return true;
  }
  // `text` is the whole number, since the whole document is one piece.
  bool on_double(double number, std::string_view text, error_code&) {
    double exact = number;
    auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), exact);
    stack_.push_double(failure == std::errc() && end == text.data() + text.size() ? exact : number);
    return true;
  }
  bool on_bool(bool flag, error_code&) {
    stack_.push_bool(flag);
    return true;
  }
  bool on_null(error_code&) {
    stack_.push_null();
    return true;
  }
  bool on_comment_part(std::string_view, error_code&) { return true; }
  bool on_comment(std::string_view, error_code&) { return true; }

 private:
  boost::json::value_stack stack_;
};

}  // namespace

Result<Json> parse_json(std::string_view text, JsonLimits limits) {
  if (text.size() > limits.bytes_max) {
    return Failure(Error{.code = ErrorCode::kTooLarge,
                         .message = "JSON of " + std::to_string(text.size()) + " bytes; at most " +
                                    std::to_string(limits.bytes_max) + " are read"});
  }
  boost::json::parse_options options;
  options.max_depth = limits.depth_max;
  boost::json::basic_parser<Builder> parser(options);
  error_code failure;
  size_t used = parser.write_some(false, text.data(), text.size(), failure);
  if (!failure && used < text.size()) failure = boost::json::error::extra_data;
  if (failure) {
    return Failure(
        Error::invalid("", "not valid JSON at byte " + std::to_string(used) + ": " + failure.message()));
  }
  return parser.handler().release();
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
