#include "tracking/python_json.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <vector>

#include "core/json_ascii.h"

namespace penstock::tracking {
namespace {

// repr() of a float: the shortest digits that read back, an exponent below 1e-4 and from 1e16 on.
void append_float(std::string& out, double value) {
  double magnitude = std::abs(value);
  bool plain = magnitude == 0 || (magnitude >= 1e-4 && magnitude < 1e16);
  char digits[400];
  auto format = plain ? std::chars_format::fixed : std::chars_format::scientific;
  auto written = std::to_chars(digits, digits + sizeof digits, value, format);
  std::string_view text(digits, written.ptr);
  out += text;
  if (plain && !text.contains('.')) out += ".0";
}

void append(std::string& out, const Json& value, KeyOrder order);

void append_object(std::string& out, const JsonObject& object, KeyOrder order) {
  std::vector<const JsonObject::value_type*> members;
  for (const auto& member : object) members.push_back(&member);
  if (order == KeyOrder::kSorted) {
    std::ranges::sort(members, {}, [](const auto* member) { return std::string_view(member->key()); });
  }
  out += '{';
  for (size_t i = 0; i < members.size(); ++i) {
    if (i > 0) out += ", ";
    out.append(json_quoted_ascii(std::string_view(members[i]->key()))).append(": ");
    append(out, members[i]->value(), order);
  }
  out += '}';
}

// Bounded by the depth that parse_json allows.
void append(std::string& out, const Json& value, KeyOrder order) {
  if (value.is_object()) return append_object(out, value.get_object(), order);
  if (value.is_string()) {
    out += json_quoted_ascii(std::string_view(value.get_string()));
  } else if (value.is_double()) {
    append_float(out, value.get_double());
  } else if (value.is_array()) {
    out += '[';
    for (size_t i = 0; i < value.get_array().size(); ++i) {
      if (i > 0) out += ", ";
      append(out, value.get_array()[i], order);
    }
    out += ']';
  } else {
    out += to_json(value);
  }
}

}  // namespace

std::string python_json(const Json& value, KeyOrder order) {
  std::string out;
  append(out, value, order);
  return out;
}

}  // namespace penstock::tracking
