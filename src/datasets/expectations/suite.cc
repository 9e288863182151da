#include "datasets/expectations/suite.h"

#include <algorithm>
#include <array>

#include "core/text.h"
#include "datasets/expectations/catalogue.h"
#include "datasets/expectations/suite_yaml.h"

namespace penstock::datasets {
namespace {

Error wrong(std::string_view file, const std::string& place, const std::string& what) {
  return Error::invalid(place, std::string(file) + ": " + place + " " + what);
}

// The first of the names that the object has: 1.x first, then 0.x.
const Json* first_of(const Json& object, std::initializer_list<std::string_view> names) {
  for (std::string_view name : names) {
    if (const Json* found = find(object, name); found != nullptr && !found->is_null()) return found;
  }
  return nullptr;
}

JsonObject object_at(const Json& object, std::string_view key) {
  const Json* found = find(object, key);
  return found != nullptr && found->is_object() ? found->get_object() : JsonObject();
}

Result<Expectation> parse_expectation(const Json& item, std::string_view file, size_t index) {
  std::string place = "expectations[" + std::to_string(index) + "]";
  const Json* type = item.is_object() ? first_of(item, {"type", "expectation_type"}) : nullptr;
  if (type == nullptr || !type->is_string()) {
    return Failure(wrong(file, place, "has no 'type': the expectation's name"));
  }
  Expectation out{.type = std::string(current_name(std::string_view(type->get_string())))};
  out.kwargs = object_at(item, "kwargs");
  out.meta = object_at(item, "meta");
  out.id = string_at(item, "id");
  out.description = string_at(item, "description");
  if (std::string_view severity = string_at(item, "severity"); !severity.empty()) out.severity = severity;
  constexpr std::array<std::string_view, 3> kSeverities = {"critical", "warning", "info"};
  if (std::ranges::find(kSeverities, out.severity) == kSeverities.end()) {
    return Failure(wrong(file, place + ".severity", "must be critical, warning or info"));
  }
  return out;
}

Result<void> fill(Json& value, const JsonObject& values, const std::string& place) {
  if (value.is_array()) {
    for (Json& element : value.get_array()) RETURN_IF_ERROR(fill(element, values, place));
  }
  if (!value.is_object()) return {};
  if (std::string_view name = string_at(value, "$PARAMETER"); !name.empty()) {
    auto found = values.find(name);
    if (found == values.end()) {
      return Failure(Error::invalid(place, "the suite's parameter '" + std::string(name) +
                                               "' has no value: --parameter " + std::string(name) +
                                               "=VALUE"));
    }
    value = found->value();
    return {};
  }
  for (auto& [key, member] : value.get_object()) RETURN_IF_ERROR(fill(member, values, place));
  return {};
}

}  // namespace

Result<Suite> parse_suite(std::string_view text, std::string_view file) {
  if (text.size() > kSuiteBytesMax) {
    return Failure(Error{.code = ErrorCode::kTooLarge, .message = std::string(file) + " is over 16 MiB"});
  }
  if (!trim(text).starts_with('{')) return parse_suite_yaml(text, file);
  Result<Json> document = parse_json(text, {.bytes_max = kSuiteBytesMax});
  if (!document) {
    return Failure(Error::invalid("", std::string(file) + ": " + document.error().message));
  }
  Suite suite;
  if (const Json* name = first_of(*document, {"name", "expectation_suite_name"}); name && name->is_string()) {
    suite.name = std::string(name->get_string());
  }
  suite.meta = object_at(*document, "meta");
  const Json* items = find(*document, "expectations");
  if (items == nullptr || !items->is_array()) {
    return Failure(wrong(file, "expectations", "must be a list: this is no suite of Great Expectations"));
  }
  if (items->get_array().size() > kExpectationsMax) {
    return Failure(Error{.code = ErrorCode::kTooLarge,
                         .message = std::string(file) + " has more than 10000 expectations"});
  }
  for (size_t i = 0; i < items->get_array().size(); ++i) {
    ASSIGN_OR_RETURN(Expectation expectation, parse_expectation(items->get_array()[i], file, i));
    suite.expectations.push_back(std::move(expectation));
  }
  return suite;
}

Result<void> fill_parameters(Suite& suite, const JsonObject& values) {
  for (Expectation& expectation : suite.expectations) {
    for (auto& [key, value] : expectation.kwargs) {
      RETURN_IF_ERROR(fill(value, values, expectation.type + "." + std::string(key)));
    }
  }
  return {};
}

Json suite_document(const Suite& suite) {
  JsonArray items;
  for (const Expectation& expectation : suite.expectations) {
    JsonObject item = {
        {"type", expectation.type}, {"kwargs", expectation.kwargs}, {"meta", expectation.meta}};
    if (!expectation.id.empty()) item["id"] = expectation.id;
    if (!expectation.description.empty()) item["description"] = expectation.description;
    item["severity"] = expectation.severity;
    items.emplace_back(std::move(item));
  }
  return JsonObject{{"name", suite.name},
                    {"expectations", std::move(items)},
                    {"suite_parameters", JsonObject()},
                    {"meta", suite.meta}};
}

}  // namespace penstock::datasets
