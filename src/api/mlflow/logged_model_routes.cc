#include "api/mlflow/logged_model_routes.h"

#include <algorithm>
#include <utility>

#include "core/json_writer.h"

namespace penstock::api::mlflow {
namespace {

using access::Capability;
using tracking::LoggedModel;
using tracking::LoggedModelStatus;

constexpr int64_t kResultsMax = 1'000;

constexpr std::string_view kStatusNames[] = {"LOGGED_MODEL_STATUS_UNSPECIFIED", "LOGGED_MODEL_PENDING",
                                             "LOGGED_MODEL_READY", "LOGGED_MODEL_UPLOAD_FAILED"};

constexpr Field kPairFields[] = {{.name = "key", .count = Count::kRequired}, {.name = "value"}};
constexpr Message kPair{.name = "LoggedModelTag", .fields = kPairFields};

constexpr Field kCreateFields[] = {
    {.name = "experiment_id", .count = Count::kRequired},
    {.name = "name"},
    {.name = "model_type"},
    {.name = "source_run_id"},
    {.name = "params", .type = Type::kMessage, .count = Count::kMany, .message = &kPair},
    {.name = "tags", .type = Type::kMessage, .count = Count::kMany, .message = &kPair}};
constexpr Message kCreate{.name = "CreateLoggedModel", .fields = kCreateFields};

constexpr Field kIdFields[] = {{.name = "model_id", .count = Count::kRequired},
                               {.name = "allow_deleted", .type = Type::kBool}};
constexpr Message kId{.name = "GetLoggedModel", .fields = kIdFields};

constexpr Field kFinalizeFields[] = {
    {.name = "model_id", .count = Count::kRequired},
    {.name = "status", .type = Type::kEnum, .count = Count::kRequired, .names = kStatusNames}};
constexpr Message kFinalize{.name = "FinalizeLoggedModel", .fields = kFinalizeFields};

constexpr Field kTagsFields[] = {
    {.name = "model_id", .count = Count::kRequired},
    {.name = "tags", .type = Type::kMessage, .count = Count::kMany, .message = &kPair}};
constexpr Message kTags{.name = "SetLoggedModelTags", .fields = kTagsFields};

constexpr Field kParamsFields[] = {
    {.name = "model_id", .count = Count::kRequired},
    {.name = "params", .type = Type::kMessage, .count = Count::kMany, .message = &kPair}};
constexpr Message kParams{.name = "LogLoggedModelParamsRequest", .fields = kParamsFields};

constexpr Field kDatasetFields[] = {{.name = "dataset_name"}, {.name = "dataset_digest"}};
constexpr Message kDataset{.name = "Dataset", .fields = kDatasetFields};
constexpr Field kOrderFields[] = {{.name = "field_name"},
                                  {.name = "ascending", .type = Type::kBool},
                                  {.name = "dataset_name"},
                                  {.name = "dataset_digest"}};
constexpr Message kOrder{.name = "OrderBy", .fields = kOrderFields};
constexpr Field kSearchFields[] = {
    {.name = "experiment_ids", .count = Count::kMany},
    {.name = "filter"},
    {.name = "datasets", .type = Type::kMessage, .count = Count::kMany, .message = &kDataset},
    {.name = "max_results", .type = Type::kInt64},
    {.name = "order_by", .type = Type::kMessage, .count = Count::kMany, .message = &kOrder},
    {.name = "page_token"}};
constexpr Message kSearch{.name = "SearchLoggedModels", .fields = kSearchFields};

tracking::Tags pairs(const Fields& in, std::string_view name) {
  tracking::Tags out;
  for (const Fields& pair : in.messages(name)) {
    out.push_back({.key = std::string(pair.text("key")), .value = std::string(pair.text("value"))});
  }
  return out;
}

void render_pairs(JsonWriter& json, std::string_view name, const tracking::Tags& pairs) {
  if (pairs.empty()) return;
  json.key(name).begin_array();
  for (const tracking::Tag& pair : pairs) {
    json.begin_object().field("key", pair.key).field("value", pair.value).end_object();
  }
  json.end_array();
}

void render_metric(JsonWriter& json, const LoggedModel& model, const tracking::LoggedModelMetric& measured) {
  const tracking::Metric& metric = measured.metric;
  json.begin_object().field("key", metric.key).key("value");
  if (metric.value == metric.value) {
    json.value(metric.value);
  } else {
    json.value("NaN");
  }
  json.field("timestamp", metric.timestamp_ms).field("step", metric.step);
  if (!metric.dataset_name.empty()) json.field("dataset_name", metric.dataset_name);
  if (!metric.dataset_digest.empty()) json.field("dataset_digest", metric.dataset_digest);
  json.field("model_id", model.model_id).field("run_id", measured.run_id).end_object();
}

void render_model(JsonWriter& json, const LoggedModel& model) {
  json.begin_object().key("info").begin_object();
  json.field("model_id", model.model_id).field("experiment_id", model.experiment_id);
  json.field("name", model.name).field("creation_timestamp_ms", model.created_at_ms);
  json.field("last_updated_timestamp_ms", model.updated_at_ms).field("artifact_uri", model.artifact_location);
  json.field("status", kStatusNames[static_cast<size_t>(model.status)]);
  json.field("model_type", model.model_type).field("source_run_id", model.source_run_id);
  render_pairs(json, "tags", model.tags);
  json.end_object().key("data").begin_object();
  render_pairs(json, "params", model.params);
  if (!model.metrics.empty()) {
    json.key("metrics").begin_array();
    for (const tracking::LoggedModelMetric& metric : model.metrics) render_metric(json, model, metric);
    json.end_array();
  }
  json.end_object().end_object();
}

std::string model_answer(const LoggedModel& model) {
  JsonWriter json(1'024);
  json.begin_object().key("model");
  render_model(json, model);
  return json.end_object().take();
}

Task<Result<std::string>> create(LoggedModelServices& services, const Call& call) {
  tracking::NewLoggedModel wanted{.experiment_id = std::string(call.in.text("experiment_id")),
                                  .name = std::string(call.in.text("name")),
                                  .model_type = std::string(call.in.text("model_type")),
                                  .source_run_id = std::string(call.in.text("source_run_id")),
                                  .params = pairs(call.in, "params"),
                                  .tags = pairs(call.in, "tags")};
  ASSIGN_OR_CO_RETURN(LoggedModel model, co_await services.models.create(std::move(wanted)));
  co_return model_answer(model);
}

Task<Result<std::string>> get(LoggedModelServices& services, const Call& call) {
  auto deleted = call.in.flag("allow_deleted") ? tracking::Deleted::kShown : tracking::Deleted::kHidden;
  ASSIGN_OR_CO_RETURN(LoggedModel model,
                      co_await services.models.get(std::string(call.in.text("model_id")), deleted));
  co_return model_answer(model);
}

Task<Result<std::string>> finalize(LoggedModelServices& services, const Call& call) {
  auto name = std::ranges::find(kStatusNames, call.in.text("status"));
  auto status = static_cast<LoggedModelStatus>(name - std::begin(kStatusNames));
  ASSIGN_OR_CO_RETURN(LoggedModel model,
                      co_await services.models.finalize(std::string(call.in.text("model_id")), status));
  co_return model_answer(model);
}

Task<Result<std::string>> remove(LoggedModelServices& services, const Call& call) {
  CO_RETURN_IF_ERROR(co_await services.models.remove(std::string(call.in.text("model_id"))));
  co_return "{}";
}

Task<Result<std::string>> set_tags(LoggedModelServices& services, const Call& call) {
  tracking::Tags tags = pairs(call.in, "tags");
  CO_RETURN_IF_ERROR(
      co_await services.models.set_tags(std::string(call.in.text("model_id")), std::move(tags)));
  co_return "{}";
}

Task<Result<std::string>> delete_tag(LoggedModelServices& services, const Call& call) {
  CO_RETURN_IF_ERROR(co_await services.models.delete_tag(std::string(call.request.param("model_id")),
                                                         std::string(call.request.param("tag_key"))));
  co_return "{}";
}

Task<Result<std::string>> add_params(LoggedModelServices& services, const Call& call) {
  tracking::Params params = pairs(call.in, "params");
  CO_RETURN_IF_ERROR(
      co_await services.models.add_params(std::string(call.in.text("model_id")), std::move(params)));
  co_return "{}";
}

tracking::LoggedModelQuery query_of(const Fields& in) {
  tracking::LoggedModelQuery query{.experiment_ids = {},
                                   .filter = std::string(in.text("filter")),
                                   .datasets = {},
                                   .order = {},
                                   .page_token = std::string(in.text("page_token"))};
  for (std::string_view id : in.texts("experiment_ids")) query.experiment_ids.emplace_back(id);
  for (const Fields& dataset : in.messages("datasets")) {
    query.datasets.push_back({.name = std::string(dataset.text("dataset_name")),
                              .digest = std::string(dataset.text("dataset_digest"))});
  }
  for (const Fields& order : in.messages("order_by")) {
    query.order.push_back({.field = std::string(order.text("field_name")),
                           .ascending = order.flag("ascending", true),
                           .dataset = {.name = std::string(order.text("dataset_name")),
                                       .digest = std::string(order.text("dataset_digest"))}});
  }
  int64_t wanted = in.integer("max_results");
  if (wanted > 0) query.max_results = static_cast<size_t>(std::min(wanted, kResultsMax));
  return query;
}

Task<Result<std::string>> search(LoggedModelServices& services, const Call& call) {
  if (call.in.texts("experiment_ids").empty()) co_return Failure(missing_value("experiment_ids"));
  tracking::LoggedModelQuery query = query_of(call.in);
  ASSIGN_OR_CO_RETURN(tracking::LoggedModelPage page, co_await services.models.search(std::move(query)));
  JsonWriter json(1'024 * (page.models.size() + 1));
  json.begin_object();
  if (!page.models.empty()) {
    json.key("models").begin_array();
    for (const LoggedModel& model : page.models) render_model(json, model);
    json.end_array();
  }
  if (!page.next_page_token.empty()) json.field("next_page_token", page.next_page_token);
  co_return json.end_object().take();
}

constexpr Route<LoggedModelServices> kRoutes[] = {
    {.method = "POST", .path = "2.0/mlflow/logged-models", .message = &kCreate, .answer = create},
    {.method = "POST",
     .path = "2.0/mlflow/logged-models/search",
     .message = &kSearch,
     .needs = Capability::kReadRuns,
     .answer = search},
    {.method = "GET",
     .path = "2.0/mlflow/logged-models/{model_id}",
     .message = &kId,
     .needs = Capability::kReadRuns,
     .answer = get},
    {.method = "PATCH",
     .path = "2.0/mlflow/logged-models/{model_id}",
     .message = &kFinalize,
     .answer = finalize},
    {.method = "DELETE", .path = "2.0/mlflow/logged-models/{model_id}", .message = &kId, .answer = remove},
    {.method = "PATCH",
     .path = "2.0/mlflow/logged-models/{model_id}/tags",
     .message = &kTags,
     .answer = set_tags},
    {.method = "DELETE",
     .path = "2.0/mlflow/logged-models/{model_id}/tags/{tag_key...}",
     .answer = delete_tag},
    {.method = "POST",
     .path = "2.0/mlflow/logged-models/{model_id}/params",
     .message = &kParams,
     .answer = add_params},
};

}  // namespace

void add_logged_model_routes(Contract contract, LoggedModelServices& services) {
  add_routes<LoggedModelServices>(contract, kRoutes, services);
}

}  // namespace penstock::api::mlflow
