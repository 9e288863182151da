#pragma once

#include <string>

#include "core/json.h"
#include "core/result.h"
#include "datasets/expectations/data_file.h"

namespace penstock::datasets {

// A row condition as SQL over `data` that is true or false, never NULL. Understood are the condition objects
// of Great Expectations 1.x (comparison, nullity, and, or, pass_through), the strings of its own parser
// (col("x").notnull(), col("x") > 5, col("x") == date("2024-01-01")), and of pandas' queries what combines
// comparisons: names, `quoted names`, numbers, 'texts', True, == != < <= > >=, in [..], not in [..], and, or,
// not, & | ~, parentheses, .isnull(), .notnull(). kInvalidArgument names what is not understood.
Result<std::string> parse_row_condition(const Json& condition, const DataFile& file);

}  // namespace penstock::datasets
