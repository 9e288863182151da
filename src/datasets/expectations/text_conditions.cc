#include "datasets/expectations/map_conditions.h"

namespace penstock::datasets {
namespace {

using duckdb::identifier;
using duckdb::literal;

constexpr size_t kPatternsMax = 1'000;

struct TextColumn {
  const Column* column = nullptr;
  std::string text{};  // SQL
  MapCondition condition{};
};

// Integers with missing values are floats in a frame and are written as such ("1.0"): counted first.
Pending<TextColumn> text_column(const Question& q) {
  ASSIGN_OR_RETURN(const Column* column, q.column());
  TextColumn out{.column = column};
  std::string name = identifier(column->name);
  out.condition = {.columns = {column}, .considered = name + " IS NOT NULL"};
  bool missing = false;
  if (column->kind == Kind::kInteger) {
    ASSIGN_OR_RETURN(const auto* absent, q.metrics.scalar("data", "count(*) - count(" + name + ")"));
    if (absent == nullptr) return std::nullopt;
    missing = as_count(*absent) > 0;
  }
  out.text = as_text(*column, missing);
  return out;
}

// DuckDB's regular expressions are RE2's, which has no lookaround and no back references.
Result<void> check_pattern(const Question& q, std::string_view argument, const std::string& pattern) {
  std::string sql = "SELECT ";
  sql += "regexp_matches('', " + literal(pattern) + ")";
  Result<duckdb::Rows> tried = q.connection.run(sql);
  if (tried) return {};
  return Failure(Error::invalid(std::string(argument), "the regular expression " + pattern +
                                                           " is not understood (RE2 syntax, without "
                                                           "lookaround and back references): " +
                                                           tried.error().message));
}

std::string regex_match(const std::string& text, const std::string& pattern) {
  return "regexp_matches(" + text + ", " + literal(pattern) + ")";
}

Result<std::vector<std::string>> patterns(const Question& q, std::string_view argument) {
  ASSIGN_OR_RETURN(std::vector<Json> items, q.items(argument));
  if (items.empty() || items.size() > kPatternsMax) {
    return Failure(
        Error::invalid(std::string(argument), std::string(argument) + " must hold 1 to 1000 patterns"));
  }
  std::vector<std::string> out;
  for (const Json& item : items) {
    if (!item.is_string()) {
      return Failure(Error::invalid(std::string(argument), std::string(argument) + " must hold texts"));
    }
    out.emplace_back(item.get_string());
  }
  return out;
}

std::string joined(const std::vector<std::string>& parts, std::string_view joint) {
  std::string out;
  for (const std::string& part : parts) out.append(out.empty() ? "(" : joint).append(part);
  return out + ")";
}

Pending<MapCondition> regex_condition(const Question& q, bool wanted) {
  ASSIGN_OR_RETURN(std::optional<TextColumn> text, text_column(q));
  if (!text) return std::nullopt;
  ASSIGN_OR_RETURN(std::string pattern, q.text("regex"));
  RETURN_IF_ERROR(check_pattern(q, "regex", pattern));
  text->condition.unexpected = (wanted ? "NOT " : "") + regex_match(text->text, pattern);
  return text->condition;
}

Result<bool> match_on_any(const Question& q) {
  std::string match_on = q.has("match_on") ? q.text("match_on").value_or("") : "any";
  if (match_on == "any" || match_on == "all") return match_on == "any";
  return Failure(Error::invalid("match_on", "match_on must be either 'any' or 'all'"));
}

Pending<MapCondition> regex_list_condition(const Question& q, bool wanted) {
  ASSIGN_OR_RETURN(std::optional<TextColumn> text, text_column(q));
  if (!text) return std::nullopt;
  ASSIGN_OR_RETURN(auto list, patterns(q, "regex_list"));
  ASSIGN_OR_RETURN(bool any, match_on_any(q));
  std::vector<std::string> matches;
  for (const std::string& pattern : list) {
    RETURN_IF_ERROR(check_pattern(q, "regex_list", pattern));
    matches.push_back(regex_match(text->text, pattern));
  }
  std::string matched = joined(matches, any || !wanted ? " OR " : " AND ");
  text->condition.unexpected = (wanted ? "NOT " : "") + matched;
  return text->condition;
}

std::string like(const Question& q, const std::string& text, const std::string& pattern) {
  std::string out = "(" + text + " LIKE " + literal(pattern);
  if (q.has("escape")) out += " ESCAPE " + literal(std::string_view(q.text("escape").value_or("\\")));
  return out + ")";
}

Pending<MapCondition> like_condition(const Question& q, const std::vector<std::string>& list, bool any,
                                     bool wanted) {
  ASSIGN_OR_RETURN(std::optional<TextColumn> text, text_column(q));
  if (!text) return std::nullopt;
  std::vector<std::string> matches;
  for (const std::string& pattern : list) matches.push_back(like(q, text->text, pattern));
  text->condition.unexpected = (wanted ? "NOT " : "") + joined(matches, any ? " OR " : " AND ");
  return text->condition;
}

Error must_be_text(std::string_view expectation) {
  return Error::invalid("column",
                        "Values passed to " + std::string(expectation) +
                            " must be of type string.\nIf you want to validate a column of dates or "
                            "timestamps, please call the expectation before converting from string "
                            "format.");
}

// A column without a value passes whatever its type is: nobody looks at a value.
Pending<bool> has_values(const Question& q, const Column& column) {
  ASSIGN_OR_RETURN(const auto* values, q.scalar("count(" + identifier(column.name) + ")"));
  if (values == nullptr) return std::nullopt;
  return as_count(*values) > 0;
}

}  // namespace

Pending<MapCondition> lengths_between(const Question& q) {
  ASSIGN_OR_RETURN(std::optional<TextColumn> text, text_column(q));
  if (!text) return std::nullopt;
  if (!q.has("min_value") && !q.has("max_value")) {
    return Failure(Error::invalid("min_value", "min_value and max_value cannot both be None"));
  }
  std::string length = "length(" + text->text + ")";
  std::string inside;
  if (q.has("min_value")) {
    ASSIGN_OR_RETURN(double low, q.number("min_value"));
    inside = length + (q.flag("strict_min") ? " > " : " >= ") + literal(low);
  }
  if (q.has("max_value")) {
    ASSIGN_OR_RETURN(double high, q.number("max_value"));
    inside +=
        (inside.empty() ? "" : " AND ") + length + (q.flag("strict_max") ? " < " : " <= ") + literal(high);
  }
  text->condition.unexpected = "NOT (" + inside + ")";
  return text->condition;
}

Pending<MapCondition> lengths_equal(const Question& q) {
  ASSIGN_OR_RETURN(std::optional<TextColumn> text, text_column(q));
  if (!text) return std::nullopt;
  ASSIGN_OR_RETURN(double value, q.number("value"));
  text->condition.unexpected = "length(" + text->text + ") <> " + literal(value);
  return text->condition;
}

Pending<MapCondition> match_regex(const Question& q) { return regex_condition(q, true); }
Pending<MapCondition> not_match_regex(const Question& q) { return regex_condition(q, false); }
Pending<MapCondition> match_regex_list(const Question& q) { return regex_list_condition(q, true); }
Pending<MapCondition> not_match_regex_list(const Question& q) { return regex_list_condition(q, false); }

Pending<MapCondition> match_like(const Question& q) {
  ASSIGN_OR_RETURN(std::string pattern, q.text("like_pattern"));
  return like_condition(q, {pattern}, true, true);
}

Pending<MapCondition> not_match_like(const Question& q) {
  ASSIGN_OR_RETURN(std::string pattern, q.text("like_pattern"));
  return like_condition(q, {pattern}, true, false);
}

Pending<MapCondition> match_like_list(const Question& q) {
  ASSIGN_OR_RETURN(auto list, patterns(q, "like_pattern_list"));
  ASSIGN_OR_RETURN(bool any, match_on_any(q));
  return like_condition(q, list, any, true);
}

Pending<MapCondition> not_match_like_list(const Question& q) {
  ASSIGN_OR_RETURN(auto list, patterns(q, "like_pattern_list"));
  return like_condition(q, list, true, false);
}

Pending<MapCondition> match_strftime(const Question& q) {
  ASSIGN_OR_RETURN(const Column* column, q.column());
  ASSIGN_OR_RETURN(std::string format, q.text("strftime_format"));
  std::string name = identifier(column->name);
  MapCondition out{.columns = {column}, .considered = name + " IS NOT NULL", .unexpected = "false"};
  if (column->kind != Kind::kText) {
    ASSIGN_OR_RETURN(std::optional<bool> values, has_values(q, *column));
    if (!values) return std::nullopt;
    if (*values) return Failure(must_be_text("expect_column_values_to_match_strftime_format"));
    return out;
  }
  out.unexpected = "try_strptime(" + name + ", " + literal(format) + ") IS NULL";
  return out;
}

Pending<MapCondition> json_parseable(const Question& q) {
  ASSIGN_OR_RETURN(const Column* column, q.column());
  std::string name = identifier(column->name);
  MapCondition out{.columns = {column}, .considered = name + " IS NOT NULL", .unexpected = "true"};
  if (column->kind == Kind::kText) out.unexpected = "NOT json_valid(" + name + ")";
  if (column->kind == Kind::kNested) out.unexpected = "false";
  return out;
}

}  // namespace penstock::datasets
