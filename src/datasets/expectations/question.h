#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.h"
#include "core/result.h"
#include "datasets/expectations/data_file.h"
#include "datasets/expectations/metrics.h"

namespace penstock::datasets {

// How much of a result is told, as Great Expectations has it.
enum class Detail : uint8_t { kBooleanOnly, kBasic, kSummary, kComplete };

struct ResultFormat {
  Detail detail = Detail::kSummary;
  size_t partial_max = 20;                   // partial_unexpected_count
  std::vector<std::string> index_columns{};  // unexpected_index_column_names
  bool values = true;                        // not exclude_unexpected_values
  bool rows = false;                         // include_unexpected_rows
  bool index_query = true;                   // not return_unexpected_index_query: false
};

// From "SUMMARY" or {"result_format": "SUMMARY", ...}; what is not said is taken from `base`.
Result<ResultFormat> parse_result_format(const Json& value, const ResultFormat& base);

// The outcome of one expectation: `result` is what Great Expectations puts under that name.
struct Outcome {
  bool success = false;
  JsonObject result{};
};

// Evaluation is asked again until it has what it needs: nullopt means "after the next round".
template <class T>
using Pending = Result<std::optional<T>>;

// One expectation on one file: its arguments, and access to what they need.
struct Question {
  const DataFile& file;
  Metrics& metrics;
  duckdb::Connection& connection;
  const JsonObject& kwargs;
  std::string filter;  // the row condition as SQL; empty: all rows
  ResultFormat format;

  // Arguments. An absent one is null.
  const Json& argument(std::string_view name) const;
  bool has(std::string_view name) const { return !argument(name).is_null(); }
  bool flag(std::string_view name) const;
  double mostly() const;
  // Errors name the argument.
  Result<std::string> text(std::string_view name) const;
  Result<double> number(std::string_view name) const;
  Result<std::vector<Json>> items(std::string_view name) const;

  // A column that an argument names, or its error in Great Expectations' words.
  Result<const Column*> column(std::string_view argument = "column") const;
  Result<std::vector<const Column*>> columns(std::string_view argument = "column_list") const;

  // `aggregate` over the rows that the row condition lets through and that `where` (may be empty) holds for.
  Result<const duckdb::Value*> scalar(const std::string& aggregate, const std::string& where = {}) const;
  // Row condition and `where` together; empty if both are.
  std::string both(const std::string& where) const;
};

double as_number(const duckdb::Value& value);  // of a boolean, integer or float; else NaN
int64_t as_count(const duckdb::Value& value);  // 0 for NULL
bool is_null(const duckdb::Value& value);
Json as_json(const duckdb::Value& value, Kind kind = Kind::kText);

// --- values of suites as SQL ---

// `value` as SQL that compares with a column of this kind; nullopt if no value of such a column equals it.
std::optional<std::string> comparable(const Json& value, Kind kind);
// A text that begins with an ISO date as an SQL timestamp; nullopt for any other value.
std::optional<std::string> time_literal(const Json& value);
// "(a, b)" of those values that some value of such a column may equal; empty if there are none.
std::string comparable_list(const std::vector<Json>& values, Kind kind);

// A column's values as JSON renders them: dates in ISO form, everything else as it is.
std::string shown(const Column& column);
// The same for an SQL expression of this kind.
std::string time_text(const std::string& time, Kind kind);
// As text, the way Python's str() writes them. `missing`: whether the whole column has missing values, which
// turns pandas' integers into floats.
std::string as_text(const Column& column, bool missing);
// As a number: booleans are 0 and 1.
std::string as_numeric(const Column& column);

}  // namespace penstock::datasets
