#include <array>

#include "api/mlflow/tracking_messages.h"
#include "api/mlflow/tracking_read.h"
#include "api/mlflow/tracking_render.h"
#include "api/mlflow/tracking_routes.h"

namespace penstock::api::mlflow {
namespace {

using tracking::Experiment;

constexpr size_t kDatasetExperimentsMax = 20;

std::string experiment_json(const Experiment& experiment) {
  JsonWriter json;
  json.begin_object().key("experiment");
  write_experiment(json, experiment);
  return json.end_object().take();
}

Task<Result<std::string>> create_experiment(TrackingApi& api, const Call& call) {
  tracking::NewExperiment experiment{.name = std::string(call.in.text("name")),
                                     .artifact_location = std::string(call.in.text("artifact_location")),
                                     .tags = read_tags(call.in, "tags")};
  ASSIGN_OR_CO_RETURN(std::string id, co_await api.domain.create_experiment(std::move(experiment)));
  co_return JsonWriter().begin_object().field("experiment_id", id).end_object().take();
}

Task<Result<std::string>> get_experiment(TrackingApi& api, const Call& call) {
  ASSIGN_OR_CO_RETURN(Experiment found,
                      co_await api.domain.experiment(std::string(call.in.text("experiment_id"))));
  co_return experiment_json(found);
}

Task<Result<std::string>> get_experiment_by_name(TrackingApi& api, const Call& call) {
  ASSIGN_OR_CO_RETURN(Experiment found,
                      co_await api.domain.experiment_by_name(std::string(call.in.text("experiment_name"))));
  co_return experiment_json(found);
}

Task<Result<std::string>> delete_experiment(TrackingApi& api, const Call& call) {
  CO_RETURN_IF_ERROR(co_await api.domain.delete_experiment(std::string(call.in.text("experiment_id"))));
  co_return "{}";
}

Task<Result<std::string>> restore_experiment(TrackingApi& api, const Call& call) {
  CO_RETURN_IF_ERROR(co_await api.domain.restore_experiment(std::string(call.in.text("experiment_id"))));
  co_return "{}";
}

Task<Result<std::string>> update_experiment(TrackingApi& api, const Call& call) {
  CO_RETURN_IF_ERROR(co_await api.domain.rename_experiment(std::string(call.in.text("experiment_id")),
                                                           std::string(call.in.text("new_name"))));
  co_return "{}";
}

Task<Result<std::string>> search_experiments(TrackingApi& api, const Call& call) {
  tracking::ExperimentSearch search{.filter = std::string(call.in.text("filter")),
                                    .view = read_view(call.in, "view_type"),
                                    .max_results = call.in.integer("max_results"),
                                    .order_by = read_texts(call.in, "order_by"),
                                    .page_token = std::string(call.in.text("page_token"))};
  ASSIGN_OR_CO_RETURN(auto page, co_await api.domain.search_experiments(std::move(search)));
  co_return experiments_json(page);
}

Task<Result<std::string>> set_experiment_tag(TrackingApi& api, const Call& call) {
  CO_RETURN_IF_ERROR(
      co_await api.domain.set_experiment_tag(std::string(call.in.text("experiment_id")), read_tag(call.in)));
  co_return "{}";
}

Task<Result<std::string>> delete_experiment_tag(TrackingApi& api, const Call& call) {
  CO_RETURN_IF_ERROR(co_await api.domain.delete_experiment_tag(std::string(call.in.text("experiment_id")),
                                                               std::string(call.in.text("key"))));
  co_return "{}";
}

Task<Result<std::string>> search_datasets(TrackingApi& api, const Call& call) {
  std::vector<std::string> ids = read_texts(call.in, "experiment_ids");
  if (ids.empty()) {
    co_return Failure(
        Error::invalid("experiment_ids", "SearchDatasets request must specify at least one experiment_id."));
  }
  if (ids.size() > kDatasetExperimentsMax) {
    co_return Failure(Error::invalid("experiment_ids", "SearchDatasets request cannot specify more than " +
                                                           std::to_string(kDatasetExperimentsMax) +
                                                           " experiment_ids. Received " +
                                                           std::to_string(ids.size()) + " experiment_ids."));
  }
  ASSIGN_OR_CO_RETURN(auto summaries, co_await api.domain.search_datasets(std::move(ids)));
  co_return datasets_json(summaries);
}

constexpr auto kRead = access::Capability::kReadRuns;

constexpr std::array kRoutes = {
    Route<TrackingApi>{.method = "POST",
                       .path = "2.0/mlflow/experiments/create",
                       .message = &kCreateExperiment,
                       .answer = create_experiment},
    Route<TrackingApi>{.method = "GET",
                       .path = "2.0/mlflow/experiments/get",
                       .message = &kExperimentId,
                       .needs = kRead,
                       .answer = get_experiment},
    Route<TrackingApi>{.method = "GET",
                       .path = "2.0/mlflow/experiments/get-by-name",
                       .message = &kGetExperimentByName,
                       .needs = kRead,
                       .answer = get_experiment_by_name},
    Route<TrackingApi>{.method = "POST",
                       .path = "2.0/mlflow/experiments/delete",
                       .message = &kExperimentId,
                       .answer = delete_experiment},
    Route<TrackingApi>{.method = "POST",
                       .path = "2.0/mlflow/experiments/restore",
                       .message = &kExperimentId,
                       .answer = restore_experiment},
    Route<TrackingApi>{.method = "POST",
                       .path = "2.0/mlflow/experiments/update",
                       .message = &kUpdateExperiment,
                       .answer = update_experiment},
    Route<TrackingApi>{.method = "GET POST",
                       .path = "2.0/mlflow/experiments/search",
                       .message = &kSearchExperiments,
                       .needs = kRead,
                       .answer = search_experiments},
    Route<TrackingApi>{.method = "POST",
                       .path = "2.0/mlflow/experiments/set-experiment-tag",
                       .message = &kSetExperimentTag,
                       .answer = set_experiment_tag},
    Route<TrackingApi>{.method = "POST",
                       .path = "2.0/mlflow/experiments/delete-experiment-tag",
                       .message = &kDeleteExperimentTag,
                       .answer = delete_experiment_tag},
    Route<TrackingApi>{.method = "POST",
                       .path = "2.0/mlflow/experiments/search-datasets",
                       .message = &kSearchDatasets,
                       .needs = kRead,
                       .answer = search_datasets},
};

}  // namespace

void add_experiment_routes(Contract contract, TrackingApi& services) {
  add_routes<TrackingApi>(contract, kRoutes, services);
}

}  // namespace penstock::api::mlflow
