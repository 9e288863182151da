#include "observability/traces/trace_search.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <span>
#include <utility>

#include "core/json.h"
#include "core/json_writer.h"
#include "core/text.h"
#include "observability/traces/sql_text.h"
#include "observability/traces/trace_filter.h"
#include "observability/traces/trace_store.h"
#include "observability/traces/traces.h"

namespace penstock::traces {
namespace {

using database::Connection;
using database::Row;

constexpr double kJeffreysPrior = 0.5;

// Where a page begins.
struct Start {
  int64_t offset = 0;
  std::optional<int64_t> time_ms;  // after this trace, in the default order
  std::string trace_id;
};

Failure invalid_token() {
  return Failure(Error::invalid("page_token", "Invalid page token, could not base64-decode"));
}

Result<Start> read_token(const std::string& token) {
  Start start;
  if (token.empty()) return start;
  std::optional<std::string> text = decode_base64url(token);
  if (!text) return invalid_token();
  Result<Json> value = parse_json(*text);
  if (!value || !value->is_object()) return invalid_token();
  start.offset = int_at(*value, "offset");
  start.trace_id = string_at(*value, "id");
  if (!start.trace_id.empty()) start.time_ms = int_at(*value, "time");
  if (start.offset < 0 || (start.offset == 0 && !start.time_ms)) return invalid_token();
  return start;
}

std::string encode(JsonWriter& json) {
  std::string text = json.take();
  return base64url(std::as_bytes(std::span(text)));
}

std::string next_token(const TraceSearch& search, const Start& start, const TraceRow& last) {
  JsonWriter json;
  json.begin_object();
  if (search.order_by.empty()) {
    json.field("time", last.request_time_ms).field("id", last.trace_id);
  } else {
    json.field("offset", start.offset + search.results_max);
  }
  json.end_object();
  return encode(json);
}

Result<std::vector<int64_t>> experiment_numbers(const std::vector<std::string>& ids) {
  if (ids.size() > kSearchExperimentsMax) {
    return Failure(Error::invalid("experiment_ids", "at most " + std::to_string(kSearchExperimentsMax) +
                                                        " experiments can be searched at once"));
  }
  std::vector<int64_t> numbers;
  for (const std::string& id : ids) {
    ASSIGN_OR_RETURN(numbers.emplace_back(), experiment_number(id));
  }
  return numbers;
}

void add_experiments(SqlText& sql, const std::vector<int64_t>& experiments) {
  sql.add(" FROM trace_infos t WHERE t.experiment_id");
  if (experiments.size() == 1) {
    sql.add(" = ").bind(experiments[0]);
  } else {
    sql.add(" IN ").bind_list(experiments);
  }
}

Result<SqlText> search_sql(const TraceSearch& search, const std::vector<int64_t>& experiments,
                           const Start& start) {
  SqlText sql("SELECT ");
  sql.add(kTraceColumns);
  add_experiments(sql, experiments);
  if (start.time_ms && search.order_by.empty()) {
    sql.add(" AND (t.request_time_ms < ")
        .bind(*start.time_ms)
        .add(" OR (t.request_time_ms = ")
        .bind(*start.time_ms);
    sql.add(" AND t.trace_id > ").bind(start.trace_id).add("))");
  }
  RETURN_IF_ERROR(add_filter(sql, search.filter));
  RETURN_IF_ERROR(add_order(sql, search.order_by));
  sql.add(" LIMIT ").bind(search.results_max);
  if (start.offset > 0) sql.add(" OFFSET ").bind(start.offset);
  return sql;
}

// Counts of traces that match all of these filters.
Result<int64_t> count(Connection& connection, const std::vector<int64_t>& experiments,
                      std::span<const std::string_view> filters) {
  SqlText sql("SELECT COUNT(*)");
  add_experiments(sql, experiments);
  for (std::string_view filter : filters) RETURN_IF_ERROR(add_filter(sql, filter));
  int64_t found = 0;
  RETURN_IF_ERROR(connection.query(sql.text(), sql.values(), [&](const Row& row) {
    found = row.integer(0);
    return false;
  }));
  return found;
}

// Of a 2x2 table, with `prior` added to each cell.
double npmi(const FilterCorrelation& counts, double prior) {
  constexpr double kUndefined = std::numeric_limits<double>::quiet_NaN();
  auto both = static_cast<double>(counts.joint);
  double only_first = static_cast<double>(counts.first) - both;
  double only_second = static_cast<double>(counts.second) - both;
  double neither = static_cast<double>(counts.total) - both - only_first - only_second;
  if (counts.total <= 0 || counts.first == 0 || counts.second == 0) return kUndefined;
  if (std::min({both, only_first, only_second, neither}) < 0) return kUndefined;
  if (prior == 0 && counts.joint == 0) return -1;
  if (only_first == 0 && only_second == 0 && neither == 0) return 1;
  double n = counts.total + 4 * prior;
  double first = both + only_first + 2 * prior;
  double second = both + only_second + 2 * prior;
  double information = (std::log(both + prior) + std::log(n)) - (std::log(first) + std::log(second));
  return std::clamp(information / (std::log(n) - std::log(both + prior)), -1.0, 1.0);
}

}  // namespace

Task<Result<TracePage>> search_traces(database::Database& database, TraceSearch search) {
  search.results_max = std::min(search.results_max, kSearchResultsMax);
  ASSIGN_OR_CO_RETURN(std::vector<int64_t> experiments, experiment_numbers(search.experiment_ids));
  ASSIGN_OR_CO_RETURN(Start start, read_token(search.page_token));
  if (experiments.empty() || search.results_max < 1) co_return TracePage{};
  ASSIGN_OR_CO_RETURN(SqlText sql, search_sql(search, experiments, start));
  auto work = [search, sql, start](Connection& connection) -> Result<TracePage> {
    ASSIGN_OR_RETURN(std::vector<TraceRow> rows,
                     database::rows<TraceRow>(connection, sql.text(), sql.values(), read_trace_row));
    TracePage page;
    ASSIGN_OR_RETURN(page.traces, read_infos(connection, rows));
    if (std::cmp_equal(rows.size(), search.results_max))
      page.next_page_token = next_token(search, start, rows.back());
    return page;
  };
  co_return co_await database.read<TracePage>(std::move(work));
}

Task<Result<FilterCorrelation>> correlate_filters(database::Database& database,
                                                  std::vector<std::string> experiment_ids, std::string first,
                                                  std::string second, std::string base) {
  ASSIGN_OR_CO_RETURN(std::vector<int64_t> experiments, experiment_numbers(experiment_ids));
  if (experiments.empty())
    co_return Failure(Error::invalid("experiment_ids", "experiment_ids must not be empty"));
  auto work = [experiments, first, second, base](Connection& connection) -> Result<FilterCorrelation> {
    FilterCorrelation found;
    const std::array<std::string_view, 3> filters = {base, first, second};
    const std::array<std::string_view, 2> base_and_second = {base, second};
    std::span<const std::string_view> all(filters);
    ASSIGN_OR_RETURN(found.total, count(connection, experiments, all.first(1)));
    ASSIGN_OR_RETURN(found.first, count(connection, experiments, all.first(2)));
    ASSIGN_OR_RETURN(found.second, count(connection, experiments, base_and_second));
    ASSIGN_OR_RETURN(found.joint, count(connection, experiments, all));
    found.npmi = npmi(found, 0);
    found.npmi_smoothed = npmi(found, kJeffreysPrior);
    return found;
  };
  co_return co_await database.read<FilterCorrelation>(std::move(work));
}

}  // namespace penstock::traces
