#include <algorithm>
#include <cmath>

#include "datasets/expectations/aggregates.h"

namespace penstock::datasets {
namespace {

using duckdb::identifier;

constexpr size_t kShownMax = 20;       // MAX_DISTINCT_VALUES of Great Expectations
constexpr size_t kModesMax = 100'000;  // values that share the first place

struct Distinct {
  const Column* column = nullptr;
  const std::string* table = nullptr;  // k0, n
};

Pending<Distinct> distinct_values(const Question& q) {
  ASSIGN_OR_RETURN(const Column* column, q.column());
  std::string name = identifier(column->name);
  ASSIGN_OR_RETURN(const std::string* table, q.metrics.groups({name}, q.both(name + " IS NOT NULL")));
  if (table == nullptr) return std::nullopt;
  return Distinct{column, table};
}

// k0 of the distinct table as it is shown.
std::string shown_key(const Column& column) {
  return shown(Column{.name = "k0", .kind = column.kind, .frame_type = {}});
}

// What a value of a set is in SQL; dates are given as texts in a set of distinct values.
std::optional<std::string> member(const Json& value, Kind kind) {
  if (kind == Kind::kDate || kind == Kind::kTimestamp) return time_literal(value);
  return comparable(value, kind);
}

std::string member_list(const std::vector<Json>& values, Kind kind) {
  std::string out;
  for (const Json& value : values) {
    if (auto sql = member(value, kind)) out += (out.empty() ? "(" : ", ") + *sql;
  }
  return out.empty() ? out : out + ")";
}

struct Difference {
  int64_t count = 0;
  JsonArray values;
};

Pending<Difference> not_in_set(const Question& q, const Distinct& distinct, const std::vector<Json>& set) {
  std::string list = member_list(set, distinct.column->kind);
  std::string outside = list.empty() ? "true" : "k0 NOT IN " + list;
  ASSIGN_OR_RETURN(const auto* count,
                   q.metrics.scalar(*distinct.table, "count(*) FILTER (WHERE " + outside + ")"));
  std::string select = "SELECT ";
  select += shown_key(*distinct.column) + " FROM " + *distinct.table + " WHERE " + outside +
            " ORDER BY k0 LIMIT " + std::to_string(kShownMax);
  ASSIGN_OR_RETURN(const auto* rows, q.metrics.list(select, kShownMax));
  if (count == nullptr || rows == nullptr) return std::nullopt;
  Difference out{.count = as_count(*count), .values = {}};
  for (const Row& row : *rows) out.values.push_back(as_json(row[0], distinct.column->kind));
  return out;
}

// The members of the set that no row has. Equal ones (1, 1.0, true) are one.
Pending<Difference> missing_from_column(const Question& q, const Distinct& distinct,
                                        const std::vector<Json>& set) {
  std::vector<std::string> seen;
  Difference out;
  bool waiting = false;
  for (const Json& value : set) {
    std::optional<std::string> sql = member(value, distinct.column->kind);
    std::string key = sql.value_or("!" + to_json(value));
    if (std::ranges::find(seen, key) != seen.end()) continue;
    seen.push_back(key);
    bool present = false;
    if (sql) {
      ASSIGN_OR_RETURN(const auto* found,
                       q.metrics.scalar(*distinct.table, "coalesce(bool_or(k0 = " + *sql + "), false)"));
      waiting = waiting || found == nullptr;
      present = found != nullptr && as_number(*found) == 1;
    }
    if (present) continue;
    ++out.count;
    if (out.values.size() < kShownMax) out.values.push_back(value);
  }
  if (waiting) return std::nullopt;
  return out;
}

enum class Wanted : uint8_t { kInSet, kContainSet, kEqualSet };

Pending<Outcome> distinct_against_set(const Question& q, Wanted wanted) {
  ASSIGN_OR_RETURN(std::vector<Json> set, q.items("value_set"));
  if (set.empty() && wanted == Wanted::kInSet) {
    return Failure(Error::invalid("value_set", "value_set must be a non-empty set-like object."));
  }
  ASSIGN_OR_RETURN(auto distinct, distinct_values(q));
  if (!distinct) return std::nullopt;
  std::optional<Difference> unexpected = Difference();
  std::optional<Difference> missing = Difference();
  if (wanted != Wanted::kContainSet) {
    ASSIGN_OR_RETURN(unexpected, not_in_set(q, *distinct, set));
  }
  if (wanted != Wanted::kInSet) {
    ASSIGN_OR_RETURN(missing, missing_from_column(q, *distinct, set));
  }
  if (!unexpected || !missing) return std::nullopt;
  Outcome out{.success = unexpected->count == 0 && missing->count == 0};
  out.result["observed_value"] = nullptr;
  if (wanted != Wanted::kContainSet) out.result["unexpected_count"] = unexpected->count;
  if (wanted != Wanted::kInSet) out.result["missing_count"] = missing->count;
  if (q.format.partial_max == 0) return out;
  if (wanted != Wanted::kContainSet) out.result["partial_unexpected_list"] = unexpected->values;
  if (wanted != Wanted::kInSet) out.result["partial_missing_list"] = missing->values;
  return out;
}

bool same_value(const Json& a, const Json& b) {
  if (a.is_string() || b.is_string()) return a == b;
  auto number = [](const Json& v) {
    return v.is_bool() ? (v.get_bool() ? 1.0 : 0.0) : v.to_number<double>();
  };
  if ((a.is_number() || a.is_bool()) && (b.is_number() || b.is_bool())) return number(a) == number(b);
  return false;
}

}  // namespace

Pending<Outcome> distinct_in_set(const Question& q) { return distinct_against_set(q, Wanted::kInSet); }
Pending<Outcome> distinct_contain_set(const Question& q) {
  return distinct_against_set(q, Wanted::kContainSet);
}
Pending<Outcome> distinct_equal_set(const Question& q) { return distinct_against_set(q, Wanted::kEqualSet); }

Pending<Outcome> most_common_in_set(const Question& q) {
  std::vector<Json> set;
  if (q.has("value_set")) {
    ASSIGN_OR_RETURN(set, q.items("value_set"));
  }
  ASSIGN_OR_RETURN(auto distinct, distinct_values(q));
  if (!distinct) return std::nullopt;
  std::string select = "SELECT ";
  select += shown_key(*distinct->column) + " FROM " + *distinct->table + " WHERE n = (SELECT max(n) FROM " +
            *distinct->table + ") ORDER BY k0 LIMIT " + std::to_string(kModesMax);
  ASSIGN_OR_RETURN(const auto* rows, q.metrics.list(select, kModesMax));
  if (rows == nullptr) return std::nullopt;
  JsonArray modes;
  int64_t in_set = 0;
  for (const Row& row : *rows) {
    Json value = as_json(row[0], distinct->column->kind);
    if (std::ranges::any_of(set, [&](const Json& member) { return same_value(member, value); })) ++in_set;
    modes.push_back(std::move(value));
  }
  bool success = q.flag("ties_okay") ? in_set > 0 : modes.size() == 1 && in_set == 1;
  return Outcome{.success = success, .result = {{"observed_value", std::move(modes)}}};
}

}  // namespace penstock::datasets
