#include "api/native/parameters.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "core/http_message.h"
#include "core/text.h"

namespace penstock::api::native {
namespace {

Error wrong_value(const Parameter& parameter, std::string_view wanted) {
  std::string name(parameter.name);
  return Error::invalid(name, "query parameter '" + name + "' must be " + std::string(wanted));
}

Error unknown_parameter(std::string_view name, std::span<const Parameter> known) {
  std::vector<std::string_view> names;
  for (const Parameter& parameter : known) names.push_back(parameter.name);
  std::string shown(utf8_prefix(name, 64));
  std::string message = "unknown query parameter '" + shown + "'";
  std::string_view near = nearest(shown, names);
  if (!near.empty()) message.append("; did you mean '").append(near).append("'?");
  return Error::invalid(shown, message);
}

Result<int64_t> check_integer(const Parameter& parameter, std::string_view value) {
  auto number = parse_int(value);
  if (number && *number >= parameter.minimum && *number <= parameter.maximum) return *number;
  return Failure(wrong_value(parameter, "a whole number from " + std::to_string(parameter.minimum) + " to " +
                                            std::to_string(parameter.maximum)));
}

Result<void> check_text(const Parameter& parameter, std::string_view value) {
  if (static_cast<int64_t>(value.size()) > parameter.maximum) {
    return Failure(wrong_value(parameter, "at most " + std::to_string(parameter.maximum) + " bytes long"));
  }
  if (!is_valid_utf8(value)) return Failure(wrong_value(parameter, "valid UTF-8"));
  return {};
}

Result<void> check_choice(const Parameter& parameter, std::string_view value) {
  if (std::ranges::find(parameter.choices, value) != parameter.choices.end()) return {};
  std::string list;
  for (std::string_view choice : parameter.choices) list.append(list.empty() ? "" : " or ").append(choice);
  return Failure(wrong_value(parameter, list));
}

// Decodes one value with the request's own decoder.
std::string decoded(std::string_view name, std::string_view pair) {
  Request request;
  request.query = pair;
  return request.query_value(name);
}

}  // namespace

Result<Query> Query::parse(std::string_view raw, std::span<const Parameter> known) {
  Query query;
  std::vector<std::string_view> seen;
  for (std::string_view pair : split(raw, '&')) {
    if (pair.empty()) continue;
    std::string_view name = pair.substr(0, pair.find('='));
    auto parameter = std::ranges::find(known, name, &Parameter::name);
    if (parameter == known.end()) return Failure(unknown_parameter(name, known));
    if (std::ranges::find(seen, name) != seen.end()) return Failure(wrong_value(*parameter, "given once"));
    seen.push_back(name);
    std::string value = decoded(name, pair);
    if (value.empty()) continue;
    if (parameter->type == Parameter::Type::kInteger) {
      ASSIGN_OR_RETURN(query.integers_[std::string(name)], check_integer(*parameter, value));
      continue;
    }
    RETURN_IF_ERROR(parameter->type == Parameter::Type::kText ? check_text(*parameter, value)
                                                              : check_choice(*parameter, value));
    query.texts_.emplace(name, std::move(value));
  }
  for (const Parameter& parameter : known) {
    if (parameter.fallback) query.integers_.try_emplace(std::string(parameter.name), *parameter.fallback);
  }
  return query;
}

std::string Query::text(std::string_view name) const {
  auto found = texts_.find(name);
  return found == texts_.end() ? std::string() : found->second;
}

std::optional<int64_t> Query::integer(std::string_view name) const {
  auto found = integers_.find(name);
  return found == integers_.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace penstock::api::native
