#include "tracking/search_terms.h"

#include <cmath>
#include <limits>

#include "core/page_token.h"
#include "core/text.h"

namespace penstock::tracking {
namespace {

using database::Value;

using Type = SortColumn::Type;

Result<Value> token_value(const Json& key, Type type) {
  if (type == Type::kText && key.is_string()) return Value(std::string(key.get_string()));
  if (type == Type::kInteger && key.is_int64()) return Value(key.get_int64());
  if (type == Type::kReal && key.is_number()) return Value(key.to_number<double>());
  return Failure(Error::invalid("page_token", "Invalid page token"));
}

// The condition of one column and, where it is equal, of those behind it.
Result<void> add_after_column(SqlText& sql, std::span<const SortColumn> columns, std::span<const Json> keys) {
  const SortColumn& column = columns.front();
  bool last = columns.size() == 1;
  if (!keys[0].is_int64()) return Failure(Error::invalid("page_token", "Invalid page token"));
  int64_t rank = keys[0].get_int64();
  sql.add("(");
  if (!column.rank.empty()) {
    sql.add(column.rank)
        .add(" > ")
        .value(rank)
        .add(" OR (")
        .add(column.rank)
        .add(" = ")
        .value(rank)
        .add(" AND ");
  }
  if (rank == 0) {
    ASSIGN_OR_RETURN(Value value, token_value(keys[1], column.type));
    sql.add("(").add(column.expression).add(column.ascending ? " > " : " < ").value(value);
    if (!last) {
      sql.add(" OR (").add(column.expression).add(" = ").value(value).add(" AND ");
      RETURN_IF_ERROR(add_after_column(sql, columns.subspan(1), keys.subspan(2)));
      sql.add(")");
    }
    sql.add(")");
  } else if (last) {
    sql.add("1 = 0");
  } else {
    RETURN_IF_ERROR(add_after_column(sql, columns.subspan(1), keys.subspan(2)));
  }
  if (!column.rank.empty()) sql.add(")");
  sql.add(")");
  return {};
}

}  // namespace

Result<void> check_max_results(int64_t max_results) {
  if (max_results >= 1 && max_results <= kSearchResultsMax) return {};
  std::string message = "Invalid value " + std::to_string(max_results);
  message += " for parameter 'max_results' supplied. It must be ";
  message += max_results < 1 ? "a positive integer" : "at most " + std::to_string(kSearchResultsMax);
  return Failure(Error::invalid("max_results", message));
}

void add_comparison(SqlText& sql, std::string_view column, std::string_view comparator, Value value) {
  if (comparator == "LIKE" || comparator == "ILIKE") {
    bool lower = comparator == "ILIKE";
    sql.add(lower ? "LOWER(" : "(").add(column).add(lower ? ") LIKE LOWER(" : ") LIKE (");
    sql.value(escaped_like(std::get<std::string>(value))).add(") ESCAPE '~'");
    return;
  }
  std::string_view sign = comparator == "!=" ? "<>" : comparator;
  sql.add(column).add(" ").add(sign).add(" ").value(std::move(value));
}

WholeComparison whole_comparison(std::string_view comparator, double number, std::string_view written) {
  bool negative = written.starts_with('-');
  bool has_sign = negative || written.starts_with('+');
  if (auto whole = parse_int(written.substr(has_sign ? 1 : 0))) {
    return {std::string(comparator), negative ? -*whole : *whole};
  }
  constexpr int64_t kLeast = std::numeric_limits<int64_t>::min();
  constexpr int64_t kGreatest = std::numeric_limits<int64_t>::max();
  constexpr double kBeyond = 9.2e18;
  if (std::abs(number) > kBeyond) return {std::string(comparator), number > 0 ? kGreatest : kLeast};
  auto below = static_cast<int64_t>(std::floor(number));
  if (number == std::floor(number)) return {std::string(comparator), below};
  if (comparator == "=") return {"<", kLeast};
  if (comparator == "!=") return {">=", kLeast};
  return comparator.starts_with('>') ? WholeComparison{">", below} : WholeComparison{"<=", below};
}

void add_list(SqlText& sql, std::string_view column, std::string_view comparator,
              const std::vector<std::string>& items) {
  sql.add(column).add(" ").add(comparator).add(" (");
  for (size_t i = 0; i < items.size(); ++i) {
    if (i > 0) sql.add(", ");
    sql.value(items[i]);
  }
  sql.add(")");
}

void add_order(SqlText& sql, std::span<const SortColumn> columns) {
  for (size_t i = 0; i < columns.size(); ++i) {
    sql.add(i == 0 ? " ORDER BY " : ", ");
    if (!columns[i].rank.empty()) sql.add(columns[i].rank).add(", ");
    sql.add(columns[i].expression).add(columns[i].ascending ? "" : " DESC");
  }
}

void add_sort_values(SqlText& sql, std::span<const SortColumn> columns) {
  for (const SortColumn& column : columns) {
    sql.add(", ").add(column.rank.empty() ? "0" : column.rank).add(", ").add(column.expression);
  }
}

JsonArray sort_values(const database::Row& row, int first, std::span<const SortColumn> columns) {
  JsonArray keys;
  for (const SortColumn& column : columns) {
    int64_t rank = row.integer(first);
    keys.push_back(rank);
    if (rank != 0) {
      keys.push_back(nullptr);
    } else if (column.type == Type::kText) {
      keys.push_back(Json(row.text(first + 1)));
    } else if (column.type == Type::kReal) {
      keys.push_back(row.real(first + 1));
    } else {
      keys.push_back(row.integer(first + 1));
    }
    first += 2;
  }
  return keys;
}

Result<void> add_after(SqlText& sql, std::span<const SortColumn> columns, std::string_view token) {
  ASSIGN_OR_RETURN(JsonArray keys, read_page_token(token, columns.size() * 2));
  sql.add(" AND ");
  return add_after_column(sql, columns, keys);
}

}  // namespace penstock::tracking
