#include "core/http_message.h"

#include <algorithm>

#include "core/form.h"
#include "core/text.h"

namespace penstock {
namespace {

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
