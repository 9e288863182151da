#include "core/http_message.h"

#include <algorithm>

#include "core/text.h"

namespace penstock {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string form_decode(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 && hex_digit(text[i + 2]) >= 0) {
      out += static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
      i += 2;
    } else {
      out += text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

// The raw value of the first pair of that name.
std::optional<std::string_view> find_pair(std::string_view query, std::string_view name) {
  if (query.empty()) return std::nullopt;
  for (std::string_view pair : split(query, '&')) {
    size_t equals = pair.find('=');
    if (form_decode(pair.substr(0, equals)) != name) continue;
    return equals == std::string_view::npos ? std::string_view{} : pair.substr(equals + 1);
  }
  return std::nullopt;
}

}  // namespace

std::string_view Headers::get(std::string_view name) const {
  auto found =
      std::ranges::find_if(fields_, [&](const Field& f) { return equals_ignoring_case(f.first, name); });
  return found == fields_.end() ? std::string_view{} : std::string_view(found->second);
}

bool Headers::has(std::string_view name) const {
  return std::ranges::any_of(fields_, [&](const Field& f) { return equals_ignoring_case(f.first, name); });
}

void Headers::set(std::string_view name, std::string value) {
  remove(name);
  fields_.emplace_back(std::string(name), std::move(value));
}

void Headers::remove(std::string_view name) {
  std::erase_if(fields_, [&](const Field& f) { return equals_ignoring_case(f.first, name); });
}

std::string_view Request::param(std::string_view name) const {
  for (const auto& [key, value] : params) {
    if (key == name) return value;
  }
  return {};
}

std::string Request::query_value(std::string_view name) const {
  return form_decode(find_pair(query, name).value_or(std::string_view{}));
}

bool Request::has_query(std::string_view name) const { return find_pair(query, name).has_value(); }

Response Response::json(int status, std::string body) {
  return Response{{status, {{"content-type", "application/json"}}}, std::move(body)};
}

Response Response::text(int status, std::string body) {
  return Response{{status, {{"content-type", "text/plain; charset=utf-8"}}}, std::move(body)};
}

}  // namespace penstock
