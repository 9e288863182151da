#include "datasets/expectations/catalogue.h"

#include <algorithm>
#include <array>

#include "core/text.h"
#include "datasets/expectations/aggregates.h"
#include "datasets/expectations/map_conditions.h"
#include "datasets/expectations/native_checks.h"

namespace penstock::datasets {
namespace {

using enum ParameterType;
using enum Need;

// What every expectation takes besides its own.
constexpr std::array<Parameter, 7> kEverywhere = {{{"result_format"},
                                                   {"catch_exceptions", kFlag},
                                                   {"row_condition"},
                                                   {"condition_parser", kText},
                                                   {"batch_id"},
                                                   {"mostly", kNumber},
                                                   {"include_config", kFlag}}};

constexpr Parameter kOneColumn = {"column", kColumn, kRequired};
constexpr std::array<Parameter, 1> kColumnOnly = {{kOneColumn}};
constexpr std::array<Parameter, 2> kSet = {{kOneColumn, {"value_set", kList}}};
constexpr std::array<Parameter, 5> kBetween = {
    {kOneColumn, {"min_value"}, {"max_value"}, {"strict_min", kFlag}, {"strict_max", kFlag}}};
constexpr std::array<Parameter, 4> kTableBetween = {
    {{"min_value"}, {"max_value"}, {"strict_min", kFlag}, {"strict_max", kFlag}}};
constexpr std::array<Parameter, 1> kValue = {{{"value", kNumber, kRequired}}};
constexpr std::array<Parameter, 2> kColumnValue = {{kOneColumn, {"value", kNumber, kRequired}}};
constexpr std::array<Parameter, 2> kRegex = {{kOneColumn, {"regex", kText, kRequired}}};
constexpr std::array<Parameter, 3> kRegexList = {
    {kOneColumn, {"regex_list", kList, kRequired}, {"match_on", kText}}};
constexpr std::array<Parameter, 3> kLike = {
    {kOneColumn, {"like_pattern", kText, kRequired}, {"escape", kText}}};
constexpr std::array<Parameter, 4> kLikeList = {
    {kOneColumn, {"like_pattern_list", kList, kRequired}, {"match_on", kText}, {"escape", kText}}};
constexpr std::array<Parameter, 2> kType = {{kOneColumn, {"type_", kText}}};
constexpr std::array<Parameter, 2> kTypeList = {{kOneColumn, {"type_list", kList}}};
constexpr std::array<Parameter, 2> kOrder = {{kOneColumn, {"strictly", kFlag}}};
constexpr std::array<Parameter, 3> kScores = {
    {kOneColumn, {"threshold", kNumber, kRequired}, {"double_sided", kFlag}}};
constexpr std::array<Parameter, 3> kOutliers = {{kOneColumn, {"method", kText}, {"multiplier", kNumber}}};
constexpr std::array<Parameter, 2> kFormat = {{kOneColumn, {"strftime_format", kText, kRequired}}};
constexpr std::array<Parameter, 2> kSchema = {{kOneColumn, {"json_schema", kObject, kRequired}}};
constexpr std::array<Parameter, 3> kModes = {{kOneColumn, {"value_set", kList}, {"ties_okay", kFlag}}};
constexpr std::array<Parameter, 3> kQuantiles = {
    {kOneColumn, {"quantile_ranges", kObject, kRequired}, {"allow_relative_error"}}};
constexpr std::array<Parameter, 8> kDivergence = {{kOneColumn,
                                                   {"partition_object", kObject, kRequired},
                                                   {"threshold", kNumber},
                                                   {"tail_weight_holdout", kNumber},
                                                   {"internal_weight_holdout", kNumber},
                                                   {"bucketize_data", kFlag},
                                                   {"min_value"},
                                                   {"max_value"}}};
constexpr Parameter kA = {"column_A", kColumn, kRequired};
constexpr Parameter kB = {"column_B", kColumn, kRequired};
constexpr Parameter kIgnore = {"ignore_row_if", kText};
constexpr std::array<Parameter, 3> kPair = {{kA, kB, kIgnore}};
constexpr std::array<Parameter, 4> kPairGreater = {{kA, kB, {"or_equal", kFlag}, kIgnore}};
constexpr std::array<Parameter, 4> kPairSet = {{kA, kB, {"value_pairs_set", kList}, kIgnore}};
constexpr Parameter kSeveral = {"column_list", kColumns, kRequired};
constexpr std::array<Parameter, 2> kColumnsIgnore = {{kSeveral, kIgnore}};
constexpr std::array<Parameter, 3> kSum = {{kSeveral, {"sum_total", kNumber, kRequired}, kIgnore}};
constexpr std::array<Parameter, 2> kExists = {{{"column", kText, kRequired}, {"column_index", kNumber}}};
constexpr std::array<Parameter, 1> kNames = {{{"column_list", kList}}};
constexpr std::array<Parameter, 2> kNameSet = {{{"column_set", kList}, {"exact_match", kFlag}}};
constexpr std::array<Parameter, 2> kQuery = {
    {{"unexpected_rows_query", kText, kRequired}, {"description", kText}}};
constexpr std::array<Parameter, 1> kOtherTable = {{{"other_table_name", kText, kRequired}}};

// In the order in which people read them: values, texts, several columns, numbers, sets, types, the table.
const ExpectationType kCatalogue[] = {
    {"expect_column_values_to_not_be_null", "No value is missing", kColumnOnly, not_be_null},
    {"expect_column_values_to_be_null", "Every value is missing", kColumnOnly, be_null},
    {"expect_column_values_to_be_unique", "No value occurs twice", kColumnOnly, be_unique},
    {"expect_column_values_to_be_in_set", "Every value is one of a set", kSet, be_in_set},
    {"expect_column_values_to_not_be_in_set", "No value is one of a set", kSet, not_be_in_set},
    {"expect_column_values_to_be_between", "Every value lies between two bounds", kBetween, be_between},
    {"expect_column_values_to_be_increasing", "Each value is at least the one before", kOrder, be_increasing},
    {"expect_column_values_to_be_decreasing", "Each value is at most the one before", kOrder, be_decreasing},
    {"expect_column_value_z_scores_to_be_less_than", "No value is many deviations from the mean", kScores,
     z_scores_less_than},
    {"expect_column_values_to_not_be_outliers", "No value is an outlier (quartiles or deviation)", kOutliers,
     not_be_outliers},
    {"expect_column_value_lengths_to_be_between", "The length of every text lies between two bounds",
     kBetween, lengths_between},
    {"expect_column_value_lengths_to_equal", "Every text has this length", kColumnValue, lengths_equal},
    {"expect_column_values_to_match_regex", "A regular expression is found in every text", kRegex,
     match_regex},
    {"expect_column_values_to_not_match_regex", "A regular expression is found in no text", kRegex,
     not_match_regex},
    {"expect_column_values_to_match_regex_list", "Any or all of several expressions are found", kRegexList,
     match_regex_list},
    {"expect_column_values_to_not_match_regex_list", "None of several expressions is found", kRegexList,
     not_match_regex_list},
    {"expect_column_values_to_match_like_pattern", "Every text fits an SQL LIKE pattern", kLike, match_like},
    {"expect_column_values_to_not_match_like_pattern", "No text fits an SQL LIKE pattern", kLike,
     not_match_like},
    {"expect_column_values_to_match_like_pattern_list", "Any or all of several LIKE patterns fit", kLikeList,
     match_like_list},
    {"expect_column_values_to_not_match_like_pattern_list", "None of several LIKE patterns fits", kLikeList,
     not_match_like_list},
    {"expect_column_values_to_match_strftime_format", "Every text is a time in this format", kFormat,
     match_strftime},
    {"expect_column_values_to_be_dateutil_parseable", "Every text is a date or time of a usual form",
     kColumnOnly, dateutil_parseable},
    {"expect_column_values_to_be_json_parseable", "Every text is JSON", kColumnOnly, json_parseable},
    {"expect_column_values_to_match_json_schema", "Every text is JSON of this schema", kSchema,
     match_json_schema},
    {"expect_column_pair_values_a_to_be_greater_than_b", "A is greater than B in every row", kPairGreater,
     pair_greater},
    {"expect_column_pair_values_to_be_equal", "A equals B in every row", kPair, pair_equal},
    {"expect_column_pair_values_to_be_in_set", "A and B are one of a set of pairs", kPairSet, pair_in_set},
    {"expect_compound_columns_to_be_unique", "No combination of the columns occurs twice", kColumnsIgnore,
     compound_unique},
    {"expect_select_column_values_to_be_unique_within_record", "The columns differ within each row",
     kColumnsIgnore, unique_within_record},
    {"expect_multicolumn_values_to_be_equal", "The columns are equal within each row", kColumnsIgnore,
     multicolumn_equal},
    {"expect_multicolumn_sum_to_equal", "The columns add up to a number in each row", kSum, multicolumn_sum},
    {"expect_column_max_to_be_between", "The greatest value", kBetween, nullptr, max_between},
    {"expect_column_min_to_be_between", "The least value", kBetween, nullptr, min_between},
    {"expect_column_mean_to_be_between", "The mean", kBetween, nullptr, mean_between},
    {"expect_column_median_to_be_between", "The median", kBetween, nullptr, median_between},
    {"expect_column_stdev_to_be_between", "The standard deviation (of a sample)", kBetween, nullptr,
     stdev_between},
    {"expect_column_sum_to_be_between", "The sum", kBetween, nullptr, sum_between},
    {"expect_column_quantile_values_to_be_between", "Quantiles, each within its range", kQuantiles, nullptr,
     quantiles_between},
    {"expect_column_unique_value_count_to_be_between", "How many different values there are", kBetween,
     nullptr, unique_count_between},
    {"expect_column_proportion_of_unique_values_to_be_between", "Different values per value", kBetween,
     nullptr, unique_proportion_between},
    {"expect_column_proportion_of_non_null_values_to_be_between", "Values per row", kBetween, nullptr,
     non_null_proportion_between},
    {"expect_column_distinct_values_to_be_in_set", "Only values of a set occur", kSet, nullptr,
     distinct_in_set},
    {"expect_column_distinct_values_to_contain_set", "All values of a set occur", kSet, nullptr,
     distinct_contain_set},
    {"expect_column_distinct_values_to_equal_set", "Exactly the values of a set occur", kSet, nullptr,
     distinct_equal_set},
    {"expect_column_most_common_value_to_be_in_set", "The most frequent value is one of a set", kModes,
     nullptr, most_common_in_set},
    {"expect_column_kl_divergence_to_be_less_than", "The distribution is near a given one", kDivergence,
     nullptr, kl_divergence_less_than},
    {"expect_column_values_to_be_of_type", "The column has this type", kType, nullptr, be_of_type},
    {"expect_column_values_to_be_in_type_list", "The column has one of these types", kTypeList, nullptr,
     be_in_type_list},
    {"expect_column_type_to_be", "The column has exactly this frame type", kType, nullptr, column_type_to_be},
    {"expect_table_row_count_to_be_between", "How many rows there are", kTableBetween, nullptr,
     row_count_between},
    {"expect_table_row_count_to_equal", "There are this many rows", kValue, nullptr, row_count_equal},
    {"expect_table_row_count_to_equal_other_table", "There are as many rows as in another file", kOtherTable,
     nullptr, row_count_equal_other},
    {"expect_table_column_count_to_be_between", "How many columns there are", kTableBetween, nullptr,
     column_count_between},
    {"expect_table_column_count_to_equal", "There are this many columns", kValue, nullptr,
     column_count_equal},
    {"expect_column_to_exist", "The column is there, at a place if one is given", kExists, nullptr,
     column_exists},
    {"expect_table_columns_to_match_ordered_list", "The columns are these, in this order", kNames, nullptr,
     columns_match_list},
    {"expect_table_columns_to_match_set", "The columns are these, in any order", kNameSet, nullptr,
     columns_match_set},
    {"unexpected_rows_expectation", "An SQL query over {batch} finds no row", kQuery, nullptr,
     unexpected_rows_query},
};

// 0.x' names of what is called otherwise in 1.x.
struct Renamed {
  std::string_view old_name;
  std::string_view name;
};
constexpr std::array<Renamed, 2> kRenamed = {
    {{"expect_column_pair_values_A_to_be_greater_than_B", "expect_column_pair_values_a_to_be_greater_than_b"},
     {"expect_multicolumn_values_to_be_unique", "expect_select_column_values_to_be_unique_within_record"}}};

std::string_view type_text(ParameterType type) {
  switch (type) {
    case kText:
      return "a text";
    case kColumn:
      return "a column's name";
    case kNumber:
      return "a number";
    case kFlag:
      return "true or false";
    case kList:
      return "a list";
    case kColumns:
      return "a list of columns' names";
    case kObject:
      return "an object";
    case kAny:
      break;
  }
  return "anything";
}

bool fits(ParameterType type, const Json& value) {
  switch (type) {
    case kText:
    case kColumn:
      return value.is_string();
    case kNumber:
      return value.is_number();
    case kFlag:
      return value.is_bool();
    case kList:
    case kColumns:
      return value.is_array();
    case kObject:
      return value.is_object();
    case kAny:
      break;
  }
  return true;
}

const Parameter* find_parameter(const ExpectationType& type, std::string_view name) {
  for (std::span<const Parameter> list : {type.parameters, std::span<const Parameter>(kEverywhere)}) {
    auto found = std::ranges::find(list, name, &Parameter::name);
    if (found != list.end()) return &*found;
  }
  return nullptr;
}

Error unknown_argument(const ExpectationType& type, std::string_view name) {
  std::vector<std::string_view> known;
  for (const Parameter& parameter : type.parameters) known.push_back(parameter.name);
  for (const Parameter& parameter : kEverywhere) known.push_back(parameter.name);
  std::string what = std::string(type.name) + " takes no '" + std::string(name) + "'";
  if (std::string_view guess = nearest(name, known); !guess.empty()) {
    what += "; did you mean '" + std::string(guess) + "'?";
  }
  return Error::invalid(std::string(name), what);
}

}  // namespace

std::span<const ExpectationType> catalogue() { return kCatalogue; }

const ExpectationType* find_expectation(std::string_view name) {
  auto found = std::ranges::find(kCatalogue, current_name(name), &ExpectationType::name);
  return found == std::end(kCatalogue) ? nullptr : found;
}

std::string_view current_name(std::string_view name) {
  auto found = std::ranges::find(kRenamed, name, &Renamed::old_name);
  return found == kRenamed.end() ? name : found->name;
}

std::string_view full_name(std::string_view short_name) {
  for (std::string_view start :
       {"", "expect_column_values_to_", "expect_column_", "expect_table_", "expect_"}) {
    if (const ExpectationType* found = find_expectation(std::string(start) + std::string(short_name))) {
      return found->name;
    }
  }
  return {};
}

Result<void> check_arguments(const ExpectationType& type, const JsonObject& kwargs) {
  for (const auto& [name, value] : kwargs) {
    const Parameter* parameter = find_parameter(type, name);
    if (parameter == nullptr) return Failure(unknown_argument(type, name));
    if (value.is_null() || fits(parameter->type, value)) continue;
    return Failure(Error::invalid(std::string(name),
                                  std::string(name) + " must be " + std::string(type_text(parameter->type))));
  }
  for (const Parameter& parameter : type.parameters) {
    if (parameter.need == kOptional) continue;
    auto found = kwargs.find(parameter.name);
    if (found != kwargs.end() && !found->value().is_null()) continue;
    return Failure(Error::invalid(std::string(parameter.name),
                                  std::string(type.name) + " needs '" + std::string(parameter.name) +
                                      "': " + std::string(type_text(parameter.type))));
  }
  return {};
}

}  // namespace penstock::datasets
