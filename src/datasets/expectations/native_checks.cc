#include "datasets/expectations/native_checks.h"

#include "datasets/expectations/date_text.h"
#include "datasets/expectations/json_schema.h"

namespace penstock::datasets {
namespace {

using duckdb::identifier;

// A condition that rejects the values which `judge` does.
Pending<MapCondition> judged(const Question& q, const Column& column, const std::string& check,
                             const Metrics::Judge& judge) {
  std::string name = identifier(column.name);
  MapCondition out{.columns = {&column}, .considered = name + " IS NOT NULL"};
  ASSIGN_OR_RETURN(const std::string* table, q.metrics.groups({name}, q.both(out.considered)));
  if (table == nullptr) return std::nullopt;
  ASSIGN_OR_RETURN(std::string rejected, q.metrics.rejected(*table, check, judge));
  out.unexpected = name + " IN (SELECT value FROM " + rejected + ")";
  out.joined = true;
  return out;
}

}  // namespace

Pending<MapCondition> dateutil_parseable(const Question& q) {
  ASSIGN_OR_RETURN(const Column* column, q.column());
  if (column->kind == Kind::kText) {
    return judged(q, *column, "date",
                  [](std::string_view text) -> Result<bool> { return is_date_text(text); });
  }
  ASSIGN_OR_RETURN(const auto* values, q.scalar("count(" + identifier(column->name) + ")"));
  if (values == nullptr) return std::nullopt;
  if (as_count(*values) > 0) {
    return Failure(Error::invalid("column",
                                  "Values passed to expect_column_values_to_be_dateutil_parseable must be "
                                  "of type string.\nIf you want to validate a column of dates or "
                                  "timestamps, please call the expectation before converting from string "
                                  "format."));
  }
  return MapCondition{
      .columns = {column}, .considered = identifier(column->name) + " IS NOT NULL", .unexpected = "false"};
}

Pending<MapCondition> match_json_schema(const Question& q) {
  ASSIGN_OR_RETURN(const Column* column, q.column());
  if (column->kind != Kind::kText && column->kind != Kind::kNested) {
    return Failure(Error::invalid("column", "column '" + column->name + "' holds no JSON texts"));
  }
  const Json& schema = q.argument("json_schema");
  RETURN_IF_ERROR(check_json_schema(schema));
  return judged(q, *column, "schema " + to_json(schema), [&schema](std::string_view text) -> Result<bool> {
    ASSIGN_OR_RETURN(Json document, parse_json(text));
    return matches_json_schema(document, schema);
  });
}

Pending<Outcome> row_count_equal_other(const Question& q) {
  ASSIGN_OR_RETURN(std::string path, q.text("other_table_name"));
  ASSIGN_OR_RETURN(std::string other, file_relation({.path = path}));
  ASSIGN_OR_RETURN(const auto* own_rows, q.scalar("count(*)"));
  ASSIGN_OR_RETURN(const auto* other_rows, q.metrics.scalar(other, "count(*)"));
  if (own_rows == nullptr || other_rows == nullptr) return std::nullopt;
  int64_t own_count = as_count(*own_rows);
  int64_t other_count = as_count(*other_rows);
  return Outcome{.success = own_count == other_count,
                 .result = {{"observed_value", {{"self", own_count}, {"other", other_count}}}}};
}

}  // namespace penstock::datasets
