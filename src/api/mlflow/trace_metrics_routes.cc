#include <utility>

#include "api/mlflow/trace_routes.h"
#include "core/json_writer.h"
#include "observability/traces/span.h"
#include "observability/traces/trace_metrics.h"

namespace penstock::api::mlflow {
namespace {

constexpr std::string_view kViews[] = {"TRACES", "SPANS", "ASSESSMENTS"};
constexpr std::string_view kTypes[] = {"COUNT", "SUM", "AVG", "PERCENTILE", "MIN", "MAX"};
constexpr Field kAggregationFields[] = {
    {.name = "aggregation_type", .type = Type::kEnum, .count = Count::kRequired, .names = kTypes},
    {.name = "percentile_value", .type = Type::kDouble}};
constexpr Message kAggregation{"MetricAggregation", kAggregationFields};
constexpr Field kQueryFields[] = {
    {.name = "experiment_ids", .count = Count::kManyRequired},
    {.name = "view_type", .type = Type::kEnum, .count = Count::kRequired, .names = kViews},
    {.name = "metric_name", .count = Count::kRequired},
    {.name = "aggregations", .type = Type::kMessage, .count = Count::kManyRequired, .message = &kAggregation},
    {.name = "dimensions", .count = Count::kMany},
    {.name = "filters", .count = Count::kMany},
    {.name = "time_interval_seconds", .type = Type::kInt64},
    {.name = "start_time_ms", .type = Type::kInt64},
    {.name = "end_time_ms", .type = Type::kInt64},
    {.name = "max_results", .type = Type::kInt64}};
constexpr Message kQuery{"QueryTraceMetrics", kQueryFields};

std::optional<int64_t> optional_integer(const Fields& fields, std::string_view name) {
  return fields.has(name) ? std::optional(fields.integer(name)) : std::nullopt;
}

traces::MetricView view_of(std::string_view name) {
  if (name == "SPANS") return traces::MetricView::kSpans;
  return name == "ASSESSMENTS" ? traces::MetricView::kAssessments : traces::MetricView::kTraces;
}

std::string points_json(std::string_view metric, const std::vector<traces::MetricPoint>& points) {
  JsonWriter json(1024);
  json.begin_object();
  if (!points.empty()) json.key("data_points").begin_array();
  for (const traces::MetricPoint& point : points) {
    json.begin_object().field("metric_name", metric);
    if (!point.dimensions.empty()) {
      json.key("dimensions").begin_object();
      for (const auto& [name, value] : point.dimensions) json.field(name, value);
      json.end_object();
    }
    json.key("values").begin_object();
    for (const auto& [name, value] : point.values) {
      std::string number;
      traces::append_double(number, value);
      json.raw_field(name, number);
    }
    json.end_object().end_object();
  }
  if (!points.empty()) json.end_array();
  return json.end_object().take();
}

Task<Result<std::string>> query(TraceServices& services, const Call& call) {
  const Fields& in = call.in;
  traces::MetricsQuery query{.view = view_of(in.text("view_type")),
                             .metric = std::string(in.text("metric_name")),
                             .interval_s = optional_integer(in, "time_interval_seconds"),
                             .start_ms = optional_integer(in, "start_time_ms"),
                             .end_ms = optional_integer(in, "end_time_ms"),
                             .results_max = in.integer("max_results", traces::kMetricPointsMax)};
  for (std::string_view id : in.texts("experiment_ids")) query.experiment_ids.emplace_back(id);
  for (std::string_view name : in.texts("dimensions")) query.dimensions.emplace_back(name);
  for (std::string_view filter : in.texts("filters")) query.filters.emplace_back(filter);
  for (const Fields& aggregation : in.messages("aggregations")) {
    query.aggregations.push_back(
        {std::string(aggregation.text("aggregation_type")), aggregation.number("percentile_value")});
  }
  std::string metric = query.metric;
  ASSIGN_OR_CO_RETURN(std::vector<traces::MetricPoint> points,
                      co_await traces::query_metrics(services.traces.database(), std::move(query)));
  co_return points_json(metric, points);
}

}  // namespace

void add_trace_metrics_routes(Contract contract, TraceServices& services) {
  static const Route<TraceServices> kRoutes[] = {
      {"POST", "3.0/mlflow/traces/metrics", &kQuery, access::Capability::kReadRuns, query},
  };
  add_routes<TraceServices>(contract, kRoutes, services);
}

}  // namespace penstock::api::mlflow
