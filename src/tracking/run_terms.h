#pragma once

#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/result.h"
#include "tracking/search_terms.h"
#include "tracking/sql_text.h"

// The words of run searches: which entities, keys, comparators and values there are, and their SQL over
// tracking_runs AS r.
namespace penstock::tracking {

// One checked comparison.
struct RunTerm {
  enum class Kind : uint8_t { kAttribute, kMetric, kParam, kTag, kDataset };
  Kind kind = Kind::kAttribute;
  std::string key;         // of metrics, params, tags
  std::string column;      // of attributes and datasets: "r.status", "x.name"
  std::string comparator;  // "=", "LIKE", "NOT IN", "IS NULL"
  database::Value value;
  std::vector<std::string> items{};  // of IN and NOT IN
};

struct RunOrder {
  RunTerm::Kind kind = RunTerm::Kind::kAttribute;
  std::string key;
  std::string column;
  bool ascending = true;
};

inline constexpr size_t kOrdersMax = 16;

// kInvalidArgument in MLflow's words.
Result<std::vector<RunTerm>> parse_run_filter(std::string_view filter);
Result<std::vector<RunOrder>> parse_run_orders(std::span<const std::string> orders);

// The condition of a term; `on_driving`: its metric is that of the table d, which is there already.
void add_term(SqlText& sql, const RunTerm& term, bool on_driving);
// " LEFT JOIN ... AS <table> ON ...": the value that an order sorts by.
void add_order_join(SqlText& sql, const RunOrder& order, std::string_view table);
SortColumn sort_column(const RunOrder& order, std::string_view table);

}  // namespace penstock::tracking
