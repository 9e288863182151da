#include <utility>

#include "api/mlflow/trace_messages.h"
#include "api/mlflow/trace_render.h"
#include "api/mlflow/trace_routes.h"
#include "observability/traces/trace_search.h"

// The trace calls of MLflow 2.x: its clients keep spans in an artifact and only the rest here.
namespace penstock::api::mlflow {
namespace {

using access::Capability;

traces::TextMap read_entries(const Fields& fields, std::string_view name) {
  traces::TextMap texts;
  for (const Fields& entry : fields.messages(name)) {
    texts.insert_or_assign(std::string(entry.text("key")), std::string(entry.text("value")));
  }
  return texts;
}

std::string trace_info_json(const traces::TraceInfo& info) {
  JsonWriter json(1024);
  json.begin_object().key("trace_info");
  write_trace_info_v2(json, info);
  return json.end_object().take();
}

Task<Result<std::string>> start_trace(TraceServices& services, const Call& call) {
  traces::TraceInfo info{.experiment_id = std::string(call.in.text("experiment_id")),
                         .request_time_ms = call.in.integer("timestamp_ms"),
                         .metadata = read_entries(call.in, "request_metadata"),
                         .tags = read_entries(call.in, "tags")};
  ASSIGN_OR_CO_RETURN(traces::TraceInfo stored, co_await services.traces.begin(std::move(info)));
  co_return trace_info_json(stored);
}

Task<Result<std::string>> end_trace(TraceServices& services, const Call& call) {
  traces::TraceEnd end{
      .at_ms = call.in.integer("timestamp_ms"),
      .state = traces::parse_state(call.in.text("status")).value_or(traces::TraceState::kUnspecified),
      .metadata = read_entries(call.in, "request_metadata"),
      .tags = read_entries(call.in, "tags")};
  ASSIGN_OR_CO_RETURN(traces::TraceInfo stored,
                      co_await services.traces.end(std::string(call.in.text("request_id")), std::move(end)));
  co_return trace_info_json(stored);
}

Task<Result<std::string>> get_info(TraceServices& services, const Call& call) {
  ASSIGN_OR_CO_RETURN(traces::TraceInfo info,
                      co_await services.traces.info(std::string(call.in.text("request_id"))));
  co_return trace_info_json(info);
}

Task<Result<std::string>> search(TraceServices& services, const Call& call) {
  traces::TraceSearch search{.filter = std::string(call.in.text("filter")),
                             .page_token = std::string(call.in.text("page_token"))};
  ASSIGN_OR_CO_RETURN(search.results_max, read_results_max(call.in));
  for (std::string_view id : call.in.texts("experiment_ids")) search.experiment_ids.emplace_back(id);
  for (std::string_view order : call.in.texts("order_by")) search.order_by.emplace_back(order);
  ASSIGN_OR_CO_RETURN(traces::TracePage page,
                      co_await traces::search_traces(services.traces.database(), std::move(search)));
  JsonWriter json(1024 * (page.traces.size() + 1));
  json.begin_object();
  if (!page.traces.empty()) {
    json.key("traces").begin_array();
    for (const traces::TraceInfo& info : page.traces) write_trace_info_v2(json, info);
    json.end_array();
  }
  if (!page.next_page_token.empty()) json.field("next_page_token", page.next_page_token);
  co_return json.end_object().take();
}

}  // namespace

void add_trace_v2_routes(Contract contract, TraceServices& services) {
  static const Route<TraceServices> kRoutes[] = {
      {"POST", "2.0/mlflow/traces", &kStartTrace, Capability::kDevelop, start_trace},
      {"GET", "2.0/mlflow/traces", &kSearchTraces, Capability::kReadRuns, search},
      {"PATCH", "2.0/mlflow/traces/{request_id}", &kEndTrace, Capability::kDevelop, end_trace},
      {"GET", "2.0/mlflow/traces/{request_id}/info", &kRequestIdMessage, Capability::kReadRuns, get_info},
  };
  add_routes<TraceServices>(contract, kRoutes, services);
}

}  // namespace penstock::api::mlflow
