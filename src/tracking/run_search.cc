#include "tracking/run_search.h"

#include <algorithm>
#include <array>
#include <optional>

#include "core/filter_expression.h"
#include "core/page_token.h"
#include "tracking/checks.h"
#include "tracking/experiments.h"
#include "tracking/run_data.h"
#include "tracking/run_terms.h"
#include "tracking/runs.h"
#include "tracking/search_terms.h"

namespace penstock::tracking {
namespace {

using database::Connection;
using database::Row;

constexpr int kRunColumnCount = 10;

void add_experiments(SqlText& sql, std::string_view column, std::span<const int64_t> experiments) {
  sql.add(column).add(" IN (");
  for (size_t i = 0; i < experiments.size(); ++i) {
    if (i > 0) sql.add(", ");
    sql.value(experiments[i]);
  }
  sql.add(")");
}

// The metric whose range is read first: one that every run found must have, that of the first order if
// possible.
std::optional<std::string> driving_metric(std::span<const RunTerm> terms, std::span<const RunOrder> orders) {
  auto filtered = [&](const std::string& key) {
    return std::ranges::any_of(
        terms, [&](const RunTerm& term) { return term.kind == RunTerm::Kind::kMetric && term.key == key; });
  };
  if (!orders.empty() && orders[0].kind == RunTerm::Kind::kMetric && filtered(orders[0].key))
    return orders[0].key;
  for (const RunTerm& term : terms) {
    if (term.kind == RunTerm::Kind::kMetric) return term.key;
  }
  return std::nullopt;
}

// Whether the order's values are those of the driving metric, and so in the table d.
bool is_driving(const RunOrder& order, const std::optional<std::string>& driving) {
  return order.kind == RunTerm::Kind::kMetric && driving == order.key;
}

std::string table_of(std::span<const RunOrder> orders, size_t i, const std::optional<std::string>& driving) {
  return is_driving(orders[i], driving) ? "d" : "o" + std::to_string(i);
}

std::vector<SortColumn> sort_columns(std::span<const RunOrder> orders,
                                     const std::optional<std::string>& driving) {
  std::vector<SortColumn> columns;
  for (size_t i = 0; i < orders.size(); ++i)
    columns.push_back(sort_column(orders[i], table_of(orders, i, driving)));
  if (std::ranges::find(orders, "r.start_time_ms", &RunOrder::column) == orders.end()) {
    columns.push_back({.expression = "r.start_time_ms", .ascending = false});
  }
  columns.push_back({.expression = "r.run_id", .type = SortColumn::Type::kText});
  return columns;
}

// FROM and the joins that orders need.
void add_sources(SqlText& sql, std::span<const RunOrder> orders, const std::optional<std::string>& driving) {
  sql.add(driving ? " FROM tracking_latest_metrics AS d CROSS JOIN tracking_runs AS r"
                  : " FROM tracking_runs AS r");
  for (size_t i = 0; i < orders.size(); ++i) {
    if (orders[i].kind == RunTerm::Kind::kAttribute || is_driving(orders[i], driving)) continue;
    add_order_join(sql, orders[i], table_of(orders, i, driving));
  }
}

struct Statement {
  SqlText sql;
  std::vector<SortColumn> columns;
};

Result<Statement> statement_of(const RunSearch& search, std::span<const int64_t> experiments) {
  ASSIGN_OR_RETURN(auto terms, parse_run_filter(search.filter));
  ASSIGN_OR_RETURN(auto orders, parse_run_orders(search.order_by));
  std::optional<std::string> driving = driving_metric(terms, orders);
  Statement out{.sql = {}, .columns = sort_columns(orders, driving)};
  SqlText& sql = out.sql;
  sql.add("SELECT ").add(kRunColumns);
  add_sort_values(sql, out.columns);
  add_sources(sql, orders, driving);
  sql.add(" WHERE ");
  if (driving) {
    add_experiments(sql, "d.experiment", experiments);
    sql.add(" AND d.key = ").value(*driving).add(" AND r.id = d.run AND ");
  }
  add_experiments(sql, "r.experiment", experiments);
  if (search.view != View::kAll) {
    sql.add(search.view == View::kActiveOnly ? " AND r.deleted = 0" : " AND r.deleted = 1");
  }
  for (const RunTerm& term : terms) {
    sql.add(" AND ");
    add_term(sql, term, driving && term.kind == RunTerm::Kind::kMetric && term.key == *driving);
  }
  if (!search.page_token.empty()) RETURN_IF_ERROR(add_after(sql, out.columns, search.page_token));
  add_order(sql, out.columns);
  sql.add(" LIMIT ").value(search.max_results + 1);
  return out;
}

Result<std::vector<int64_t>> experiment_rows(std::span<const std::string> ids) {
  if (ids.size() > kSearchExperimentsMax) {
    return Failure(Error::invalid(
        "experiment_ids",
        "A search may name at most " + std::to_string(kSearchExperimentsMax) + " experiments."));
  }
  std::vector<int64_t> rows;
  for (const std::string& id : ids) {
    ASSIGN_OR_RETURN(rows.emplace_back(), experiment_row(id));
  }
  std::ranges::sort(rows);
  rows.erase(std::ranges::unique(rows).begin(), rows.end());
  return rows;
}

}  // namespace

Result<Page<Run>> search_runs(Connection& connection, const RunSearch& search) {
  RETURN_IF_ERROR(check_max_results(search.max_results));
  ASSIGN_OR_RETURN(auto experiments, experiment_rows(search.experiment_ids));
  ASSIGN_OR_RETURN(Statement statement, statement_of(search, experiments));
  Page<Run> page;
  if (experiments.empty()) return page;
  std::vector<int64_t> rows;
  JsonArray last;
  auto limit = static_cast<size_t>(search.max_results);
  bool more = false;
  RETURN_IF_ERROR(connection.query(statement.sql.text(), statement.sql.values(), [&](const Row& row) {
    if (rows.size() == limit) {
      more = true;
      return false;
    }
    rows.push_back(row.integer(0));
    page.items.push_back(Run{.info = read_run_info(row)});
    if (rows.size() == limit) last = sort_values(row, kRunColumnCount, statement.columns);
    return true;
  }));
  if (more) page.next_page_token = make_page_token(last);
  RETURN_IF_ERROR(load_run_data(connection, rows, page.items));
  return page;
}

}  // namespace penstock::tracking
