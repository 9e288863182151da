#include <cmath>

#include "datasets/expectations/map_conditions.h"

namespace penstock::datasets {
namespace {

using duckdb::identifier;
using duckdb::literal;

MapCondition of_column(const Column& column) {
  return {.columns = {&column}, .considered = identifier(column.name) + " IS NOT NULL"};
}

Error cannot(const Column& column, std::string_view what) {
  return Error::invalid("column", "column '" + column.name + "' cannot be " + std::string(what) +
                                      ": it holds neither numbers nor times");
}

// The times of a set of values that must not occur; every text of it has to be one.
Result<std::string> times_list(const std::vector<Json>& values) {
  std::string out;
  for (const Json& value : values) {
    std::optional<std::string> time = time_literal(value);
    if (time) out += (out.empty() ? "(" : ", ") + *time;
    if (time || !value.is_string()) continue;
    return Failure(Error::invalid("value_set", "Unknown string format: " + std::string(value.get_string())));
  }
  return out.empty() ? out : out + ")";
}

Pending<MapCondition> set_condition(const Question& q, bool wanted) {
  ASSIGN_OR_RETURN(const Column* column, q.column());
  MapCondition out = of_column(*column);
  out.unexpected = "false";
  if (!q.has("value_set")) return out;
  ASSIGN_OR_RETURN(std::vector<Json> values, q.items("value_set"));
  std::string list = comparable_list(values, column->kind);
  if (column->kind == Kind::kTimestamp && !wanted) {
    ASSIGN_OR_RETURN(list, times_list(values));
  }
  std::string name = identifier(column->name);
  if (list.empty()) {
    out.unexpected = wanted ? "true" : "false";
  } else {
    out.unexpected = name + (wanted ? " NOT IN " : " IN ") + list;
  }
  return out;
}

// A bound as SQL for this column, or the error that Python's comparison raises.
Result<std::string> bound_sql(const Column& column, const Json& bound) {
  bool dated = column.kind == Kind::kDate || column.kind == Kind::kTimestamp;
  if (dated && bound.is_string()) {
    return "CAST(" + literal(std::string_view(bound.get_string())) + " AS TIMESTAMP)";
  }
  if (is_numeric(column) && bound.is_number()) {
    if (bound.is_int64()) return literal(bound.get_int64());
    return literal(bound.to_number<double>());
  }
  return Failure(Error::invalid(
      "min_value", "Column values, min_value, and max_value must either be None or of the same type."));
}

struct Order {
  std::string_view increasing;  // which change from row to row is in order
  std::string_view strictly;
};

// The rows with a value, each with the value before it.
Pending<MapCondition> order_condition(const Question& q, const Order& order) {
  ASSIGN_OR_RETURN(const Column* column, q.column());
  if (!is_numeric(*column) && column->kind != Kind::kTimestamp) return Failure(cannot(*column, "ordered"));
  MapCondition out = of_column(*column);
  std::string name = identifier(column->name);
  std::string extra;
  for (const std::string& index : q.format.index_columns) {
    if (index != column->name && q.file.find(index) != nullptr) extra += ", " + identifier(index);
  }
  std::string inner = "(SELECT *, row_number() OVER () - 1 AS __row_index FROM data) WHERE ";
  out.rows = "(SELECT __row_index, " + name + extra + ", lag(" + name + ") OVER () AS __value_before FROM " +
             inner + q.both(name + " IS NOT NULL") + ")";
  std::string_view op = q.flag("strictly") ? order.strictly : order.increasing;
  out.unexpected = "NOT coalesce(" + name + " " + std::string(op) + " __value_before, true)";
  return out;
}

}  // namespace

Pending<MapCondition> not_be_null(const Question& q) {
  ASSIGN_OR_RETURN(const Column* column, q.column());
  return MapCondition{
      .columns = {column}, .unexpected = identifier(column->name) + " IS NULL", .counts_missing = false};
}

Pending<MapCondition> be_null(const Question& q) {
  ASSIGN_OR_RETURN(const Column* column, q.column());
  return MapCondition{
      .columns = {column}, .unexpected = identifier(column->name) + " IS NOT NULL", .counts_missing = false};
}

Pending<MapCondition> be_in_set(const Question& q) { return set_condition(q, true); }
Pending<MapCondition> not_be_in_set(const Question& q) { return set_condition(q, false); }

Pending<MapCondition> be_between(const Question& q) {
  ASSIGN_OR_RETURN(const Column* column, q.column());
  const Json& low = q.argument("min_value");
  const Json& high = q.argument("max_value");
  if (low.is_null() && high.is_null()) {
    return Failure(Error::invalid("min_value", "min_value and max_value cannot both be None"));
  }
  if (low.is_number() && high.is_number() && low.to_number<double>() > high.to_number<double>()) {
    return Failure(Error::invalid("min_value", "min_value cannot be greater than max_value"));
  }
  MapCondition out = of_column(*column);
  std::string name = identifier(column->name);
  std::string inside;
  if (!low.is_null()) {
    ASSIGN_OR_RETURN(std::string sql, bound_sql(*column, low));
    inside = name + (q.flag("strict_min") ? " > " : " >= ") + sql;
  }
  if (!high.is_null()) {
    ASSIGN_OR_RETURN(std::string sql, bound_sql(*column, high));
    inside += (inside.empty() ? "" : " AND ") + name + (q.flag("strict_max") ? " < " : " <= ") + sql;
  }
  out.unexpected = "NOT (" + inside + ")";
  return out;
}

Pending<MapCondition> be_unique(const Question& q) {
  ASSIGN_OR_RETURN(const Column* column, q.column());
  MapCondition out = of_column(*column);
  std::string name = identifier(column->name);
  ASSIGN_OR_RETURN(const std::string* table, q.metrics.groups({name}, q.both(out.considered)));
  if (table == nullptr) return std::nullopt;
  out.unexpected = name + " IN (SELECT k0 FROM " + *table + " WHERE n > 1)";
  out.joined = true;
  out.count_relation = *table;
  out.count_expression = "coalesce(sum(n) FILTER (WHERE n > 1), 0)";
  return out;
}

Pending<MapCondition> be_increasing(const Question& q) {
  return order_condition(q, {.increasing = ">=", .strictly = ">"});
}

Pending<MapCondition> be_decreasing(const Question& q) {
  return order_condition(q, {.increasing = "<=", .strictly = "<"});
}

Pending<MapCondition> z_scores_less_than(const Question& q) {
  ASSIGN_OR_RETURN(const Column* column, q.column());
  if (!is_numeric(*column)) return Failure(cannot(*column, "given z-scores"));
  ASSIGN_OR_RETURN(double threshold, q.number("threshold"));
  std::string number = as_numeric(*column);
  ASSIGN_OR_RETURN(const auto* mean, q.scalar("avg(" + number + ")"));
  ASSIGN_OR_RETURN(const auto* deviation, q.scalar("stddev_samp(" + number + ")"));
  if (mean == nullptr || deviation == nullptr) return std::nullopt;
  MapCondition out = of_column(*column);
  double spread = as_number(*deviation);
  if (std::isnan(spread) || spread == 0) {
    out.unexpected = "false";  // an undefined score is under every threshold
    return out;
  }
  std::string score = "((" + number + " - " + literal(as_number(*mean)) + ") / " + literal(spread) + ")";
  bool both_sides = !q.has("double_sided") || q.flag("double_sided");
  if (both_sides) score = "abs" + score;
  out.unexpected = "NOT (" + score + " < " + literal(both_sides ? std::abs(threshold) : threshold) + ")";
  return out;
}

Pending<MapCondition> not_be_outliers(const Question& q) {
  ASSIGN_OR_RETURN(const Column* column, q.column());
  if (!is_numeric(*column)) return Failure(cannot(*column, "searched for outliers"));
  double multiplier = q.has("multiplier") ? q.number("multiplier").value_or(1.5) : 1.5;
  std::string method = q.has("method") ? q.text("method").value_or("") : "iqr";
  if (method != "iqr" && method != "std") {
    return Failure(Error::invalid("method", "method must be iqr or std"));
  }
  std::string number = as_numeric(*column);
  bool quartiles = method == "iqr";
  ASSIGN_OR_RETURN(const auto* first,
                   q.scalar(quartiles ? "quantile_cont(" + number + ", 0.25)" : "avg(" + number + ")"));
  ASSIGN_OR_RETURN(const auto* second, q.scalar(quartiles ? "quantile_cont(" + number + ", 0.75)"
                                                          : "stddev_samp(" + number + ")"));
  if (first == nullptr || second == nullptr) return std::nullopt;
  MapCondition out = of_column(*column);
  double a = as_number(*first);
  double b = as_number(*second);
  if (!std::isfinite(a) || !std::isfinite(b)) {
    out.unexpected = "false";  // nothing to measure against
  } else if (quartiles) {
    double reach = multiplier * (b - a);
    out.unexpected =
        "NOT (" + number + " >= " + literal(a - reach) + " AND " + number + " <= " + literal(b + reach) + ")";
  } else if (multiplier * b <= 0) {
    out.unexpected = "NOT (" + number + " = " + literal(a) + ")";
  } else {
    out.unexpected = "NOT (abs(" + number + " - " + literal(a) + ") < " + literal(multiplier * b) + ")";
  }
  return out;
}

}  // namespace penstock::datasets
