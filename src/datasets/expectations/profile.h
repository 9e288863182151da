#pragma once

#include "datasets/expectations/data_file.h"
#include "datasets/expectations/suite.h"
#include "storage/duckdb/duckdb.h"

namespace penstock::datasets {

// A suite that the file fulfils, for a person to correct: its columns in their order, which of them have no
// missing value, identifiers that do not repeat, the values of columns that have few, the ranges of numbers,
// the lengths of texts. Costs a scan, and one per column with few values or without repetition.
Result<Suite> profile(duckdb::Connection& connection, const FileOptions& file);

}  // namespace penstock::datasets
