#include "api/mlflow/trace_routes.h"

#include <algorithm>
#include <array>
#include <utility>

#include "api/mlflow/trace_messages.h"
#include "api/mlflow/trace_render.h"
#include "core/text.h"
#include "core/timer.h"
#include "observability/traces/trace_search.h"

namespace penstock::api::mlflow {
namespace {

using access::Capability;

constexpr int64_t kDefaultResults = 100;
constexpr int64_t kSpansPerPage = 1000;
constexpr int64_t kSpansPerPageMax = 5000;
// How long a trace's reader waits for spans that are on their way, as MLflow's server does.
constexpr std::array<int64_t, 2> kWaitsMs = {1000, 2000};

std::vector<std::string> strings(const Fields& fields, std::string_view name) {
  std::vector<std::string> out;
  for (std::string_view text : fields.texts(name)) out.emplace_back(text);
  return out;
}

std::optional<std::vector<std::string>> optional_strings(const Fields& fields, std::string_view name) {
  if (!fields.has(name)) return std::nullopt;
  return strings(fields, name);
}

std::string trace_with_info(const traces::TraceInfo& info) {
  JsonWriter json(1024);
  json.begin_object().key("trace").begin_object().key("trace_info");
  write_trace_info(json, info);
  return json.end_object().end_object().take();
}

std::string infos_json(std::string_view name, const std::vector<traces::TraceInfo>& infos,
                       std::string_view next_page_token) {
  JsonWriter json(1024 * (infos.size() + 1));
  json.begin_object();
  if (!infos.empty()) {
    json.key(name).begin_array();
    for (const traces::TraceInfo& info : infos) write_trace_info(json, info);
    json.end_array();
  }
  if (!next_page_token.empty()) json.field("next_page_token", next_page_token);
  return json.end_object().take();
}

Task<Result<std::string>> start_trace(TraceServices& services, const Call& call) {
  std::optional<Fields> info = call.in.message("trace")->message("trace_info");
  if (!info) co_return Failure(missing_value("trace.trace_info"));
  ASSIGN_OR_CO_RETURN(traces::TraceInfo given, read_trace_info(*info));
  ASSIGN_OR_CO_RETURN(traces::TraceInfo stored, co_await services.traces.start(std::move(given)));
  co_return trace_with_info(stored);
}

Task<Result<std::string>> get_trace_info(TraceServices& services, const Call& call) {
  ASSIGN_OR_CO_RETURN(traces::TraceInfo info,
                      co_await services.traces.info(std::string(call.in.text("trace_id"))));
  co_return trace_with_info(info);
}

Task<Result<traces::Trace>> wait_for_trace(TraceServices& services, std::string trace_id, bool partial) {
  for (int64_t wait_ms : kWaitsMs) {
    Result<traces::Trace> trace = co_await services.traces.get(trace_id, partial);
    if (trace || trace.error().reason != traces::kIncompleteTrace) co_return trace;
    co_await sleep_ms(wait_ms);
  }
  co_return co_await services.traces.get(trace_id, partial);
}

Task<Result<std::string>> get_trace(TraceServices& services, const Call& call) {
  ASSIGN_OR_CO_RETURN(traces::Trace trace,
                      co_await wait_for_trace(services, std::string(call.in.text("trace_id")),
                                              call.in.flag("allow_partial")));
  auto render = [trace = std::move(trace)]() -> Result<std::string> {
    JsonWriter json(2048 * (trace.spans.size() + 1));
    json.begin_object().key("trace");
    RETURN_IF_ERROR(write_trace(json, trace));
    return json.end_object().take();
  };
  co_return co_await services.pool.run(std::move(render));
}

Task<Result<std::string>> batch_get_traces(TraceServices& services, const Call& call) {
  ASSIGN_OR_CO_RETURN(std::vector<traces::Trace> found,
                      co_await services.traces.get_many(strings(call.in, "trace_ids"),
                                                        optional_strings(call.in, "experiment_ids")));
  auto render = [found = std::move(found)]() -> Result<std::string> {
    JsonWriter json(4096 * (found.size() + 1));
    json.begin_object();
    if (!found.empty()) {
      json.key("traces").begin_array();
      for (const traces::Trace& trace : found) RETURN_IF_ERROR(write_trace(json, trace));
      json.end_array();
    }
    return json.end_object().take();
  };
  co_return co_await services.pool.run(std::move(render));
}

Task<Result<std::string>> batch_get_infos(TraceServices& services, const Call& call) {
  ASSIGN_OR_CO_RETURN(std::vector<traces::TraceInfo> infos,
                      co_await services.traces.infos(strings(call.in, "trace_ids"),
                                                     optional_strings(call.in, "experiment_ids")));
  co_return infos_json("trace_infos", infos, {});
}

Task<Result<std::string>> search_traces(TraceServices& services, const Call& call) {
  traces::TraceSearch search{.filter = std::string(call.in.text("filter")),
                             .order_by = strings(call.in, "order_by"),
                             .page_token = std::string(call.in.text("page_token"))};
  ASSIGN_OR_CO_RETURN(search.results_max, read_results_max(call.in));
  for (const Fields& location : call.in.messages("locations")) {
    std::optional<Fields> experiment = location.message("mlflow_experiment");
    if (experiment) search.experiment_ids.emplace_back(experiment->text("experiment_id"));
  }
  ASSIGN_OR_CO_RETURN(traces::TracePage page,
                      co_await traces::search_traces(services.traces.database(), std::move(search)));
  co_return infos_json("traces", page.traces, page.next_page_token);
}

// A page of the spans of one trace: Penstock's own, for traces that are too large for one answer.
Task<Result<std::string>> get_spans(TraceServices& services, const Call& call) {
  int64_t wanted = std::clamp<int64_t>(call.in.integer("max_results", kSpansPerPage), 1, kSpansPerPageMax);
  std::string_view token = call.in.text("page_token");
  std::optional<int64_t> offset = token.empty() ? 0 : parse_int(token);
  if (!offset) co_return Failure(Error::invalid("page_token", "Invalid page token"));
  ASSIGN_OR_CO_RETURN(
      std::vector<std::string> spans,
      co_await services.traces.spans(std::string(call.in.text("trace_id")), *offset, wanted + 1));
  bool more = std::cmp_greater(spans.size(), wanted);
  if (more) spans.pop_back();
  auto render = [spans = std::move(spans), next = more ? *offset + wanted : 0]() -> Result<std::string> {
    JsonWriter json(2048 * (spans.size() + 1));
    json.begin_object().key("spans").begin_array();
    for (const std::string& span : spans) RETURN_IF_ERROR(write_span(json, span));
    json.end_array();
    if (next > 0) json.field("next_page_token", std::to_string(next));
    return json.end_object().take();
  };
  co_return co_await services.pool.run(std::move(render));
}

Task<Result<std::string>> delete_traces(TraceServices& services, const Call& call) {
  traces::TraceDeletion deletion{.experiment_id = std::string(call.in.text("experiment_id")),
                                 .trace_ids = strings(call.in, "request_ids")};
  if (call.in.has("max_timestamp_millis")) deletion.until_ms = call.in.integer("max_timestamp_millis");
  if (call.in.has("max_traces")) deletion.count_max = call.in.integer("max_traces");
  ASSIGN_OR_CO_RETURN(int64_t deleted, co_await services.traces.remove(std::move(deletion)));
  JsonWriter json;
  co_return json.begin_object().field("traces_deleted", deleted).end_object().take();
}

constexpr std::array<std::string_view, 3> kServersTags = {
    traces::kSpansLocationTag, "mlflow.trace.archiveLocation", "mlflow.trace.archivalFailure"};

Result<void> check_mutable(std::string_view key, std::string_view done) {
  if (std::ranges::find(kServersTags, key) == kServersTags.end()) return {};
  return Failure(Error::invalid("key", "Tag '" + std::string(key) + "' is immutable and cannot be " +
                                           std::string(done) + " on a trace."));
}

std::string trace_id_of(const Call& call) {
  return std::string(call.in.has("trace_id") ? call.in.text("trace_id") : call.in.text("request_id"));
}

Task<Result<std::string>> set_tag(TraceServices& services, const Call& call) {
  CO_RETURN_IF_ERROR(check_mutable(call.in.text("key"), "set"));
  CO_RETURN_IF_ERROR(co_await services.traces.set_tag(trace_id_of(call), std::string(call.in.text("key")),
                                                      std::string(call.in.text("value"))));
  co_return std::string("{}");
}

Task<Result<std::string>> delete_tag(TraceServices& services, const Call& call) {
  CO_RETURN_IF_ERROR(check_mutable(call.in.text("key"), "deleted"));
  CO_RETURN_IF_ERROR(
      co_await services.traces.delete_tag(trace_id_of(call), std::string(call.in.text("key"))));
  co_return std::string("{}");
}

Task<Result<std::string>> link_to_run(TraceServices& services, const Call& call) {
  CO_RETURN_IF_ERROR(co_await services.traces.link_to_run(strings(call.in, "trace_ids"),
                                                          std::string(call.in.text("run_id"))));
  co_return std::string("{}");
}

Task<Result<std::string>> link_prompts(TraceServices& services, const Call& call) {
  std::vector<std::string> prompts;
  for (const Fields& prompt : call.in.messages("prompt_versions")) {
    const Json* version = prompt.json("version");
    std::string number = version->is_string() ? std::string(prompt.text("version")) : to_json(*version);
    prompts.push_back(std::string(prompt.text("name")) + "/" + number);
  }
  CO_RETURN_IF_ERROR(
      co_await services.traces.link_prompts(std::string(call.in.text("trace_id")), std::move(prompts)));
  co_return std::string("{}");
}

void write_measure(JsonWriter& json, std::string_view name, double value) {
  if (value == value) {
    json.field(name, value);
  } else {
    json.field(name, "NaN");
  }
}

Task<Result<std::string>> correlate_filters(TraceServices& services, const Call& call) {
  ASSIGN_OR_CO_RETURN(
      traces::FilterCorrelation found,
      co_await traces::correlate_filters(services.traces.database(), strings(call.in, "experiment_ids"),
                                         std::string(call.in.text("filter_string1")),
                                         std::string(call.in.text("filter_string2")),
                                         std::string(call.in.text("base_filter"))));
  JsonWriter json;
  json.begin_object();
  write_measure(json, "npmi", found.npmi);
  write_measure(json, "npmi_smoothed", found.npmi_smoothed);
  json.field("filter1_count", found.first).field("filter2_count", found.second);
  json.field("joint_count", found.joint).field("total_count", found.total);
  co_return json.end_object().take();
}

// {"spans": [...]} as a file, for MLflow's UI.
Task<Result<void>> get_artifact(TraceServices& services, const Call& call, ResponseStream& out) {
  if (call.in.has("path")) {
    co_return Failure(Error{.code = ErrorCode::kNotImplemented,
                            .message = "attachments of traces are not kept: 'path' must be absent"});
  }
  ASSIGN_OR_CO_RETURN(traces::Trace trace,
                      co_await services.traces.get(std::string(call.in.text("request_id")), true));
  Response response;
  response.head.headers.add("content-type", "application/octet-stream");
  response.head.headers.add("content-disposition", "attachment; filename=traces.json");
  response.head.headers.add("x-content-type-options", "nosniff");
  response.body = "{\"spans\":[";
  for (size_t i = 0; i < trace.spans.size(); ++i)
    response.body.append(i > 0 ? "," : "").append(trace.spans[i]);
  response.body += "]}";
  co_return co_await out.send(std::move(response));
}

using TraceRoute = Route<TraceServices>;

}  // namespace

Result<int64_t> read_results_max(const Fields& in) {
  int64_t wanted = in.integer("max_results", kDefaultResults);
  if (wanted <= traces::kSearchResultsMax) return wanted;
  return Failure(invalid_value("max_results", Json(wanted), " Hint: Value was of type 'int'."));
}

void add_trace_routes(Contract contract, TraceServices& services) {
  static const TraceRoute kRoutes[] = {
      {"POST", "3.0/mlflow/traces", &kStartTraceV3, Capability::kDevelop, start_trace},
      {"GET", "3.0/mlflow/traces/get", &kGetTrace, Capability::kReadRuns, get_trace},
      {"GET", "3.0/mlflow/traces/batchGet", &kBatchGetTraces, Capability::kReadRuns, batch_get_traces},
      {"POST", "3.0/mlflow/traces/batchGetInfos", &kBatchGetTraces, Capability::kReadRuns, batch_get_infos},
      {"POST", "3.0/mlflow/traces/search", &kSearchTracesV3, Capability::kReadRuns, search_traces},
      {"POST", "3.0/mlflow/traces/delete-traces", &kDeleteTraces, Capability::kDevelop, delete_traces},
      {"POST", "2.0/mlflow/traces/delete-traces", &kDeleteTraces, Capability::kDevelop, delete_traces},
      {"POST", "2.0/mlflow/traces/link-to-run", &kLinkTracesToRun, Capability::kDevelop, link_to_run},
      {"POST", "3.0/mlflow/traces/link-to-run", &kLinkTracesToRun, Capability::kDevelop, link_to_run},
      {"POST", "2.0/mlflow/traces/link-prompts", &kLinkPromptsToTrace, Capability::kDevelop, link_prompts},
      {"POST", "3.0/mlflow/traces/link-prompts", &kLinkPromptsToTrace, Capability::kDevelop, link_prompts},
      {"POST", "3.0/mlflow/traces/calculate-filter-correlation", &kFilterCorrelation, Capability::kReadRuns,
       correlate_filters},
      {"GET", "3.0/mlflow/traces/{trace_id}", &kTraceIdMessage, Capability::kReadRuns, get_trace_info},
      {"GET", "3.0/mlflow/traces/{trace_id}/spans", &kTraceSpansPage, Capability::kReadRuns, get_spans},
      {"PATCH", "2.0/mlflow/traces/{request_id}/tags", &kSetTraceTag, Capability::kDevelop, set_tag},
      {"DELETE", "2.0/mlflow/traces/{request_id}/tags", &kDeleteTraceTag, Capability::kDevelop, delete_tag},
      {"PATCH", "3.0/mlflow/traces/{trace_id}/tags", &kSetTraceTag, Capability::kDevelop, set_tag},
      {"DELETE", "3.0/mlflow/traces/{trace_id}/tags", &kDeleteTraceTag, Capability::kDevelop, delete_tag},
      {"GET", "2.0/mlflow/get-trace-artifact", &kGetTraceArtifact, Capability::kReadRuns, nullptr,
       get_artifact},
      {"GET", "3.0/mlflow/get-trace-artifact", &kGetTraceArtifact, Capability::kReadRuns, nullptr,
       get_artifact},
  };
  add_routes<TraceServices>(contract, kRoutes, services);
  add_trace_v2_routes(contract, services);
  add_assessment_routes(contract, services);
  add_trace_metrics_routes(contract, services);
  add_otlp_routes(contract, services);
}

}  // namespace penstock::api::mlflow
