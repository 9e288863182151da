#pragma once

#include <string>
#include <vector>

#include "datasets/expectations/question.h"

namespace penstock::datasets {

// What an unexpected row is shown as: one value, a pair, or a record of its columns.
enum class Shape : uint8_t { kValue, kPair, kRecord };

// An expectation that judges row by row: which rows it looks at, and which of these are unexpected.
struct MapCondition {
  std::vector<const Column*> columns;
  Shape shape = Shape::kValue;
  std::string considered{};    // SQL over `data`; empty: all rows
  std::string unexpected{};    // SQL for a considered row (of `file_rows`, where that is needed); never NULL
  bool counts_missing = true;  // expectations on missing values themselves have no missing_count
  std::string rows{};          // a subquery with `__row_index` that `unexpected` needs instead of `data`
  bool joined = false;         // `unexpected` looks into another table, which costs the rows their order
  std::string count_relation{};  // where the number of unexpected rows comes from, if it is cheaper elsewhere
  std::string count_expression{};
};

// Counts, then the unexpected rows of a failing expectation, as Great Expectations reports them.
Pending<Outcome> evaluate_map(const Question& question, const MapCondition& condition);

constexpr size_t kUnexpectedValuesMax = 200;     // of COMPLETE's unexpected_list, as in Great Expectations
constexpr size_t kUnexpectedIndexMax = 100'000;  // of its unexpected_index_list, where theirs has no bound

}  // namespace penstock::datasets
