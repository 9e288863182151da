#include "datasets/expectations/profile.h"

#include <cmath>

#include "datasets/expectations/metrics.h"
#include "datasets/expectations/question.h"

namespace penstock::datasets {
namespace {

using duckdb::identifier;

constexpr size_t kCategoriesMax = 20;      // more different values are no set
constexpr double kCategoryShareMax = 0.2;  // of rows; more different values may be chance

// Numbers of one column, in the order in which `column_aggregates` asks for them.
struct Facts {
  double values = 0;
  double distinct = 0;  // estimated
  duckdb::Value low{};
  duckdb::Value high{};
};

std::vector<std::string> column_aggregates(const Column& column) {
  std::string name = identifier(column.name);
  bool text = column.kind == Kind::kText;
  bool ranged = column.kind == Kind::kInteger || column.kind == Kind::kFloat;
  std::string measured = text ? "length(" + name + ")" : name;
  return {"count(" + name + ")", "approx_count_distinct(" + name + ")",
          text || ranged ? "min(" + measured + ")" : "NULL",
          text || ranged ? "max(" + measured + ")" : "NULL"};
}

Result<std::vector<Facts>> gather(Metrics& metrics, const DataFile& file) {
  std::vector<Facts> out;
  for (int round = 0; round < 2; ++round) {
    out.clear();
    for (const Column& column : file.columns) {
      std::vector<duckdb::Value> answers;
      for (const std::string& aggregate : column_aggregates(column)) {
        ASSIGN_OR_RETURN(const auto* answer, metrics.scalar("data", aggregate));
        answers.push_back(answer == nullptr ? duckdb::Value() : *answer);
      }
      out.push_back({as_number(answers[0]), as_number(answers[1]), answers[2], answers[3]});
    }
    if (round == 0) RETURN_IF_ERROR(metrics.run_round());
  }
  return out;
}

void add(Suite& suite, std::string_view type, JsonObject kwargs) {
  suite.expectations.push_back({.type = std::string(type), .kwargs = std::move(kwargs)});
}

// The values themselves where they are few, and whether none repeats where that is likely: exact, by
// grouping.
Result<void> add_distinct(Suite& suite, Metrics& metrics, const Column& column, const Facts& facts) {
  bool countable = column.kind != Kind::kFloat && column.kind != Kind::kNested && facts.values > 0;
  bool few = facts.distinct <= static_cast<double>(kCategoriesMax) &&
             facts.distinct < facts.values * kCategoryShareMax;
  bool many = facts.distinct > facts.values * 0.9;
  if (!countable || (!few && !many)) return {};
  std::string name = identifier(column.name);
  std::string present = name + " IS NOT NULL";
  RETURN_IF_ERROR(metrics.groups({name}, present));
  RETURN_IF_ERROR(metrics.run_round());
  ASSIGN_OR_RETURN(const std::string* table, metrics.groups({name}, present));
  std::string select = "SELECT ";
  select += shown(Column{.name = "k0", .kind = column.kind, .frame_type = {}}) + " FROM " + *table +
            " ORDER BY k0 LIMIT " + std::to_string(kCategoriesMax + 1);
  RETURN_IF_ERROR(metrics.scalar(*table, "max(n)"));
  RETURN_IF_ERROR(metrics.list(select, kCategoriesMax + 1));
  RETURN_IF_ERROR(metrics.run_round());
  ASSIGN_OR_RETURN(const auto* most, metrics.scalar(*table, "max(n)"));
  ASSIGN_OR_RETURN(const auto* rows, metrics.list(select, kCategoriesMax + 1));
  if (many && as_number(*most) == 1)
    add(suite, "expect_column_values_to_be_unique", {{"column", column.name}});
  bool plain = column.kind == Kind::kText || column.kind == Kind::kInteger || column.kind == Kind::kBoolean;
  if (!few || !plain || rows->size() > kCategoriesMax) return {};
  JsonArray values;
  for (const Row& row : *rows) values.push_back(as_json(row[0], column.kind));
  add(suite, "expect_column_values_to_be_in_set",
      {{"column", column.name}, {"value_set", std::move(values)}});
  return {};
}

void add_range(Suite& suite, const Column& column, const Facts& facts) {
  if (is_null(facts.low) || is_null(facts.high)) return;
  std::string_view type = column.kind == Kind::kText ? "expect_column_value_lengths_to_be_between"
                                                     : "expect_column_values_to_be_between";
  add(suite, type,
      {{"column", column.name}, {"min_value", as_json(facts.low)}, {"max_value", as_json(facts.high)}});
}

void add_missing(Suite& suite, const Column& column, const Facts& facts, double rows) {
  if (facts.values == rows) {
    add(suite, "expect_column_values_to_not_be_null", {{"column", column.name}});
    return;
  }
  double share = std::floor(facts.values / rows * 100) / 100;
  if (share == 0) return;
  add(suite, "expect_column_values_to_not_be_null", {{"column", column.name}, {"mostly", share}});
}

}  // namespace

Result<Suite> profile(duckdb::Connection& connection, const FileOptions& options) {
  ASSIGN_OR_RETURN(DataFile file, DataFile::open(connection, options));
  Metrics metrics(connection);
  RETURN_IF_ERROR(metrics.scalar("data", "count(*)"));
  ASSIGN_OR_RETURN(std::vector<Facts> facts, gather(metrics, file));
  ASSIGN_OR_RETURN(const auto* rows, metrics.scalar("data", "count(*)"));
  Suite suite{.name = "profile"};
  JsonArray names;
  for (const Column& column : file.columns) names.emplace_back(boost::json::string(column.name));
  add(suite, "expect_table_columns_to_match_ordered_list", {{"column_list", std::move(names)}});
  if (as_count(*rows) == 0) return suite;
  add(suite, "expect_table_row_count_to_be_between", {{"min_value", 1}});
  for (size_t i = 0; i < file.columns.size(); ++i) {
    add_missing(suite, file.columns[i], facts[i], as_number(*rows));
    RETURN_IF_ERROR(add_distinct(suite, metrics, file.columns[i], facts[i]));
    add_range(suite, file.columns[i], facts[i]);
  }
  return suite;
}

}  // namespace penstock::datasets
