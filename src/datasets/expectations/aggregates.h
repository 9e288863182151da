#pragma once

#include "datasets/expectations/question.h"

namespace penstock::datasets {

// The expectations of the catalogue that judge a column or a table as a whole. Named after the expectations.

// one number of a column
Pending<Outcome> max_between(const Question& question);
Pending<Outcome> min_between(const Question& question);
Pending<Outcome> mean_between(const Question& question);
Pending<Outcome> median_between(const Question& question);
Pending<Outcome> stdev_between(const Question& question);
Pending<Outcome> sum_between(const Question& question);
Pending<Outcome> unique_count_between(const Question& question);
Pending<Outcome> unique_proportion_between(const Question& question);
Pending<Outcome> non_null_proportion_between(const Question& question);
Pending<Outcome> quantiles_between(const Question& question);

// the distinct values of a column
Pending<Outcome> distinct_in_set(const Question& question);
Pending<Outcome> distinct_contain_set(const Question& question);
Pending<Outcome> distinct_equal_set(const Question& question);
Pending<Outcome> most_common_in_set(const Question& question);
Pending<Outcome> kl_divergence_less_than(const Question& question);

// the type of a column
Pending<Outcome> be_of_type(const Question& question);
Pending<Outcome> be_in_type_list(const Question& question);
Pending<Outcome> column_type_to_be(const Question& question);

// the table
Pending<Outcome> row_count_between(const Question& question);
Pending<Outcome> row_count_equal(const Question& question);
Pending<Outcome> column_count_between(const Question& question);
Pending<Outcome> column_count_equal(const Question& question);
Pending<Outcome> column_exists(const Question& question);
Pending<Outcome> columns_match_list(const Question& question);
Pending<Outcome> columns_match_set(const Question& question);
Pending<Outcome> unexpected_rows_query(const Question& question);

// Whether `observed` lies within min_value, max_value, strict_min and strict_max; its result has it as
// observed_value. NULL lies within nothing. Values of other types than the bounds' are an error.
Result<Outcome> between(const Question& question, const duckdb::Value& observed, Kind kind = Kind::kFloat);

}  // namespace penstock::datasets
