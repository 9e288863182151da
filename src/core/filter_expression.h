#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace penstock {

// The grammar of MLflow's filter and order_by texts:
//
//   filter     := comparison ("AND" comparison)*
//   comparison := identifier op value | identifier ["NOT"] "IN" list | identifier "IS" ["NOT"] "NULL"
//   identifier := [entity "."] key            a key with other signs stands in `backticks` or "quotes"
//   op         := = != < <= > >= LIKE ILIKE RLIKE             value := 'text' | "text" | number
//   order      := identifier ["ASC" | "DESC"]
//
// Which entities, keys and comparators there are is for the caller, who finds the texts of MLflow's errors
// below. All errors are kInvalidArgument in MLflow's words (mlflow/utils/search_utils.py, 3.17.2).

inline constexpr size_t kFilterBytesMax = 256 << 10;
inline constexpr size_t kFilterClausesMax = 100;
inline constexpr size_t kFilterListMax = 10'000;

struct FilterValue {
  enum class Kind : uint8_t { kNone, kInteger, kReal, kText, kWord, kList };
  Kind kind = Kind::kNone;
  std::string written;               // as it stands in the filter, quotes included
  std::vector<std::string> items{};  // of kList: without quotes
  bool only_texts = true;            // of kList: whether each item was quoted
};

struct FilterClause {
  std::string entity;      // "metrics"; empty where there is no dot
  std::string key;         // without quotes
  std::string comparator;  // in upper case: "=", "!=", "LIKE", "NOT IN", "IS NULL"
  FilterValue value;
};

struct OrderClause {
  std::string entity;
  std::string key;
  bool ascending = true;
};

// How a message lists what it could not read: 'OR' for runs, OR for everything else.
enum class InvalidClauses : uint8_t { kQuoted, kPlain };

Result<std::vector<FilterClause>> parse_filter(std::string_view filter,
                                               InvalidClauses shown = InvalidClauses::kPlain);
Result<OrderClause> parse_order_by(std::string_view order);

// The value as one quoted text, without its quotes. Any other: `expected` followed by the value as written,
// such as "Expected a quoted string value for attributes. Got value " + "5".
Result<std::string> filter_text(const FilterValue& value, std::string_view expected);
// As a number; `expected` as above: "Expected numeric value type for metric. Found ".
Result<double> filter_number(const FilterValue& value, std::string_view expected);
// As a list of at least one quoted text.
Result<std::vector<std::string>> filter_list(const FilterValue& value);

// "Invalid comparator '>' not one of '{'=', '!='}'" unless it is one of `allowed`.
Result<void> check_comparator(const FilterClause& clause, std::span<const std::string_view> allowed);
// "Invalid attribute key 'x' specified. Valid keys are '{'a', 'b'}'".
Error invalid_key(std::string_view kind, std::string_view key, std::span<const std::string_view> valid);
// "{'a', 'b'}", as Python writes a set, in the order given.
std::string python_set(std::span<const std::string_view> names);

// A LIKE pattern (% and _ stand for any and one character) for SQL's LIKE ... ESCAPE '~'.
std::string escaped_like(std::string_view pattern);

}  // namespace penstock
