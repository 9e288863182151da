#include "observability/traces/trace_metrics.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <map>
#include <set>
#include <span>

#include <fmt/format.h>

#include "core/filter_expression.h"
#include "observability/traces/sql_text.h"
#include "observability/traces/summary.h"
#include "observability/traces/trace.h"
#include "observability/traces/traces.h"

namespace penstock::traces {
namespace {

using database::Connection;
using database::Row;

// How a row's value is read.
enum class ValueKind : uint8_t { kOne, kNumber, kText, kTokens, kCost };

using Names = std::span<const std::string_view>;

struct Metric {
  MetricView view;
  std::string_view name;
  ValueKind kind;
  std::string_view sql;
  Names aggregations;
  Names dimensions;
  size_t member = 0;  // of Amounts
};

constexpr std::string_view kCount[] = {"COUNT"};
constexpr std::string_view kMeasures[] = {"AVG", "MAX", "MIN", "PERCENTILE"};
constexpr std::string_view kAmounts[] = {"AVG", "MAX", "MIN", "PERCENTILE", "SUM"};
constexpr std::string_view kTraceNameAndStatus[] = {"trace_name", "trace_status"};
constexpr std::string_view kTraceName[] = {"trace_name"};
constexpr std::string_view kSpanAll[] = {"span_model_name", "span_model_provider", "span_name", "span_status",
                                         "span_type"};
constexpr std::string_view kSpanNameAndStatus[] = {"span_name", "span_status"};
constexpr std::string_view kSpanModel[] = {"span_model_name", "span_model_provider"};
constexpr std::string_view kAssessmentNameAndValue[] = {"assessment_name", "assessment_value"};
constexpr std::string_view kAssessmentName[] = {"assessment_name"};

constexpr MetricView kT = MetricView::kTraces;
constexpr MetricView kS = MetricView::kSpans;
constexpr MetricView kA = MetricView::kAssessments;
constexpr std::array kMetrics = {
    Metric{kT, "trace_count", ValueKind::kOne, "1", kCount, kTraceNameAndStatus},
    Metric{kT, "session_count", ValueKind::kText, "t.session", kCount, {}},
    Metric{kT, "latency", ValueKind::kNumber, "t.execution_ms", kMeasures, kTraceName},
    Metric{kT, "input_tokens", ValueKind::kTokens, "m.value", kAmounts, kTraceName, 0},
    Metric{kT, "output_tokens", ValueKind::kTokens, "m.value", kAmounts, kTraceName, 1},
    Metric{kT, "total_tokens", ValueKind::kTokens, "m.value", kAmounts, kTraceName, 2},
    Metric{kT, "cache_read_input_tokens", ValueKind::kTokens, "m.value", kAmounts, kTraceName, 3},
    Metric{kT, "cache_creation_input_tokens", ValueKind::kTokens, "m.value", kAmounts, kTraceName, 4},
    Metric{kS, "span_count", ValueKind::kOne, "1", kCount, kSpanAll},
    Metric{kS, "latency", ValueKind::kNumber, "(s.end_ns - s.start_ns) / 1000000", kMeasures,
           kSpanNameAndStatus},
    Metric{kS, "input_cost", ValueKind::kCost, "s.cost", kAmounts, kSpanModel, 0},
    Metric{kS, "output_cost", ValueKind::kCost, "s.cost", kAmounts, kSpanModel, 1},
    Metric{kS, "total_cost", ValueKind::kCost, "s.cost", kAmounts, kSpanModel, 2},
    Metric{kA, "assessment_count", ValueKind::kOne, "1", kCount, kAssessmentNameAndValue},
    Metric{kA, "assessment_value", ValueKind::kNumber, "a.number", kMeasures, kAssessmentName}};

struct Column {
  std::string_view name;
  std::string_view sql;
};
constexpr std::array kDimensions = {Column{"trace_name", "t.name"},
                                    Column{"trace_status", "t.status"},
                                    Column{"span_name", "s.name"},
                                    Column{"span_type", "NULLIF(s.type, '')"},
                                    Column{"span_status", "s.status"},
                                    Column{"span_model_name", "s.model"},
                                    Column{"span_model_provider", "s.provider"},
                                    Column{"assessment_name", "a.name"},
                                    Column{"assessment_value", "a.value"}};

Failure invalid(std::string message) { return Failure(Error::invalid("", std::move(message))); }

std::string listed(Names names) {
  std::string out = "[";
  for (std::string_view name : names) out.append(out.size() > 1 ? ", '" : "'").append(name).append("'");
  return out + "]";
}

Result<const Metric*> find_metric(const MetricsQuery& query) {
  std::vector<std::string_view> known;
  for (const Metric& metric : kMetrics) {
    if (metric.view == query.view && metric.name == query.metric) return &metric;
    if (metric.view == query.view) known.push_back(metric.name);
  }
  return invalid("metric_name must be one of " + listed(known) + ", got '" + query.metric + "'");
}

Result<void> check(const MetricsQuery& query, const Metric& metric) {
  for (const Aggregation& aggregation : query.aggregations) {
    if (std::ranges::find(metric.aggregations, aggregation.type) == metric.aggregations.end()) {
      return invalid("Found invalid aggregation_type(s): ['" + aggregation.type +
                     "']. Supported aggregation types: " + listed(metric.aggregations));
    }
    if (aggregation.percentile < 0 || aggregation.percentile > 100) {
      return invalid("percentile_value must be between 0 and 100");
    }
  }
  for (const std::string& dimension : query.dimensions) {
    if (std::ranges::find(metric.dimensions, dimension) == metric.dimensions.end()) {
      return invalid("Found invalid dimension(s): ['" + dimension +
                     "']. Supported dimensions: " + listed(metric.dimensions));
    }
  }
  if (query.interval_s && (!query.start_ms || !query.end_ms || *query.interval_s < 1)) {
    return invalid("start_time_ms and end_time_ms are required if time_interval_seconds is set");
  }
  return {};
}

Result<void> add_trace_filter(SqlText& sql, std::string_view key, std::string value) {
  if (key == "status") {
    sql.add(" AND t.status = ").bind(std::move(value));
    return {};
  }
  bool tag = key.starts_with("tag.");
  if (!tag && !key.starts_with("metadata.")) {
    return invalid("Invalid entity '" + std::string(key) +
                   "' specified for view type 'trace'. Valid entities are "
                   "['status', 'tag', 'metadata']");
  }
  std::string name(key.substr(key.find('.') + 1));
  bool quoted = name.size() > 1 && name.front() == '`' && name.back() == '`';
  if (quoted) name = name.substr(1, name.size() - 2);
  if (tag && name == kNameTag) {
    sql.add(" AND t.name = ").bind(std::move(value));
  } else if (!tag && name == kSessionKey) {
    sql.add(" AND t.session = ").bind(std::move(value));
  } else {
    sql.add(tag ? " AND (EXISTS (SELECT 1 FROM trace_tags e WHERE e.trace = t.id AND e.key = "
                : " AND (EXISTS (SELECT 1 FROM trace_metadata e WHERE e.trace = t.id AND e.key = ");
    sql.bind(name).add(" AND e.value = ").bind(value).add(")");
    if (!tag && name == kSourceRunKey) {
      sql.add(
          " OR EXISTS (SELECT 1 FROM trace_links l WHERE l.trace = t.id AND l.kind = 'run' AND l.target = ");
      sql.bind(value).add(")");
    }
    sql.add(")");
  }
  return {};
}

Result<void> add_filter(SqlText& sql, MetricView view, const std::string& filter) {
  ASSIGN_OR_RETURN(std::vector<FilterClause> clauses, parse_filter(filter));
  if (clauses.size() != 1) return invalid("Invalid filter: '" + filter + "'. Expected one filter clause.");
  const FilterClause& clause = clauses.front();
  if (clause.comparator != "=") {
    return invalid("Invalid comparator: '" + clause.comparator + "', only '=' operator is supported");
  }
  ASSIGN_OR_RETURN(std::string value,
                   filter_text(clause.value, "Expected a quoted string value. Got value "));
  if (clause.entity == "trace") return add_trace_filter(sql, clause.key, std::move(value));
  constexpr std::array kSpanKeys = {Column{"name", " AND s.name = "}, Column{"status", " AND s.status = "},
                                    Column{"type", " AND s.type = "}};
  constexpr std::array kAssessmentKeys = {Column{"name", " AND a.name = "}, Column{"type", " AND a.kind = "}};
  std::span<const Column> keys;
  if (clause.entity == "span" && view == MetricView::kSpans) keys = kSpanKeys;
  if (clause.entity == "assessment" && view == MetricView::kAssessments) keys = kAssessmentKeys;
  if (keys.empty()) {
    return invalid("Filtering by '" + clause.entity + "' is not supported for this view type");
  }
  auto column = std::ranges::find(keys, std::string_view(clause.key), &Column::name);
  if (column == keys.end()) return invalid("Invalid entity '" + clause.key + "' specified");
  sql.add(column->sql).bind(std::move(value));
  return {};
}

// Columns: time, value, dimensions.
Result<SqlText> metrics_sql(const MetricsQuery& query, const Metric& metric) {
  std::string_view time = query.view == MetricView::kSpans ? "s.start_ns / 1000000" : "t.request_time_ms";
  SqlText sql("SELECT ");
  sql.add(time).add(", ").add(metric.sql);
  for (const std::string& dimension : query.dimensions) {
    sql.add(", ").add(std::ranges::find(kDimensions, std::string_view(dimension), &Column::name)->sql);
  }
  sql.add(" FROM trace_infos t");
  if (query.view == MetricView::kSpans) sql.add(" JOIN trace_spans s ON s.trace = t.id");
  if (query.view == MetricView::kAssessments)
    sql.add(" JOIN trace_assessments a ON a.trace = t.id AND a.valid = 1");
  if (metric.kind == ValueKind::kTokens) {
    sql.add(" JOIN trace_metadata m ON m.trace = t.id AND m.key = ").bind(std::string(kTokenUsageKey));
  }
  std::vector<int64_t> experiments;
  for (const std::string& id : query.experiment_ids) {
    ASSIGN_OR_RETURN(experiments.emplace_back(), experiment_number(id));
  }
  sql.add(" WHERE t.experiment_id IN ").bind_list(experiments);
  if (query.start_ms) sql.add(" AND ").add(time).add(" >= ").bind(*query.start_ms);
  if (query.end_ms) sql.add(" AND ").add(time).add(" < ").bind(*query.end_ms);
  for (const std::string& filter : query.filters) RETURN_IF_ERROR(add_filter(sql, query.view, filter));
  return sql;
}

struct Group {
  int64_t count = 0;
  double sum = 0;
  double least = 0;
  double greatest = 0;
  std::vector<double> all;         // only where a percentile is asked for
  std::set<std::string> distinct;  // only of texts

  void add(double value, bool keep) {
    least = count == 0 ? value : std::min(least, value);
    greatest = count == 0 ? value : std::max(greatest, value);
    ++count;
    sum += value;
    if (keep) all.push_back(value);
  }
};

double percentile(std::vector<double>& values, double percent) {
  std::ranges::sort(values);
  double at = percent / 100 * static_cast<double>(values.size() - 1);
  auto low = static_cast<size_t>(at);
  size_t high = std::min(low + 1, values.size() - 1);
  return values[low] + (at - static_cast<double>(low)) * (values[high] - values[low]);
}

std::string label(const Aggregation& aggregation) {
  if (aggregation.type != "PERCENTILE") return aggregation.type;
  std::string text = "P";
  append_double(text, aggregation.percentile);
  return text;
}

double aggregate(Group& group, const Aggregation& aggregation) {
  if (aggregation.type == "COUNT") {
    return static_cast<double>(group.distinct.empty() ? group.count
                                                      : static_cast<int64_t>(group.distinct.size()));
  }
  if (aggregation.type == "SUM") return group.sum;
  if (aggregation.type == "AVG") return group.sum / static_cast<double>(group.count);
  if (aggregation.type == "MIN") return group.least;
  if (aggregation.type == "MAX") return group.greatest;
  return percentile(group.all, aggregation.percentile);
}

std::string bucket_text(int64_t ms) {
  std::chrono::sys_seconds time{std::chrono::seconds(ms / 1000)};
  auto day = std::chrono::floor<std::chrono::days>(time);
  std::chrono::year_month_day date(day);
  int64_t second = (time - day).count();
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}+00:00", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), second / 3600,
                     second / 60 % 60, second % 60);
}

using Key = std::pair<int64_t, std::vector<std::string>>;

class Collector {
 public:
  Collector(const MetricsQuery& query, const Metric& metric) : query_(query), metric_(metric) {
    keep_ =
        std::ranges::any_of(query.aggregations, [](const Aggregation& a) { return a.type == "PERCENTILE"; });
  }

  // False once there are too many rows.
  bool add(const Row& row) {
    if (++rows_ > kMetricRowsMax) return false;
    if (row.is_null(1)) return true;
    Key key;
    if (query_.interval_s) key.first = bucket_of(row.integer(0));
    for (size_t i = 0; i < query_.dimensions.size(); ++i) {
      int column = static_cast<int>(i) + 2;
      if (row.is_null(column)) return true;
      key.second.emplace_back(row.text(column));
    }
    if (metric_.kind == ValueKind::kText) {
      Group& group = groups_[std::move(key)];
      ++group.count;
      group.distinct.emplace(row.text(1));
    } else if (std::optional<double> value = value_of(row)) {
      groups_[std::move(key)].add(*value, keep_);
    }
    return true;
  }

  bool complete() const { return rows_ <= kMetricRowsMax; }

  std::vector<MetricPoint> points() {
    std::vector<MetricPoint> points;
    for (auto& [key, group] : groups_) {
      if (std::cmp_equal(points.size(), query_.results_max)) break;
      MetricPoint point;
      if (query_.interval_s) point.dimensions.emplace_back("time_bucket", bucket_text(key.first));
      for (size_t i = 0; i < key.second.size(); ++i) {
        point.dimensions.emplace_back(query_.dimensions[i], key.second[i]);
      }
      for (const Aggregation& aggregation : query_.aggregations) {
        point.values.emplace_back(label(aggregation), aggregate(group, aggregation));
      }
      points.push_back(std::move(point));
    }
    return points;
  }

 private:
  int64_t bucket_of(int64_t ms) const {
    int64_t width = *query_.interval_s * 1000;
    int64_t rest = ms % width;
    return ms - (rest < 0 ? rest + width : rest);
  }

  std::optional<double> value_of(const Row& row) const {
    if (metric_.kind == ValueKind::kOne) return 1;
    if (metric_.kind == ValueKind::kNumber) return row.real(1);
    AmountKind kind = metric_.kind == ValueKind::kTokens ? AmountKind::kTokens : AmountKind::kCost;
    std::optional<Amounts> amounts = parse_amounts(kind, row.text(1));
    return amounts ? amounts->values[metric_.member] : std::nullopt;
  }

  const MetricsQuery& query_;
  const Metric& metric_;
  bool keep_ = false;
  int64_t rows_ = 0;
  std::map<Key, Group> groups_;
};

}  // namespace

Task<Result<std::vector<MetricPoint>>> query_metrics(database::Database& database, MetricsQuery query) {
  using Points = std::vector<MetricPoint>;
  ASSIGN_OR_CO_RETURN(const Metric* metric, find_metric(query));
  CO_RETURN_IF_ERROR(check(query, *metric));
  if (query.experiment_ids.empty()) co_return Points{};
  ASSIGN_OR_CO_RETURN(SqlText sql, metrics_sql(query, *metric));
  auto work = [query, metric, sql](Connection& connection) -> Result<Points> {
    Collector collector(query, *metric);
    RETURN_IF_ERROR(
        connection.query(sql.text(), sql.values(), [&](const Row& row) { return collector.add(row); }));
    if (collector.complete()) return collector.points();
    return Failure(Error{.code = ErrorCode::kTooLarge,
                         .message = "more than " + std::to_string(kMetricRowsMax) +
                                    " rows would have to be looked at; narrow the time or the filter"});
  };
  co_return co_await database.read<Points>(std::move(work));
}

}  // namespace penstock::traces
