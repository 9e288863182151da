#include "datasets/expectations/map_expectation.h"

#include <algorithm>
#include <cmath>

namespace penstock::datasets {
namespace {

using duckdb::identifier;

struct Counts {
  int64_t rows = 0;  // that the row condition lets through
  int64_t considered = 0;
  int64_t unexpected = 0;
};

struct UnexpectedRow {
  int64_t index = 0;
  Json value;     // in the expectation's shape
  Json identity;  // of unexpected_index_column_names; null without
};

Pending<Counts> count(const Question& q, const MapCondition& c) {
  ASSIGN_OR_RETURN(const auto* rows, q.scalar("count(*)"));
  ASSIGN_OR_RETURN(const auto* considered, q.scalar("count(*)", c.considered));
  const duckdb::Value* unexpected = nullptr;
  if (!c.count_relation.empty()) {
    ASSIGN_OR_RETURN(unexpected, q.metrics.scalar(c.count_relation, c.count_expression));
  } else if (!c.rows.empty()) {
    ASSIGN_OR_RETURN(unexpected, q.metrics.scalar(c.rows, "count(*) FILTER (WHERE " + c.unexpected + ")"));
  } else {
    std::string where = c.considered.empty() ? c.unexpected : c.considered + " AND " + c.unexpected;
    ASSIGN_OR_RETURN(unexpected, q.scalar("count(*)", where));
  }
  if (rows == nullptr || considered == nullptr || unexpected == nullptr) return std::nullopt;
  return Counts{as_count(*rows), as_count(*considered), as_count(*unexpected)};
}

// Columns of the file that the answer shows, the expectation's own first.
std::vector<const Column*> shown_columns(const Question& q, const MapCondition& c) {
  std::vector<const Column*> out = c.columns;
  for (const std::string& name : q.format.index_columns) {
    if (const Column* column = q.file.find(name)) out.push_back(column);
  }
  return out;
}

// The unexpected rows in the file's order. Numbering costs DuckDB its parallel scan, so rows are numbered
// only where indices are asked for.
std::string select_rows(const Question& q, const MapCondition& c, const std::vector<const Column*>& columns) {
  bool numbered = q.format.detail >= Detail::kSummary || c.joined;
  std::string sql = "SELECT ";
  sql += numbered ? "__row_index" : "0";
  for (const Column* column : columns) sql += ", " + shown(*column);
  if (!c.rows.empty()) return sql + " FROM " + c.rows + " WHERE " + c.unexpected;
  std::string where = q.both(c.considered.empty() ? c.unexpected : c.considered + " AND " + c.unexpected);
  sql += numbered ? " FROM (SELECT *, row_number() OVER () - 1 AS __row_index FROM data)" : " FROM data";
  sql += " AS file_rows WHERE " + where;
  return c.joined ? sql + " ORDER BY __row_index" : sql;
}

Json shaped(const MapCondition& c, const Row& row) {
  if (c.shape == Shape::kValue) return as_json(row[1], c.columns[0]->kind);
  JsonArray pair;
  JsonObject record;
  for (size_t i = 0; i < c.columns.size(); ++i) {
    Json value = as_json(row[i + 1], c.columns[i]->kind);
    if (c.shape == Shape::kPair) {
      pair.push_back(std::move(value));
    } else {
      record[c.columns[i]->name] = std::move(value);
    }
  }
  return c.shape == Shape::kPair ? Json(std::move(pair)) : Json(std::move(record));
}

UnexpectedRow unexpected_row(const MapCondition& c, const std::vector<const Column*>& columns,
                             const Row& row) {
  UnexpectedRow out{.index = as_count(row[0]), .value = shaped(c, row), .identity = nullptr};
  if (columns.size() == c.columns.size()) return out;
  JsonObject identity;
  for (size_t i = 0; i < columns.size(); ++i) {
    identity[columns[i]->name] = as_json(row[i + 1], columns[i]->kind);
  }
  out.identity = std::move(identity);
  return out;
}

Pending<std::vector<UnexpectedRow>> fetch(const Question& q, const MapCondition& c, const Counts& counts) {
  if (counts.unexpected == 0) return std::vector<UnexpectedRow>();
  size_t limit = q.format.detail == Detail::kComplete ? kUnexpectedIndexMax
                                                      : std::min(q.format.partial_max, kUnexpectedValuesMax);
  std::vector<const Column*> columns = shown_columns(q, c);
  std::string select = select_rows(q, c, columns) + " LIMIT " + std::to_string(limit);
  ASSIGN_OR_RETURN(const auto* rows, q.metrics.list(select, limit));
  if (rows == nullptr) return std::nullopt;
  std::vector<UnexpectedRow> out;
  for (const Row& row : *rows) out.push_back(unexpected_row(c, columns, row));
  return out;
}

// --- how often each unexpected value occurs, as Python's Counter counts ---

// Missing floats are each a NaN of their own; other missing values are one and the same.
bool equal_for_counter(const Json& a, const Json& b, const MapCondition& c) {
  bool own_nan = c.shape == Shape::kValue && c.columns[0]->kind != Kind::kText;
  if (a.is_null() && b.is_null()) return !own_nan;
  return a == b;
}

// Python's a < b for what stands in a result; missing values are NaN, which is neither less nor greater than
// a number. Texts compare with texts only: nullopt where Python raises.
std::optional<bool> less(const Json& a, const Json& b) {
  if (a.is_string() && b.is_string()) return a.get_string().compare(b.get_string()) < 0;
  if (a.is_string() || b.is_string()) return std::nullopt;
  if (a.is_array() && b.is_array()) {
    for (size_t i = 0; i < a.get_array().size(); ++i) {
      const Json& x = a.get_array()[i];
      const Json& y = b.get_array()[i];
      bool equal = x == y && !x.is_null();
      if (!equal) return less(x, y);
    }
    return false;
  }
  auto number = [](const Json& v) {
    if (v.is_bool()) return v.get_bool() ? 1.0 : 0.0;
    return v.is_number() ? v.to_number<double>() : std::nan("");
  };
  return number(a) < number(b);
}

struct Counted {
  Json value;
  int64_t times = 1;
  size_t first = 0;  // where it was met, which decides between equals
};

// Whether `a` comes before `b` by (-times, value).
std::optional<bool> before(const Counted& a, const Counted& b) {
  if (a.times != b.times) return a.times > b.times;
  return less(a.value, b.value);
}

// With NaN among the values the order depends on the algorithm: Python's, which for up to 64 elements finds
// the run that the list begins with and inserts the others by binary search. False where a comparison raises.
bool sort_as_python(std::vector<Counted>& entries) {
  size_t sorted = std::min<size_t>(entries.size(), 1);
  bool falling = false;
  for (; sorted < entries.size(); ++sorted) {
    std::optional<bool> falls = before(entries[sorted], entries[sorted - 1]);
    if (!falls) return false;
    if (sorted == 1) falling = *falls;
    if (*falls != falling) break;
  }
  if (falling) std::reverse(entries.begin(), entries.begin() + static_cast<ptrdiff_t>(sorted));
  for (; sorted < entries.size(); ++sorted) {
    size_t low = 0;
    size_t high = sorted;
    while (low < high) {
      size_t middle = (low + high) / 2;
      std::optional<bool> left = before(entries[sorted], entries[middle]);
      if (!left) return false;
      (*left ? high : low) = *left ? middle : middle + 1;
    }
    auto place = entries.begin() + static_cast<ptrdiff_t>(low);
    auto from = entries.begin() + static_cast<ptrdiff_t>(sorted);
    std::rotate(place, from, from + 1);
  }
  return true;
}

JsonArray value_counts(const std::vector<Json>& values, const MapCondition& c, size_t most) {
  std::vector<Counted> counted;
  for (const Json& value : values) {
    auto found = std::ranges::find_if(
        counted, [&](const Counted& entry) { return equal_for_counter(entry.value, value, c); });
    if (found != counted.end()) {
      ++found->times;
    } else {
      counted.push_back({.value = value, .first = counted.size()});
    }
  }
  std::ranges::sort(counted, [](const Counted& a, const Counted& b) {
    return a.times != b.times ? a.times > b.times : a.first < b.first;
  });
  if (counted.size() > most) counted.resize(most);
  JsonArray out;
  if (!sort_as_python(counted)) {
    out.push_back(JsonObject{{"error", "partial_exception_counts requires a hashable type"}});
    return out;
  }
  for (Counted& entry : counted) out.push_back(JsonObject{{"value", entry.value}, {"count", entry.times}});
  return out;
}

// --- the result ---

Json percent(int64_t part, int64_t whole) {
  if (whole == 0) return nullptr;
  return static_cast<double>(part) / static_cast<double>(whole) * 100;
}

void add_counts(JsonObject& result, const MapCondition& c, const Counts& n, const ResultFormat& format) {
  int64_t base = c.counts_missing ? n.considered : n.rows;
  Json of_base = n.rows == 0 ? Json(nullptr) : percent(n.unexpected, base);
  result["element_count"] = n.rows;
  result["unexpected_count"] = n.unexpected;
  result["unexpected_percent"] = of_base;
  if (!format.index_columns.empty() && c.counts_missing) {
    JsonArray names;
    for (const std::string& name : format.index_columns) names.emplace_back(boost::json::string(name));
    result["unexpected_index_column_names"] = std::move(names);
  }
  if (!c.counts_missing) return;
  result["missing_count"] = n.rows - n.considered;
  result["missing_percent"] = percent(n.rows - n.considered, n.rows);
  result["unexpected_percent_total"] = percent(n.unexpected, n.rows);
  result["unexpected_percent_nonmissing"] = of_base;
}

// Flattened as the counter sees them: a record is the tuple of its values.
std::vector<Json> counter_values(const std::vector<Json>& values, const MapCondition& c) {
  if (c.shape != Shape::kRecord) return values;
  std::vector<Json> out;
  for (const Json& record : values) {
    JsonArray tuple;
    for (const auto& [name, value] : record.get_object()) tuple.push_back(value);
    out.emplace_back(std::move(tuple));
  }
  return out;
}

JsonArray first(const std::vector<Json>& values, size_t most) {
  JsonArray out;
  for (size_t i = 0; i < std::min(most, values.size()); ++i) out.push_back(values[i]);
  return out;
}

std::string index_query(const std::vector<UnexpectedRow>& rows) {
  std::string items;
  for (const UnexpectedRow& row : rows) items += (items.empty() ? "" : ", ") + std::to_string(row.index);
  return "df.filter(items=[" + items + "], axis=0)";
}

void add_rows(JsonObject& result, const MapCondition& c, const ResultFormat& format,
              const std::vector<UnexpectedRow>& rows) {
  bool complete = format.detail == Detail::kComplete;
  std::vector<Json> values;
  std::vector<Json> indices;
  for (const UnexpectedRow& row : rows) {
    if (values.size() < kUnexpectedValuesMax) values.push_back(row.value);
    indices.push_back(row.identity.is_null() ? Json(row.index) : row.identity);
  }
  if (format.values) result["partial_unexpected_list"] = first(values, format.partial_max);
  if (format.detail == Detail::kBasic) return;
  if (format.partial_max > 0) {
    if (format.values) {
      result["partial_unexpected_counts"] = value_counts(counter_values(values, c), c, format.partial_max);
    }
    result["partial_unexpected_index_list"] = first(indices, format.partial_max);
  }
  if (!complete) return;
  if (format.values) result["unexpected_list"] = first(values, kUnexpectedValuesMax);
  result["unexpected_index_list"] = first(indices, indices.size());
  if (format.index_query) result["unexpected_index_query"] = index_query(rows);
}

}  // namespace

Pending<Outcome> evaluate_map(const Question& q, const MapCondition& c) {
  ASSIGN_OR_RETURN(std::optional<Counts> counts, count(q, c));
  if (!counts) return std::nullopt;
  int64_t base = c.counts_missing ? counts->considered : counts->rows;
  Outcome outcome{.success = base == 0};
  if (base > 0) {
    double good = static_cast<double>(base) - static_cast<double>(counts->unexpected);
    outcome.success = good / static_cast<double>(base) >= q.mostly();
  }
  if (q.format.detail == Detail::kBooleanOnly) return outcome;
  ASSIGN_OR_RETURN(auto rows, fetch(q, c, *counts));
  if (!rows) return std::nullopt;
  add_counts(outcome.result, c, *counts, q.format);
  add_rows(outcome.result, c, q.format, *rows);
  return outcome;
}

}  // namespace penstock::datasets
