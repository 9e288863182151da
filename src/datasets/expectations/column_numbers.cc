#include <array>
#include <cmath>

#include "datasets/expectations/aggregates.h"

namespace penstock::datasets {
namespace {

using duckdb::identifier;
using duckdb::literal;

bool is_dated(Kind kind) { return kind == Kind::kDate || kind == Kind::kTimestamp; }

Error not_comparable(const duckdb::Value& observed, const Json& bound) {
  return Error::invalid("min_value", "the observed value " + to_json(as_json(observed)) +
                                         " cannot be compared with " + to_json(bound));
}

Result<bool> compare_times(const Question& q, const std::string& observed, std::string_view op,
                           const Json& bound) {
  if (!bound.is_string()) return Failure(not_comparable(observed, bound));
  std::string sql = "SELECT ";
  sql += "CAST(?1 AS TIMESTAMP) " + std::string(op) + " CAST(?2 AS TIMESTAMP)";
  std::vector<duckdb::Value> values = {observed, std::string(bound.get_string())};
  ASSIGN_OR_RETURN(duckdb::Rows rows, q.connection.run(sql, values));
  ASSIGN_OR_RETURN(auto cells, rows.all(1));
  return std::get<bool>(cells.at(0).at(0));
}

Result<bool> satisfies(const Question& q, const duckdb::Value& observed, Kind kind, std::string_view op,
                       const Json& bound) {
  if (is_dated(kind)) return compare_times(q, std::get<std::string>(observed), op, bound);
  if (std::holds_alternative<std::string>(observed) || !bound.is_number()) {
    return Failure(not_comparable(observed, bound));
  }
  double a = as_number(observed);
  double b = bound.to_number<double>();
  if (op == ">") return a > b;
  if (op == ">=") return a >= b;
  return op == "<" ? a < b : a <= b;
}

Pending<Outcome> aggregate_between(const Question& q, const std::string& aggregate,
                                   Kind kind = Kind::kFloat) {
  ASSIGN_OR_RETURN(const auto* observed, q.scalar(aggregate));
  if (observed == nullptr) return std::nullopt;
  ASSIGN_OR_RETURN(Outcome outcome, between(q, *observed, kind));
  return outcome;
}

Result<const Column*> numeric_column(const Question& q, std::string_view what) {
  ASSIGN_OR_RETURN(const Column* column, q.column());
  if (is_numeric(*column)) return column;
  return Failure(Error::invalid("column", "Cannot perform reduction '" + std::string(what) + "' on column '" +
                                              column->name + "', which holds no numbers"));
}

Pending<Outcome> extreme_between(const Question& q, std::string_view aggregate) {
  ASSIGN_OR_RETURN(const Column* column, q.column());
  std::string name = identifier(column->name);
  std::string best = std::string(aggregate) + "(" + name + ")";
  if (!is_dated(column->kind)) return aggregate_between(q, best, column->kind);
  std::string condition =
      q.both("");  // stands at the aggregate, inside of the function that writes it as text
  if (!condition.empty()) best += " FILTER (WHERE " + condition + ")";
  ASSIGN_OR_RETURN(const auto* observed, q.metrics.scalar("data", time_text(best, column->kind)));
  if (observed == nullptr) return std::nullopt;
  ASSIGN_OR_RETURN(Outcome outcome, between(q, *observed, column->kind));
  return outcome;
}

Pending<Outcome> number_between(const Question& q, std::string_view what, std::string_view function) {
  ASSIGN_OR_RETURN(const Column* column, numeric_column(q, what));
  ASSIGN_OR_RETURN(const auto* observed, q.scalar(std::string(function) + "(" + as_numeric(*column) + ")"));
  if (observed == nullptr) return std::nullopt;
  bool narrow = column->frame_type == "float32" && !is_null(*observed);  // whose statistics are float32, too
  duckdb::Value value = narrow ? duckdb::Value(double{static_cast<float>(as_number(*observed))}) : *observed;
  ASSIGN_OR_RETURN(Outcome outcome, between(q, value));
  return outcome;
}

// The position that pandas takes for a quantile of n values, by its interpolation.
int64_t nearest_rank(double quantile, int64_t n, const std::string& interpolation) {
  double at = quantile * static_cast<double>(n - 1);
  if (interpolation == "lower") return static_cast<int64_t>(std::floor(at));
  if (interpolation == "higher") return static_cast<int64_t>(std::ceil(at));
  return static_cast<int64_t>(std::nearbyint(at));  // round half to even, as numpy does
}

// quantile_disc takes the value of rank ceil(p * n): half a rank below names exactly one.
std::string rank_quantile(const std::string& number, int64_t rank, int64_t n) {
  double p = (static_cast<double>(rank) + 0.5) / static_cast<double>(n);
  return "quantile_disc(" + number + ", " + literal(p) + ")";
}

struct QuantileRange {
  double quantile = 0;
  double low = -INFINITY;
  double high = INFINITY;
};

Result<std::vector<QuantileRange>> quantile_ranges(const Question& q) {
  const Json& ranges = q.argument("quantile_ranges");
  const Json* quantiles = find(ranges, "quantiles");
  const Json* values = find(ranges, "value_ranges");
  Error wrong =
      Error::invalid("quantile_ranges",
                     "quantile_ranges must be {\"quantiles\": [..], \"value_ranges\": [[low, high], ..]} "
                     "with as many ranges as quantiles");
  if (quantiles == nullptr || values == nullptr || !quantiles->is_array() || !values->is_array() ||
      quantiles->get_array().size() != values->get_array().size()) {
    return Failure(wrong);
  }
  std::vector<QuantileRange> out;
  for (size_t i = 0; i < quantiles->get_array().size(); ++i) {
    const Json& quantile = quantiles->get_array()[i];
    const Json& range = values->get_array()[i];
    if (!quantile.is_number() || !range.is_array() || range.get_array().size() != 2) return Failure(wrong);
    QuantileRange row{.quantile = quantile.to_number<double>()};
    if (row.quantile < 0 || row.quantile > 1) return Failure(wrong);
    const Json& low = range.get_array()[0];
    const Json& high = range.get_array()[1];
    if (low.is_number()) row.low = low.to_number<double>();
    if (high.is_number()) row.high = high.to_number<double>();
    if (row.low > row.high) return Failure(wrong);
    out.push_back(row);
  }
  return out;
}

bool close(double value, double bound) {
  if (std::isinf(bound)) return false;
  return std::abs(value - bound) <=
         1e-8 + 1e-4 * std::abs(bound);  // numpy.isclose, as Great Expectations calls it
}

Result<std::string> interpolation_of(const Question& q) {
  const Json& given = q.argument("allow_relative_error");
  if (given.is_null() || (given.is_bool() && !given.get_bool())) return std::string("nearest");
  std::string name = given.is_string() ? std::string(given.get_string()) : std::string();
  for (std::string_view known : {"linear", "lower", "higher", "midpoint", "nearest"}) {
    if (name == known) return name;
  }
  return Failure(Error::invalid("allow_relative_error",
                                "allow_relative_error must be linear, lower, higher, midpoint or nearest"));
}

// One quantile of n values: of the two that stand for it their mean. NULL without values.
Pending<duckdb::Value> quantile(const Question& q, const std::string& number, double at, int64_t n,
                                const std::string& interpolation) {
  if (n == 0) return duckdb::Value();
  if (interpolation == "linear") {
    ASSIGN_OR_RETURN(const auto* value, q.scalar("quantile_cont(" + number + ", " + literal(at) + ")"));
    if (value == nullptr) return std::nullopt;
    return *value;
  }
  bool middle = interpolation == "midpoint";
  int64_t low = nearest_rank(at, n, middle ? "lower" : interpolation);
  int64_t high = nearest_rank(at, n, middle ? "higher" : interpolation);
  ASSIGN_OR_RETURN(const auto* first, q.scalar(rank_quantile(number, low, n)));
  ASSIGN_OR_RETURN(const auto* second, q.scalar(rank_quantile(number, high, n)));
  if (first == nullptr || second == nullptr) return std::nullopt;
  if (!middle) return *first;
  return duckdb::Value((as_number(*first) + as_number(*second)) / 2);
}

}  // namespace

Result<Outcome> between(const Question& q, const duckdb::Value& observed, Kind kind) {
  const auto* number = std::get_if<double>(&observed);
  if (is_null(observed) || (number != nullptr && std::isnan(*number))) {
    return Outcome{.success = false, .result = {{"observed_value", nullptr}}};
  }
  Outcome outcome{.success = true, .result = {{"observed_value", as_json(observed, kind)}}};
  struct Bound {
    std::string_view argument;
    std::string_view strict;
    std::string_view op;
    std::string_view strict_op;
  };
  constexpr std::array<Bound, 2> kBounds = {
      {{"min_value", "strict_min", ">=", ">"}, {"max_value", "strict_max", "<=", "<"}}};
  for (const Bound& bound : kBounds) {
    if (!q.has(bound.argument)) continue;
    std::string_view op = q.flag(bound.strict) ? bound.strict_op : bound.op;
    ASSIGN_OR_RETURN(bool holds, satisfies(q, observed, kind, op, q.argument(bound.argument)));
    outcome.success = outcome.success && holds;
  }
  return outcome;
}

Pending<Outcome> max_between(const Question& q) { return extreme_between(q, "max"); }
Pending<Outcome> min_between(const Question& q) { return extreme_between(q, "min"); }
Pending<Outcome> mean_between(const Question& q) { return number_between(q, "mean", "avg"); }
Pending<Outcome> median_between(const Question& q) { return number_between(q, "median", "median"); }
Pending<Outcome> stdev_between(const Question& q) { return number_between(q, "std", "stddev_samp"); }

Pending<Outcome> sum_between(const Question& q) {
  ASSIGN_OR_RETURN(const Column* column, numeric_column(q, "sum"));
  ASSIGN_OR_RETURN(const auto* sum, q.scalar("sum(" + as_numeric(*column) + ")"));
  if (sum == nullptr) return std::nullopt;
  ASSIGN_OR_RETURN(Outcome outcome, between(q, is_null(*sum) ? duckdb::Value(int64_t{0}) : *sum));
  return outcome;
}

Pending<Outcome> unique_count_between(const Question& q) {
  ASSIGN_OR_RETURN(const Column* column, q.column());
  std::string name = identifier(column->name);
  ASSIGN_OR_RETURN(const std::string* table, q.metrics.groups({name}, q.both(name + " IS NOT NULL")));
  if (table == nullptr) return std::nullopt;
  ASSIGN_OR_RETURN(const auto* distinct, q.metrics.scalar(*table, "count(*)"));
  if (distinct == nullptr) return std::nullopt;
  ASSIGN_OR_RETURN(Outcome outcome, between(q, *distinct));
  return outcome;
}

Pending<Outcome> unique_proportion_between(const Question& q) {
  ASSIGN_OR_RETURN(const Column* column, q.column());
  std::string name = identifier(column->name);
  ASSIGN_OR_RETURN(const auto* values, q.scalar("count(" + name + ")"));
  ASSIGN_OR_RETURN(const std::string* table, q.metrics.groups({name}, q.both(name + " IS NOT NULL")));
  if (table == nullptr) return std::nullopt;
  ASSIGN_OR_RETURN(const auto* distinct, q.metrics.scalar(*table, "count(*)"));
  if (distinct == nullptr || values == nullptr) return std::nullopt;
  double share = as_number(*values) == 0 ? 0 : as_number(*distinct) / as_number(*values);
  ASSIGN_OR_RETURN(Outcome outcome, between(q, share));
  return outcome;
}

Pending<Outcome> non_null_proportion_between(const Question& q) {
  ASSIGN_OR_RETURN(const Column* column, q.column());
  ASSIGN_OR_RETURN(const auto* rows, q.scalar("count(*)"));
  ASSIGN_OR_RETURN(const auto* values, q.scalar("count(" + identifier(column->name) + ")"));
  if (rows == nullptr || values == nullptr) return std::nullopt;
  double share = as_number(*rows) == 0 ? 0 : as_number(*values) / as_number(*rows);
  ASSIGN_OR_RETURN(Outcome outcome, between(q, share));
  return outcome;
}

Pending<Outcome> quantiles_between(const Question& q) {
  ASSIGN_OR_RETURN(const Column* column, numeric_column(q, "quantile"));
  ASSIGN_OR_RETURN(auto ranges, quantile_ranges(q));
  ASSIGN_OR_RETURN(std::string interpolation, interpolation_of(q));
  ASSIGN_OR_RETURN(const auto* values, q.scalar("count(" + identifier(column->name) + ")"));
  if (values == nullptr) return std::nullopt;
  int64_t n = as_count(*values);
  Outcome outcome{.success = true};
  JsonArray quantiles;
  JsonArray observed;
  JsonArray details;
  bool waiting = false;
  for (const QuantileRange& range : ranges) {
    ASSIGN_OR_RETURN(auto value, quantile(q, as_numeric(*column), range.quantile, n, interpolation));
    if (!value) {
      waiting = true;
      continue;
    }
    double number = as_number(*value);
    bool inside = !is_null(*value) && (close(number, range.low) || close(number, range.high) ||
                                       (range.low <= number && number <= range.high));
    quantiles.emplace_back(range.quantile);
    observed.push_back(as_json(*value));
    details.emplace_back(inside);
    outcome.success = outcome.success && inside;
  }
  if (waiting) return std::nullopt;
  outcome.result = {{"observed_value", {{"quantiles", quantiles}, {"values", observed}}},
                    {"details", {{"success_details", details}}}};
  return outcome;
}

}  // namespace penstock::datasets
