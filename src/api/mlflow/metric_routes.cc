#include <algorithm>
#include <array>

#include "api/mlflow/tracking_messages.h"
#include "api/mlflow/tracking_read.h"
#include "api/mlflow/tracking_render.h"
#include "api/mlflow/tracking_routes.h"

namespace penstock::api::mlflow {
namespace {

constexpr size_t kRunsMax = 100;
constexpr int64_t kBulkPointsMax = 25'000;
constexpr int64_t kSampledPointsMax = 2'500;
constexpr std::string_view kSeeDocs = " See the API docs for more information about request parameters.";

Failure invalid(std::string field, std::string message) {
  return Failure(Error::invalid(std::move(field), std::move(message)));
}

Task<Result<std::string>> get_history(TrackingApi& api, const Call& call) {
  std::optional<int64_t> max_results;
  if (call.in.has("max_results")) max_results = call.in.integer("max_results");
  if (max_results && *max_results <= 0) {
    co_return invalid("max_results",
                      "Invalid value " + std::to_string(*max_results) +
                          " for parameter 'max_results' supplied. It must be a positive integer.");
  }
  ASSIGN_OR_CO_RETURN(auto page,
                      co_await api.domain.metric_history(std::string(call.in.text("run_id")),
                                                         std::string(call.in.text("metric_key")), max_results,
                                                         std::string(call.in.text("page_token"))));
  co_return history_json(page);
}

Result<void> check_bulk(const std::vector<std::string>& run_ids, const Call& call) {
  std::string request = "GetMetricHistoryBulk request ";
  if (run_ids.empty()) return invalid("run_id", request + "must specify at least one run_id.");
  if (run_ids.size() > kRunsMax) {
    return invalid("run_id", request + "cannot specify more than " + std::to_string(kRunsMax) +
                                 " run_ids. Received " + std::to_string(run_ids.size()) + " run_ids.");
  }
  if (!call.in.has("metric_key")) return invalid("metric_key", request + "must specify a metric_key.");
  return {};
}

Task<Result<std::string>> get_history_bulk(TrackingApi& api, const Call& call) {
  std::vector<std::string> run_ids = read_texts(call.in, "run_id");
  CO_RETURN_IF_ERROR(check_bulk(run_ids, call));
  std::string key(call.in.text("metric_key"));
  int64_t max_results = std::min(call.in.integer("max_results", kBulkPointsMax), kBulkPointsMax);
  ASSIGN_OR_CO_RETURN(auto histories,
                      co_await api.domain.metric_histories(std::move(run_ids), key, max_results));
  co_return histories_json(histories, key);
}

Result<std::optional<tracking::StepRange>> read_steps(const Fields& in) {
  bool has_start = in.has("start_step");
  if (has_start != in.has("end_step")) {
    return invalid("start_step", "If either start step or end step are specified, both must be specified.");
  }
  if (!has_start) return std::nullopt;
  tracking::StepRange steps{.first = in.integer("start_step"), .last = in.integer("end_step")};
  if (steps.first <= steps.last) return steps;
  return invalid("end_step",
                 "end_step must be greater than start_step. Found start_step=" + std::to_string(steps.first) +
                     " and end_step=" + std::to_string(steps.last) + ".");
}

Task<Result<std::string>> get_history_sampled(TrackingApi& api, const Call& call) {
  std::vector<std::string> run_ids = read_texts(call.in, "run_ids");
  if (run_ids.size() > kRunsMax) {
    co_return invalid("run_ids", "GetMetricHistoryBulkInterval request must specify at most " +
                                     std::to_string(kRunsMax) + " run_ids. Received " +
                                     std::to_string(run_ids.size()) + " run_ids." + std::string(kSeeDocs));
  }
  int64_t max_results = call.in.integer("max_results", kSampledPointsMax);
  if (max_results < 1 || max_results > kSampledPointsMax) {
    co_return invalid("max_results", "max_results must be between 1 and " +
                                         std::to_string(kSampledPointsMax) + "." + std::string(kSeeDocs));
  }
  ASSIGN_OR_CO_RETURN(auto steps, read_steps(call.in));
  std::string key(call.in.text("metric_key"));
  ASSIGN_OR_CO_RETURN(auto histories,
                      co_await api.domain.sampled_histories(std::move(run_ids), key, steps, max_results));
  bool empty = std::ranges::all_of(histories, [](const auto& history) { return history.points.empty(); });
  co_return empty ? "{}" : histories_json(histories, key);
}

using Row = Route<TrackingApi>;
constexpr auto kRead = access::Capability::kReadRuns;

constexpr std::array kRoutes = {
    Row{.method = "GET",
        .path = "2.0/mlflow/metrics/get-history",
        .message = &kGetMetricHistory,
        .needs = kRead,
        .answer = get_history},
    Row{.method = "GET",
        .path = "2.0/mlflow/metrics/get-history-bulk",
        .message = &kGetMetricHistoryBulk,
        .needs = kRead,
        .answer = get_history_bulk},
    Row{.method = "GET",
        .path = "2.0/mlflow/metrics/get-history-bulk-interval",
        .message = &kGetMetricHistoryBulkInterval,
        .needs = kRead,
        .answer = get_history_sampled},
};

}  // namespace

void add_metric_routes(Contract contract, TrackingApi& services) {
  add_routes<TrackingApi>(contract, kRoutes, services);
}

}  // namespace penstock::api::mlflow
