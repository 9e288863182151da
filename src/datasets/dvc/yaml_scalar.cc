#include <algorithm>
#include <array>

#include "datasets/dvc/yaml_text.h"

namespace penstock::datasets::dvc {
namespace {

constexpr std::string_view kDigits = "0123456789";
constexpr std::string_view kDigitsAndLine = "0123456789_";

template <size_t N>
bool one_of(std::string_view text, const std::array<std::string_view, N>& words) {
  return std::ranges::find(words, text) != words.end();
}

bool all_of(std::string_view text, std::string_view set) {
  return !text.empty() && text.find_first_not_of(set) == std::string_view::npos;
}

std::string_view without_sign(std::string_view text) {
  return text.starts_with('-') || text.starts_with('+') ? text.substr(1) : text;
}

bool is_integer(std::string_view text) {
  std::string_view body = without_sign(text);
  if (body.starts_with("0b") && all_of(body.substr(2), "01_")) return true;
  if (body.starts_with("0o") && all_of(body.substr(2), "01234567_")) return true;
  if (body.starts_with("0x") && all_of(body.substr(2), "0123456789abcdefABCDEF_")) return true;
  return all_of(body, kDigitsAndLine);
}

// The digits of an exponent; `sign_needed` as the third form of ruamel's expression has it.
bool is_exponent(std::string_view text, bool sign_needed) {
  if (text.empty() || (text[0] != 'e' && text[0] != 'E')) return false;
  text.remove_prefix(1);
  std::string_view digits = without_sign(text);
  return (digits.size() < text.size() || !sign_needed) && all_of(digits, kDigits);
}

bool is_float(std::string_view text) {
  if (one_of(text, std::array<std::string_view, 3>{".nan", ".NaN", ".NAN"})) return true;
  std::string_view body = without_sign(text);
  if (one_of(body, std::array<std::string_view, 3>{".inf", ".Inf", ".INF"})) return true;
  size_t whole = std::min(body.find_first_not_of(kDigitsAndLine), body.size());
  std::string_view rest = body.substr(whole);
  if (whole > 0 && body[0] == '_') return false;
  if (!rest.starts_with('.')) return whole > 0 && is_exponent(rest, false);
  rest.remove_prefix(1);
  size_t fraction = std::min(rest.find_first_not_of(kDigitsAndLine), rest.size());
  std::string_view exponent = rest.substr(fraction);
  if (whole == 0 && fraction == 0) return false;
  return exponent.empty() || is_exponent(exponent, whole == 0);
}

// 2001-12-14 and 2001-12-14T21:59:43.10-05:00: a date to ruamel.yaml, so a string that looks like one is
// quoted.
bool is_timestamp(std::string_view text) {
  auto digits = [&](size_t min, size_t max) {
    size_t count = 0;
    while (count < max && count < text.size() && text[count] >= '0' && text[count] <= '9') ++count;
    if (count < min) return false;
    text.remove_prefix(count);
    return true;
  };
  auto one = [&](std::string_view set) {
    if (text.empty() || !set.contains(text[0])) return false;
    text.remove_prefix(1);
    return true;
  };
  if (!digits(4, 4) || !one("-") || !digits(1, 2) || !one("-") || !digits(1, 2)) return false;
  if (text.empty()) return true;
  bool spaces = false;
  while (one(" \t")) spaces = true;
  if (!spaces && !one("Tt")) return false;
  if (!digits(1, 2) || !one(":") || !digits(2, 2) || !one(":") || !digits(2, 2)) return false;
  if (one(".")) digits(0, 99);
  while (one(" \t")) {
  }
  if (text.empty() || (one("Z") && text.empty())) return true;
  if (!one("-+") || !digits(1, 2)) return false;
  return text.empty() || (one(":") && digits(2, 2) && text.empty());
}

}  // namespace

Value::Kind plain_kind(std::string_view text) {
  using Kind = Value::Kind;
  if (text.empty() || one_of(text, std::array<std::string_view, 4>{"~", "null", "Null", "NULL"}))
    return Kind::kNull;
  if (one_of(text, std::array<std::string_view, 6>{"true", "True", "TRUE", "false", "False", "FALSE"}))
    return Kind::kBool;
  if (is_integer(text)) return Kind::kInteger;
  if (is_float(text)) return Kind::kFloat;
  return Kind::kString;
}

// What needs quotes as a string: whatever resolves to something else, which includes dates and two marks.
bool plain_would_change(std::string_view text) {
  return plain_kind(text) != Value::Kind::kString || is_timestamp(text) || text == "<<" || text == "=";
}

}  // namespace penstock::datasets::dvc
