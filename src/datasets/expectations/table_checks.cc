#include <algorithm>
#include <iterator>
#include <set>

#include "core/text.h"
#include "datasets/expectations/aggregates.h"

namespace penstock::datasets {
namespace {

constexpr size_t kUnexpectedRowsMax = 200;

JsonArray names_of(const std::vector<Column>& columns) {
  JsonArray out;
  for (const Column& column : columns) out.emplace_back(boost::json::string(column.name));
  return out;
}

JsonArray sorted(const std::set<std::string>& names) {
  JsonArray out;
  for (const std::string& name : names) out.emplace_back(boost::json::string(name));
  return out;
}

Result<std::vector<std::string>> text_items(const Question& q, std::string_view argument) {
  ASSIGN_OR_RETURN(std::vector<Json> items, q.items(argument));
  std::vector<std::string> out;
  for (const Json& item : items) {
    if (!item.is_string()) {
      return Failure(Error::invalid(std::string(argument), std::string(argument) + " must hold names"));
    }
    out.emplace_back(item.get_string());
  }
  return out;
}

// A place beyond the end of the shorter list is null, as Python's zip_longest has it.
JsonArray mismatches(const std::vector<std::string>& expected, const std::vector<Column>& found) {
  JsonArray out;
  for (size_t i = 0; i < std::max(expected.size(), found.size()); ++i) {
    Json want = i < expected.size() ? Json(boost::json::string(expected[i])) : Json(nullptr);
    Json have = i < found.size() ? Json(boost::json::string(found[i].name)) : Json(nullptr);
    if (want == have) continue;
    out.push_back(JsonObject{{"Expected Column Position", i}, {"Expected", want}, {"Found", have}});
  }
  return out;
}

}  // namespace

Pending<Outcome> row_count_between(const Question& q) {
  const Json& low = q.argument("min_value");
  const Json& high = q.argument("max_value");
  if (low.is_number() && high.is_number() && low.to_number<double>() > high.to_number<double>()) {
    return Failure(Error::invalid("min_value", "min_value must be less than or equal to max_value"));
  }
  ASSIGN_OR_RETURN(const auto* rows, q.scalar("count(*)"));
  if (rows == nullptr) return std::nullopt;
  ASSIGN_OR_RETURN(Outcome outcome, between(q, *rows));
  return outcome;
}

Pending<Outcome> row_count_equal(const Question& q) {
  ASSIGN_OR_RETURN(double value, q.number("value"));
  ASSIGN_OR_RETURN(const auto* rows, q.scalar("count(*)"));
  if (rows == nullptr) return std::nullopt;
  return Outcome{.success = as_number(*rows) == value, .result = {{"observed_value", as_count(*rows)}}};
}

Pending<Outcome> column_count_between(const Question& q) {
  ASSIGN_OR_RETURN(Outcome outcome, between(q, static_cast<int64_t>(q.file.columns.size())));
  return outcome;
}

Pending<Outcome> column_count_equal(const Question& q) {
  ASSIGN_OR_RETURN(double value, q.number("value"));
  size_t count = q.file.columns.size();
  return Outcome{.success = static_cast<double>(count) == value, .result = {{"observed_value", count}}};
}

Pending<Outcome> column_exists(const Question& q) {
  ASSIGN_OR_RETURN(std::string name, q.text("column"));
  const Json& index = q.argument("column_index");
  int64_t at = index.is_int64() ? index.get_int64() : 0;
  if (at == 0) return Outcome{.success = q.file.find(name) != nullptr};  // 0 asks for no place, as in Python
  auto count = static_cast<int64_t>(q.file.columns.size());
  if (at < 0) at += count;
  return Outcome{.success = at >= 0 && at < count && q.file.columns[static_cast<size_t>(at)].name == name};
}

Pending<Outcome> columns_match_list(const Question& q) {
  Outcome out{.success = true, .result = {{"observed_value", names_of(q.file.columns)}}};
  if (!q.has("column_list")) return out;
  ASSIGN_OR_RETURN(std::vector<std::string> expected, text_items(q, "column_list"));
  JsonArray mismatched = mismatches(expected, q.file.columns);
  out.success = mismatched.empty();
  if (!out.success) out.result["details"] = JsonObject{{"mismatched", std::move(mismatched)}};
  return out;
}

Pending<Outcome> columns_match_set(const Question& q) {
  std::set<std::string> actual;
  for (const Column& column : q.file.columns) actual.insert(column.name);
  std::set<std::string> expected;
  if (q.has("column_set")) {
    ASSIGN_OR_RETURN(std::vector<std::string> names, text_items(q, "column_set"));
    expected.insert(names.begin(), names.end());
  }
  std::set<std::string> unexpected;
  std::set<std::string> missing;
  std::ranges::set_difference(actual, expected, std::inserter(unexpected, unexpected.end()));
  std::ranges::set_difference(expected, actual, std::inserter(missing, missing.end()));
  bool exact = !q.has("exact_match") || q.flag("exact_match");
  Outcome out{.success = missing.empty() && (unexpected.empty() || !exact),
              .result = {{"observed_value", sorted(actual)}}};
  JsonObject mismatched;
  if (!unexpected.empty()) mismatched["unexpected"] = sorted(unexpected);
  if (!missing.empty()) mismatched["missing"] = sorted(missing);
  if (!mismatched.empty()) out.result["details"] = JsonObject{{"mismatched", std::move(mismatched)}};
  return out;
}

// The query is the suite's author's, run as a subquery: it can read, not change.
Pending<Outcome> unexpected_rows_query(const Question& q) {
  ASSIGN_OR_RETURN(std::string query, q.text("unexpected_rows_query"));
  while (trim(query).ends_with(';')) query = std::string(trim(query).substr(0, trim(query).size() - 1));
  constexpr std::string_view kPlace = "{batch}";
  std::string source = q.filter.empty() ? "data" : "(SELECT * FROM data WHERE " + q.filter + ")";
  for (size_t at = 0; (at = query.find(kPlace, at)) != std::string::npos; at += source.size()) {
    query.replace(at, kPlace.size(), source);
  }
  ASSIGN_OR_RETURN(const auto* count, q.metrics.scalar("(" + query + "\n) AS unexpected", "count(*)"));
  if (count == nullptr) return std::nullopt;
  Outcome out{.success = as_count(*count) == 0};
  out.result["observed_value"] = as_count(*count);
  if (q.format.detail != Detail::kComplete) return out;
  std::string select = "SELECT ";
  select += "CAST(to_json(unexpected) AS VARCHAR) FROM (" + query + "\n) AS unexpected LIMIT " +
            std::to_string(kUnexpectedRowsMax);
  ASSIGN_OR_RETURN(const auto* rows, q.metrics.list(select, kUnexpectedRowsMax));
  if (rows == nullptr) return std::nullopt;
  JsonArray found;
  for (const Row& row : *rows) found.push_back(as_json(row[0], Kind::kNested));
  out.result["details"] = JsonObject{{"unexpected_rows", std::move(found)}};
  return out;
}

}  // namespace penstock::datasets
