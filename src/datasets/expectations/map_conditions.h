#pragma once

#include "datasets/expectations/map_expectation.h"

namespace penstock::datasets {

// The row-by-row expectations of the catalogue: from arguments to SQL. Named after the expectations.

// values of one column
Pending<MapCondition> not_be_null(const Question& question);
Pending<MapCondition> be_null(const Question& question);
Pending<MapCondition> be_in_set(const Question& question);
Pending<MapCondition> not_be_in_set(const Question& question);
Pending<MapCondition> be_between(const Question& question);
Pending<MapCondition> be_unique(const Question& question);
Pending<MapCondition> be_increasing(const Question& question);
Pending<MapCondition> be_decreasing(const Question& question);
Pending<MapCondition> z_scores_less_than(const Question& question);
Pending<MapCondition> not_be_outliers(const Question& question);

// text of one column
Pending<MapCondition> lengths_between(const Question& question);
Pending<MapCondition> lengths_equal(const Question& question);
Pending<MapCondition> match_regex(const Question& question);
Pending<MapCondition> not_match_regex(const Question& question);
Pending<MapCondition> match_regex_list(const Question& question);
Pending<MapCondition> not_match_regex_list(const Question& question);
Pending<MapCondition> match_like(const Question& question);
Pending<MapCondition> not_match_like(const Question& question);
Pending<MapCondition> match_like_list(const Question& question);
Pending<MapCondition> not_match_like_list(const Question& question);
Pending<MapCondition> match_strftime(const Question& question);
Pending<MapCondition> json_parseable(const Question& question);

// several columns
Pending<MapCondition> pair_greater(const Question& question);
Pending<MapCondition> pair_equal(const Question& question);
Pending<MapCondition> pair_in_set(const Question& question);
Pending<MapCondition> compound_unique(const Question& question);
Pending<MapCondition> unique_within_record(const Question& question);
Pending<MapCondition> multicolumn_equal(const Question& question);
Pending<MapCondition> multicolumn_sum(const Question& question);

}  // namespace penstock::datasets
