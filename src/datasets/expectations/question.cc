#include "datasets/expectations/question.h"

#include <array>
#include <cmath>
#include <limits>

#include "core/text.h"

namespace penstock::datasets {

using duckdb::identifier;
using duckdb::literal;

namespace {

const Json kNull = nullptr;

Error wrong(std::string_view argument, const std::string& what) {
  return Error::invalid(std::string(argument), std::string(argument) + " " + what);
}

Result<Detail> parse_detail(std::string_view name) {
  constexpr std::array<std::string_view, 4> kNames = {"BOOLEAN_ONLY", "BASIC", "SUMMARY", "COMPLETE"};
  for (size_t i = 0; i < kNames.size(); ++i) {
    if (equals_ignoring_case(name, kNames[i])) return static_cast<Detail>(i);
  }
  return Failure(wrong("result_format", "must be BOOLEAN_ONLY, BASIC, SUMMARY or COMPLETE"));
}

}  // namespace

Result<ResultFormat> parse_result_format(const Json& value, const ResultFormat& base) {
  ResultFormat out = base;
  if (value.is_null()) return out;
  if (value.is_string()) {
    ASSIGN_OR_RETURN(out.detail, parse_detail(value.get_string()));
    return out;
  }
  if (!value.is_object()) return Failure(wrong("result_format", "must be a name or an object"));
  if (std::string_view name = string_at(value, "result_format"); !name.empty()) {
    ASSIGN_OR_RETURN(out.detail, parse_detail(name));
  }
  int64_t partial = int_at(value, "partial_unexpected_count", static_cast<int64_t>(base.partial_max));
  out.partial_max = static_cast<size_t>(std::max<int64_t>(partial, 0));
  out.values = !bool_at(value, "exclude_unexpected_values", !base.values);
  out.rows = bool_at(value, "include_unexpected_rows", base.rows);
  out.index_query = bool_at(value, "return_unexpected_index_query", base.index_query);
  if (const Json* names = find(value, "unexpected_index_column_names"); names && names->is_array()) {
    out.index_columns.clear();
    for (const Json& name : names->get_array()) {
      if (name.is_string()) out.index_columns.emplace_back(name.get_string());
    }
  }
  return out;
}

const Json& Question::argument(std::string_view name) const {
  auto found = kwargs.find(name);
  return found == kwargs.end() ? kNull : found->value();
}

bool Question::flag(std::string_view name) const {
  const Json& value = argument(name);
  return value.is_bool() && value.get_bool();
}

double Question::mostly() const {
  const Json& value = argument("mostly");
  return value.is_number() ? value.to_number<double>() : 1.0;
}

Result<std::string> Question::text(std::string_view name) const {
  const Json& value = argument(name);
  if (!value.is_string()) return Failure(wrong(name, "must be a text"));
  return std::string(value.get_string());
}

Result<double> Question::number(std::string_view name) const {
  const Json& value = argument(name);
  if (!value.is_number()) return Failure(wrong(name, "must be a number"));
  return value.to_number<double>();
}

Result<std::vector<Json>> Question::items(std::string_view name) const {
  const Json& value = argument(name);
  if (!value.is_array()) return Failure(wrong(name, "must be a list"));
  return std::vector<Json>(value.get_array().begin(), value.get_array().end());
}

Result<const Column*> Question::column(std::string_view argument_name) const {
  ASSIGN_OR_RETURN(std::string name, text(argument_name));
  const Column* found = file.find(name);
  if (found != nullptr) return found;
  return Failure(Error::invalid(std::string(argument_name),
                                "Error: The column \"" + name + "\" in BatchData does not exist."));
}

Result<std::vector<const Column*>> Question::columns(std::string_view argument_name) const {
  ASSIGN_OR_RETURN(std::vector<Json> names, items(argument_name));
  std::vector<const Column*> out;
  for (const Json& name : names) {
    const Column* found = name.is_string() ? file.find(std::string_view(name.get_string())) : nullptr;
    if (found == nullptr) {
      std::string shown_name = name.is_string() ? std::string(name.get_string()) : to_json(name);
      return Failure(Error::invalid(std::string(argument_name),
                                    "Error: The column \"" + shown_name + "\" in BatchData does not exist."));
    }
    out.push_back(found);
  }
  if (out.empty()) return Failure(wrong(argument_name, "names no column"));
  return out;
}

std::string Question::both(const std::string& where) const {
  if (filter.empty() || where.empty()) return filter + where;
  return "(" + filter + ") AND (" + where + ")";
}

Result<const duckdb::Value*> Question::scalar(const std::string& aggregate, const std::string& where) const {
  std::string condition = both(where);
  return metrics.scalar("data",
                        condition.empty() ? aggregate : aggregate + " FILTER (WHERE " + condition + ")");
}

bool is_null(const duckdb::Value& value) { return std::holds_alternative<std::monostate>(value); }

double as_number(const duckdb::Value& value) {
  if (const auto* number = std::get_if<double>(&value)) return *number;
  if (const auto* number = std::get_if<int64_t>(&value)) return static_cast<double>(*number);
  if (const auto* flag = std::get_if<bool>(&value)) return *flag ? 1 : 0;
  return std::numeric_limits<double>::quiet_NaN();
}

int64_t as_count(const duckdb::Value& value) {
  if (const auto* number = std::get_if<int64_t>(&value)) return *number;
  double number = as_number(value);
  return std::isnan(number) ? 0 : static_cast<int64_t>(number);
}

Json as_json(const duckdb::Value& value, Kind kind) {
  if (const auto* flag = std::get_if<bool>(&value)) return *flag;
  if (const auto* number = std::get_if<int64_t>(&value)) return *number;
  if (const auto* number = std::get_if<double>(&value)) {
    if (std::isnan(*number)) return nullptr;
    if (std::isinf(*number)) return *number > 0 ? "Infinity" : "-Infinity";
    return *number;
  }
  const auto* text = std::get_if<std::string>(&value);
  if (text == nullptr) return nullptr;
  if (kind == Kind::kNested) {
    if (Result<Json> parsed = parse_json(*text)) return *parsed;
  }
  return boost::json::string(*text);
}

std::optional<std::string> comparable(const Json& value, Kind kind) {
  if (kind == Kind::kText) {
    if (!value.is_string()) return std::nullopt;
    return literal(std::string_view(value.get_string()));
  }
  if (kind != Kind::kBoolean && kind != Kind::kInteger && kind != Kind::kFloat) return std::nullopt;
  if (value.is_bool()) {
    if (kind == Kind::kBoolean) return value.get_bool() ? "true" : "false";
    return value.get_bool() ? "1" : "0";
  }
  if (!value.is_number()) return std::nullopt;
  double number = value.to_number<double>();
  if (kind == Kind::kFloat) return literal(number);
  if (kind == Kind::kBoolean) {
    if (number != 0 && number != 1) return std::nullopt;
    return number == 1 ? "true" : "false";
  }
  if (value.is_int64()) return literal(value.get_int64());
  bool whole = std::floor(number) == number && std::abs(number) < 9e18;
  if (!whole) return std::nullopt;
  return literal(static_cast<int64_t>(number));
}

std::optional<std::string> time_literal(const Json& value) {
  if (!value.is_string()) return std::nullopt;
  std::string_view text = value.get_string();
  constexpr std::string_view kShape = "0000-00-00";
  if (text.size() < kShape.size()) return std::nullopt;
  for (size_t i = 0; i < kShape.size(); ++i) {
    bool fits = kShape[i] == '0' ? text[i] >= '0' && text[i] <= '9' : text[i] == kShape[i];
    if (!fits) return std::nullopt;
  }
  return "CAST(" + literal(text) + " AS TIMESTAMP)";
}

std::string comparable_list(const std::vector<Json>& values, Kind kind) {
  std::string out;
  for (const Json& value : values) {
    if (auto sql = comparable(value, kind)) out += (out.empty() ? "(" : ", ") + *sql;
  }
  return out.empty() ? out : out + ")";
}

std::string shown(const Column& column) {
  std::string name = identifier(column.name);
  return time_text(name, column.kind);
}

std::string time_text(const std::string& time, Kind kind) {
  if (kind == Kind::kDate) return "strftime(" + time + ", '%Y-%m-%d')";
  if (kind != Kind::kTimestamp) return time;
  return "(CASE WHEN epoch_us(" + time + ") % 1000000 = 0 THEN strftime(" + time +
         ", '%Y-%m-%dT%H:%M:%S') ELSE strftime(" + time + ", '%Y-%m-%dT%H:%M:%S.%f') END)";
}

std::string as_text(const Column& column, bool missing) {
  std::string name = identifier(column.name);
  switch (column.kind) {
    case Kind::kText:
    case Kind::kNested:
      return name;
    case Kind::kBoolean:
      return "(CASE WHEN " + name + " THEN 'True' ELSE 'False' END)";
    case Kind::kInteger:
      return missing ? "CAST(CAST(" + name + " AS DOUBLE) AS VARCHAR)" : "CAST(" + name + " AS VARCHAR)";
    default:
      return "CAST(" + name + " AS VARCHAR)";
  }
}

std::string as_numeric(const Column& column) {
  std::string name = identifier(column.name);
  return column.kind == Kind::kBoolean ? "CAST(" + name + " AS BIGINT)" : name;
}

}  // namespace penstock::datasets
