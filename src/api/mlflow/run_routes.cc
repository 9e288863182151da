#include <array>

#include "api/mlflow/tracking_messages.h"
#include "api/mlflow/tracking_read.h"
#include "api/mlflow/tracking_render.h"
#include "api/mlflow/tracking_routes.h"

namespace penstock::api::mlflow {
namespace {

constexpr int64_t kRunsPageDefault = 1000;
constexpr int64_t kRunsPageMax = 50'000;

std::string run_id_of(const Call& call) { return std::string(call.in.text("run_id")); }

std::string run_json(const tracking::Run& run) {
  JsonWriter json(1024);
  json.begin_object().key("run");
  write_run(json, run);
  return json.end_object().take();
}

Task<Result<std::string>> create_run(TrackingApi& api, const Call& call) {
  tracking::NewRun run{.run_id = {},
                       .experiment_id = std::string(call.in.text("experiment_id")),
                       .name = std::string(call.in.text("run_name")),
                       .fallback_name = {},
                       .user_id = std::string(call.in.text("user_id")),
                       .start_time_ms = call.in.integer("start_time"),
                       .tags = read_tags(call.in, "tags")};
  ASSIGN_OR_CO_RETURN(tracking::Run made, co_await api.domain.create_run(std::move(run)));
  co_return run_json(made);
}

Task<Result<std::string>> get_run(TrackingApi& api, const Call& call) {
  ASSIGN_OR_CO_RETURN(tracking::Run run, co_await api.domain.run(run_id_of(call)));
  co_return run_json(run);
}

Task<Result<std::string>> update_run(TrackingApi& api, const Call& call) {
  tracking::RunChange change{.run_id = run_id_of(call),
                             .status = std::string(call.in.text("status")),
                             .end_time_ms = {},
                             .name = std::string(call.in.text("run_name"))};
  if (call.in.has("end_time")) change.end_time_ms = call.in.integer("end_time");
  ASSIGN_OR_CO_RETURN(tracking::RunInfo info, co_await api.domain.update_run(std::move(change)));
  JsonWriter json;
  json.begin_object().key("run_info");
  write_run_info(json, info);
  co_return json.end_object().take();
}

Task<Result<std::string>> delete_run(TrackingApi& api, const Call& call) {
  CO_RETURN_IF_ERROR(co_await api.domain.delete_run(run_id_of(call)));
  co_return "{}";
}

Task<Result<std::string>> restore_run(TrackingApi& api, const Call& call) {
  CO_RETURN_IF_ERROR(co_await api.domain.restore_run(run_id_of(call)));
  co_return "{}";
}

Task<Result<std::string>> search_runs(TrackingApi& api, const Call& call) {
  tracking::RunSearch search{.experiment_ids = read_texts(call.in, "experiment_ids"),
                             .filter = std::string(call.in.text("filter")),
                             .view = read_view(call.in, "run_view_type"),
                             .max_results = call.in.integer("max_results", kRunsPageDefault),
                             .order_by = read_texts(call.in, "order_by"),
                             .page_token = std::string(call.in.text("page_token"))};
  if (search.max_results > kRunsPageMax) {
    co_return Failure(
        invalid_value("max_results", *call.in.json("max_results"), " Hint: Value was of type 'int'."));
  }
  ASSIGN_OR_CO_RETURN(auto page, co_await api.domain.search_runs(std::move(search)));
  co_return runs_json(page);
}

Task<Result<std::string>> log_metric(TrackingApi& api, const Call& call) {
  CO_RETURN_IF_ERROR(co_await api.domain.log_metric(run_id_of(call), read_metric(call.in)));
  co_return "{}";
}

Task<Result<std::string>> log_param(TrackingApi& api, const Call& call) {
  CO_RETURN_IF_ERROR(co_await api.domain.log_param(run_id_of(call), read_tag(call.in)));
  co_return "{}";
}

Task<Result<std::string>> set_tag(TrackingApi& api, const Call& call) {
  CO_RETURN_IF_ERROR(co_await api.domain.set_tag(run_id_of(call), read_tag(call.in)));
  co_return "{}";
}

Task<Result<std::string>> delete_tag(TrackingApi& api, const Call& call) {
  CO_RETURN_IF_ERROR(co_await api.domain.delete_tag(run_id_of(call), std::string(call.in.text("key"))));
  co_return "{}";
}

Task<Result<std::string>> log_batch(TrackingApi& api, const Call& call) {
  CO_RETURN_IF_ERROR(co_await api.domain.log_batch(run_id_of(call), read_batch(call.in)));
  co_return "{}";
}

Task<Result<std::string>> log_inputs(TrackingApi& api, const Call& call) {
  CO_RETURN_IF_ERROR(co_await api.domain.log_inputs(run_id_of(call), read_dataset_inputs(call.in, "datasets"),
                                                    read_model_links(call.in, "models")));
  co_return "{}";
}

Task<Result<std::string>> log_outputs(TrackingApi& api, const Call& call) {
  CO_RETURN_IF_ERROR(co_await api.domain.log_outputs(run_id_of(call), read_model_links(call.in, "models")));
  co_return "{}";
}

Task<Result<std::string>> log_model(TrackingApi& api, const Call& call) {
  CO_RETURN_IF_ERROR(
      co_await api.domain.log_legacy_model(run_id_of(call), std::string(call.in.text("model_json"))));
  co_return "{}";
}

using Row = Route<TrackingApi>;
constexpr auto kRead = access::Capability::kReadRuns;

constexpr std::array kRoutes = {
    Row{.method = "POST", .path = "2.0/mlflow/runs/create", .message = &kCreateRun, .answer = create_run},
    Row{.method = "GET",
        .path = "2.0/mlflow/runs/get",
        .message = &kRunId,
        .needs = kRead,
        .answer = get_run},
    Row{.method = "POST", .path = "2.0/mlflow/runs/update", .message = &kUpdateRun, .answer = update_run},
    Row{.method = "POST", .path = "2.0/mlflow/runs/delete", .message = &kRunId, .answer = delete_run},
    Row{.method = "POST", .path = "2.0/mlflow/runs/restore", .message = &kRunId, .answer = restore_run},
    Row{.method = "POST",
        .path = "2.0/mlflow/runs/search",
        .message = &kSearchRuns,
        .needs = kRead,
        .answer = search_runs},
    Row{.method = "POST", .path = "2.0/mlflow/runs/log-metric", .message = &kLogMetric, .answer = log_metric},
    Row{.method = "POST",
        .path = "2.0/mlflow/runs/log-parameter",
        .message = &kLogParam,
        .answer = log_param},
    Row{.method = "POST", .path = "2.0/mlflow/runs/set-tag", .message = &kSetTag, .answer = set_tag},
    Row{.method = "POST", .path = "2.0/mlflow/runs/delete-tag", .message = &kDeleteTag, .answer = delete_tag},
    Row{.method = "POST", .path = "2.0/mlflow/runs/log-batch", .message = &kLogBatch, .answer = log_batch},
    Row{.method = "POST", .path = "2.0/mlflow/runs/log-inputs", .message = &kLogInputs, .answer = log_inputs},
    Row{.method = "POST", .path = "2.0/mlflow/runs/outputs", .message = &kLogOutputs, .answer = log_outputs},
    Row{.method = "POST", .path = "2.0/mlflow/runs/log-model", .message = &kLogModel, .answer = log_model},
};

}  // namespace

void add_run_routes(Contract contract, TrackingApi& services) {
  add_routes<TrackingApi>(contract, kRoutes, services);
}

}  // namespace penstock::api::mlflow
