#pragma once

#include <span>
#include <string>
#include <string_view>

#include "core/result.h"
#include "observability/traces/sql_text.h"

namespace penstock::traces {

// Appends " AND ..." for each clause of an MLflow trace filter (the grammar is core/filter_expression.h;
// which entities, keys and comparators there are follows MLflow 3.17) to a statement over trace_infos t.
// Clauses about spans speak of one and the same span. kInvalidArgument in MLflow's words.
Result<void> add_filter(SqlText& sql, std::string_view filter);

// Appends "ORDER BY ...": the clauses given, absent values last, then the latest request first, then the
// trace's id.
Result<void> add_order(SqlText& sql, std::span<const std::string> order_by);

}  // namespace penstock::traces
