#include "datasets/expectations/suite_yaml.h"

#include <array>

#include "core/text.h"
#include "core/yaml.h"
#include "datasets/expectations/catalogue.h"

namespace penstock::datasets {
namespace {

Error wrong(std::string_view file, const YamlNode& at, const std::string& what) {
  return Error::invalid("", std::string(file) + ":" + std::to_string(at.line) + ": " + what);
}

// YAML's plain scalars as JSON values.
Json scalar(const std::string& text) {
  if (text == "true" || text == "false") return text == "true";
  if (text == "null" || text == "~") return nullptr;
  if (auto whole = parse_int(text)) return *whole;
  if (auto number = parse_number(text)) return *number;
  return boost::json::string(text);
}

Json json_of(const YamlNode& node) {
  switch (node.kind) {
    case YamlNode::Kind::kNull:
      return nullptr;
    case YamlNode::Kind::kScalar:
      return scalar(node.scalar);
    case YamlNode::Kind::kList: {
      JsonArray items;
      for (const YamlNode& item : node.items) items.push_back(json_of(item));
      return items;
    }
    case YamlNode::Kind::kMap:
      break;
  }
  JsonObject members;
  for (const auto& [key, value] : node.members) members[key] = json_of(value);
  return members;
}

// A name alone, or a map of one name to its kwargs. `column` is empty for the table.
Result<Expectation> parse_item(const YamlNode& item, std::string_view column, std::string_view file) {
  bool named = item.is_map() && item.members.size() == 1;
  if (!item.is_scalar() && !named) {
    return Failure(wrong(file, item,
                         "an expectation is a name, or a name with its arguments: be_unique, or "
                         "be_in_set: {value_set: [a, b]}"));
  }
  std::string_view name = item.is_scalar() ? std::string_view(item.scalar) : item.members[0].first;
  std::string_view type = full_name(name);
  if (type.empty()) {
    return Failure(
        wrong(file, item,
              "no expectation is called '" + std::string(name) + "'; penstock data expectations lists them"));
  }
  Expectation out{.type = std::string(type)};
  if (named && item.members[0].second.is_map()) out.kwargs = json_of(item.members[0].second).get_object();
  if (!column.empty()) out.kwargs["column"] = column;
  if (auto severity = out.kwargs.find("severity"); severity != out.kwargs.end()) {
    if (severity->value().is_string()) out.severity = std::string(severity->value().get_string());
    out.kwargs.erase(severity);
  }
  return out;
}

Result<void> parse_list(const YamlNode& list, std::string_view column, std::string_view file, Suite& suite) {
  if (!list.is_list()) return Failure(wrong(file, list, "expectations stand in a list: [not_be_null]"));
  for (const YamlNode& item : list.items) {
    ASSIGN_OR_RETURN(Expectation expectation, parse_item(item, column, file));
    suite.expectations.push_back(std::move(expectation));
  }
  return {};
}

}  // namespace

Result<Suite> parse_suite_yaml(std::string_view text, std::string_view file) {
  ASSIGN_OR_RETURN(YamlNode root, parse_yaml(text, file));
  if (!root.is_map()) return Failure(wrong(file, root, "a suite is a map with 'columns' or 'table'"));
  Suite suite;
  for (const auto& [key, value] : root.members) {
    if (key == "suite") {
      suite.name = value.scalar;
    } else if (key == "table") {
      RETURN_IF_ERROR(parse_list(value, "", file, suite));
    } else if (key == "columns" && value.is_map()) {
      for (const auto& [column, list] : value.members) {
        RETURN_IF_ERROR(parse_list(list, column, file, suite));
      }
    } else {
      return Failure(wrong(file, value, "'" + key + "' is not known: a suite has suite, table and columns"));
    }
  }
  return suite;
}

}  // namespace penstock::datasets
