#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/filter_expression.h"
#include "core/json.h"
#include "core/result.h"
#include "tracking/entities.h"
#include "tracking/sql_text.h"

// What searches of this folder share: comparisons as SQL, and pages that go on behind the last row of the
// page before.
namespace penstock::tracking {

inline constexpr int64_t kSearchResultsMax = 50'000;

// kInvalidArgument in MLflow's words unless 1 <= max_results <= kSearchResultsMax.
Result<void> check_max_results(int64_t max_results);

// "<column> = $n", by the clause's comparator, which is one of = != < <= > >= LIKE ILIKE.
void add_comparison(SqlText& sql, std::string_view column, std::string_view comparator,
                    database::Value value);
// "<column> IN ($n, ...)", or NOT IN.
void add_list(SqlText& sql, std::string_view column, std::string_view comparator,
              const std::vector<std::string>& items);

// A comparison of a column of whole numbers with any number of a filter, as one with a whole number:
// x > 1.5 is x > 1, x = 1.5 is never.
struct WholeComparison {
  std::string comparator;
  int64_t value = 0;
};
WholeComparison whole_comparison(std::string_view comparator, double number, std::string_view written);

// One column that rows are sorted by. Rows without a value come last in both directions: `rank` is an
// expression that is 0 where there is one (always, if it is empty), and greater where there is none.
struct SortColumn {
  enum class Type : uint8_t { kInteger, kReal, kText };
  std::string expression;
  std::string rank{};
  bool ascending = true;
  Type type = Type::kInteger;
};

// " ORDER BY ...".
void add_order(SqlText& sql, std::span<const SortColumn> columns);
// ", ..." for SELECT: a rank and a value of each column, NULL where there is none.
void add_sort_values(SqlText& sql, std::span<const SortColumn> columns);
// " AND (...)": the rows behind the one whose sort values `token` holds.
Result<void> add_after(SqlText& sql, std::span<const SortColumn> columns, std::string_view token);
// The token of a row whose sort values begin at column `first`.
JsonArray sort_values(const database::Row& row, int first, std::span<const SortColumn> columns);

}  // namespace penstock::tracking
