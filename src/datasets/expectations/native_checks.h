#pragma once

#include "datasets/expectations/map_expectation.h"

namespace penstock::datasets {

// Expectations that SQL cannot judge alone: DuckDB finds the distinct values, our code judges each once.
Pending<MapCondition> dateutil_parseable(const Question& question);
Pending<MapCondition> match_json_schema(const Question& question);

// Reads a second file: a path, as the data file's.
Pending<Outcome> row_count_equal_other(const Question& question);

}  // namespace penstock::datasets
