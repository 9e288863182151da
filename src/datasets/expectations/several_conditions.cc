#include "datasets/expectations/map_conditions.h"

namespace penstock::datasets {
namespace {

using duckdb::identifier;
using duckdb::literal;

bool comparable_kinds(const Column& a, const Column& b) {
  if (is_numeric(a)) return is_numeric(b);
  return a.kind == b.kind;
}

// For ignore_row_if: the rows of which not all, or none, of the columns are missing.
Result<std::string> considered_rows(const Question& q, const std::vector<const Column*>& columns) {
  std::string rule = q.has("ignore_row_if") ? q.text("ignore_row_if").value_or("") : "";
  bool pair = columns.size() == 2 && q.has("column_A");
  std::string_view all = pair ? "both_values_are_missing" : "all_values_are_missing";
  std::string_view any = pair ? "either_value_is_missing" : "any_value_is_missing";
  if (rule == (pair ? "neither" : "never")) return std::string();
  if (!rule.empty() && rule != all && rule != any) {
    return Failure(
        Error::invalid("ignore_row_if", "Unrecognized value of ignore_row_if (\"" + rule + "\")."));
  }
  std::string out;
  for (const Column* column : columns) {
    out += out.empty() ? "(" : (rule == any ? " AND " : " OR ");
    out += identifier(column->name) + " IS NOT NULL";
  }
  return out + ")";
}

struct Pair {
  const Column* a = nullptr;
  const Column* b = nullptr;
  MapCondition condition{};
};

Result<Pair> pair_of(const Question& q) {
  ASSIGN_OR_RETURN(const Column* a, q.column("column_A"));
  ASSIGN_OR_RETURN(const Column* b, q.column("column_B"));
  Pair out{.a = a, .b = b, .condition = {.columns = {a, b}, .shape = Shape::kPair}};
  ASSIGN_OR_RETURN(out.condition.considered, considered_rows(q, {a, b}));
  return out;
}

Result<MapCondition> record_of(const Question& q) {
  ASSIGN_OR_RETURN(auto columns, q.columns());
  MapCondition out{.columns = columns, .shape = Shape::kRecord};
  ASSIGN_OR_RETURN(out.considered, considered_rows(q, columns));
  return out;
}

// One side of a pair in a set: a missing value stands for null.
std::string is_value(const Column& column, const Json& value) {
  if (value.is_null()) return identifier(column.name) + " IS NULL";
  std::optional<std::string> sql = comparable(value, column.kind);
  return sql ? "coalesce(" + identifier(column.name) + " = " + *sql + ", false)" : "false";
}

}  // namespace

Pending<MapCondition> pair_equal(const Question& q) {
  ASSIGN_OR_RETURN(Pair pair, pair_of(q));
  std::string equal = identifier(pair.a->name) + " = " + identifier(pair.b->name);
  pair.condition.unexpected =
      comparable_kinds(*pair.a, *pair.b) ? "NOT coalesce(" + equal + ", false)" : "true";
  return pair.condition;
}

Pending<MapCondition> pair_greater(const Question& q) {
  ASSIGN_OR_RETURN(Pair pair, pair_of(q));
  if (!comparable_kinds(*pair.a, *pair.b)) {
    return Failure(Error::invalid("column_B", "columns '" + pair.a->name + "' and '" + pair.b->name +
                                                  "' are of types that cannot be compared"));
  }
  std::string greater =
      identifier(pair.a->name) + (q.flag("or_equal") ? " >= " : " > ") + identifier(pair.b->name);
  pair.condition.unexpected = "NOT coalesce(" + greater + ", false)";
  return pair.condition;
}

Pending<MapCondition> pair_in_set(const Question& q) {
  ASSIGN_OR_RETURN(Pair pair, pair_of(q));
  pair.condition.unexpected = "false";
  if (!q.has("value_pairs_set")) return pair.condition;
  ASSIGN_OR_RETURN(std::vector<Json> wanted, q.items("value_pairs_set"));
  std::string any = "false";
  for (const Json& value : wanted) {
    if (!value.is_array() || value.get_array().size() != 2) {
      return Failure(Error::invalid("value_pairs_set", "value_pairs_set must hold pairs: [[1, \"a\"], ...]"));
    }
    const JsonArray& sides = value.get_array();
    any += " OR (" + is_value(*pair.a, sides[0]) + " AND " + is_value(*pair.b, sides[1]) + ")";
  }
  pair.condition.unexpected = "NOT (" + any + ")";
  return pair.condition;
}

Pending<MapCondition> compound_unique(const Question& q) {
  ASSIGN_OR_RETURN(MapCondition out, record_of(q));
  std::vector<std::string> names;
  for (const Column* column : out.columns) names.push_back(identifier(column->name));
  ASSIGN_OR_RETURN(const std::string* table, q.metrics.groups(names, q.both(out.considered)));
  if (table == nullptr) return std::nullopt;
  std::string same;
  for (size_t i = 0; i < names.size(); ++i) {
    same += (i == 0 ? "" : " AND ") + *table + ".k" + std::to_string(i) + " IS NOT DISTINCT FROM file_rows." +
            names[i];
  }
  out.joined = true;
  out.unexpected = "EXISTS (SELECT 1 FROM " + *table + " WHERE n > 1 AND " + same + ")";
  out.count_relation = *table;
  out.count_expression = "coalesce(sum(n) FILTER (WHERE n > 1), 0)";
  return out;
}

Pending<MapCondition> unique_within_record(const Question& q) {
  ASSIGN_OR_RETURN(MapCondition out, record_of(q));
  std::string repeated = "false";
  for (size_t i = 0; i < out.columns.size(); ++i) {
    for (size_t j = 0; j < i; ++j) {
      std::string a = identifier(out.columns[i]->name);
      std::string b = identifier(out.columns[j]->name);
      if (comparable_kinds(*out.columns[i], *out.columns[j])) {
        repeated += " OR " + a + " IS NOT DISTINCT FROM " + b;
      } else {
        repeated += " OR (" + a + " IS NULL AND " + b + " IS NULL)";
      }
    }
  }
  out.unexpected = "(" + repeated + ")";
  return out;
}

Pending<MapCondition> multicolumn_equal(const Question& q) {
  ASSIGN_OR_RETURN(MapCondition out, record_of(q));
  const Column& reference = *out.columns[0];
  std::string name = identifier(reference.name);
  std::string different = "false";
  for (const Column* column : out.columns) {
    std::string other = identifier(column->name);
    if (comparable_kinds(reference, *column)) {
      different += " OR " + other + " IS DISTINCT FROM " + name;
    } else {
      different += " OR NOT (" + other + " IS NULL AND " + name + " IS NULL)";
    }
  }
  out.unexpected = "(" + different + ")";
  return out;
}

Pending<MapCondition> multicolumn_sum(const Question& q) {
  ASSIGN_OR_RETURN(MapCondition out, record_of(q));
  ASSIGN_OR_RETURN(double total, q.number("sum_total"));
  std::string sum;
  for (const Column* column : out.columns) {
    if (!is_numeric(*column)) {
      return Failure(Error::invalid("column_list", "column '" + column->name + "' holds no numbers to add"));
    }
    sum += (sum.empty() ? "" : " + ") + as_numeric(*column);
  }
  out.unexpected = "NOT coalesce(" + sum + " = " + literal(total) + ", false)";
  return out;
}

}  // namespace penstock::datasets
