#include "api/mlflow/registry_routes.h"

#include <array>

#include "api/mlflow/registry_messages.h"
#include "api/mlflow/registry_render.h"

namespace penstock::api::mlflow {
namespace {

using Services = RegistryServices;
using Answer = Task<Result<std::string>>;
constexpr auto kRead = access::Capability::kReadRuns;

constexpr int64_t kModelsPage = 100;
constexpr int64_t kVersionsPage = 10'000;
constexpr const char* kNothing = "{}";

std::string text(const Call& call, std::string_view name) { return std::string(call.in.text(name)); }

std::optional<std::string> optional_text(const Call& call, std::string_view name) {
  if (!call.in.has(name)) return std::nullopt;
  return text(call, name);
}

registry::Tags tags_of(const Call& call) {
  registry::Tags tags;
  for (const Fields& tag : call.in.messages("tags")) tags.emplace_back(tag.text("key"), tag.text("value"));
  return tags;
}

registry::Mover mover_of(const Call& call) {
  return {.name = call.principal->name, .role = call.principal->role};
}

// Beyond the most that may be asked for the value is the wrong one, says MLflow, as it came.
Result<registry::ModelSearch> search_of(const Call& call, int64_t page, int64_t page_max) {
  registry::ModelSearch search{.filter = text(call, "filter"),
                               .results_max = call.in.integer("max_results", page),
                               .page_token = text(call, "page_token")};
  for (std::string_view order : call.in.texts("order_by")) search.order_by.emplace_back(order);
  if (search.results_max <= page_max) return search;
  bool from_query = call.request.method == "GET";
  std::string number = std::to_string(search.results_max);
  return Failure(
      invalid_value("max_results", from_query ? Json(number) : Json(search.results_max),
                    std::string(" Hint: Value was of type '") + (from_query ? "str" : "int") + "'."));
}

Answer create_registered_model(Services& services, const Call& call) {
  registry::NewModel model{
      .name = text(call, "name"), .description = text(call, "description"), .tags = tags_of(call)};
  ASSIGN_OR_CO_RETURN(auto created, co_await services.models.create(std::move(model)));
  co_return registered_model_answer(created);
}

Answer rename_registered_model(Services& services, const Call& call) {
  ASSIGN_OR_CO_RETURN(auto model,
                      co_await services.models.rename(text(call, "name"), text(call, "new_name")));
  co_return registered_model_answer(model);
}

Answer update_registered_model(Services& services, const Call& call) {
  ASSIGN_OR_CO_RETURN(auto model,
                      co_await services.models.update(text(call, "name"), text(call, "description")));
  co_return registered_model_answer(model);
}

Answer delete_registered_model(Services& services, const Call& call) {
  CO_RETURN_IF_ERROR(co_await services.models.remove(text(call, "name"), mover_of(call)));
  co_return kNothing;
}

Answer get_registered_model(Services& services, const Call& call) {
  ASSIGN_OR_CO_RETURN(auto model, co_await services.models.get(text(call, "name")));
  co_return registered_model_answer(model);
}

Answer search_registered_models(Services& services, const Call& call) {
  ASSIGN_OR_CO_RETURN(auto search, search_of(call, kModelsPage, registry::ModelRegistry::kModelsPageMax));
  ASSIGN_OR_CO_RETURN(registry::ModelPage page, co_await services.models.search(std::move(search)));
  JsonWriter json;
  json.begin_object();
  if (!page.models.empty()) {
    json.key("registered_models").begin_array();
    for (const auto& model : page.models) write_registered_model(json, model);
    json.end_array();
  }
  if (!page.next_token.empty()) json.field("next_page_token", page.next_token);
  co_return json.end_object().take();
}

std::string versions_answer(const std::vector<registry::Version>& versions, std::string_view next_token) {
  JsonWriter json;
  json.begin_object();
  if (!versions.empty()) {
    json.key("model_versions").begin_array();
    for (const registry::Version& version : versions) write_model_version(json, version);
    json.end_array();
  }
  if (!next_token.empty()) json.field("next_page_token", next_token);
  return json.end_object().take();
}

Answer get_latest_versions(Services& services, const Call& call) {
  std::vector<std::string> stages;
  for (std::string_view stage : call.in.texts("stages")) stages.emplace_back(stage);
  ASSIGN_OR_CO_RETURN(auto versions,
                      co_await services.models.latest_versions(text(call, "name"), std::move(stages)));
  co_return versions_answer(versions, {});
}

Answer set_registered_model_tag(Services& services, const Call& call) {
  CO_RETURN_IF_ERROR(
      co_await services.models.set_tag(text(call, "name"), text(call, "key"), text(call, "value")));
  co_return kNothing;
}

Answer delete_registered_model_tag(Services& services, const Call& call) {
  CO_RETURN_IF_ERROR(co_await services.models.delete_tag(text(call, "name"), text(call, "key")));
  co_return kNothing;
}

Answer set_registered_model_alias(Services& services, const Call& call) {
  CO_RETURN_IF_ERROR(co_await services.models.set_alias(text(call, "name"), text(call, "alias"),
                                                        text(call, "version"), mover_of(call)));
  co_return kNothing;
}

Answer delete_registered_model_alias(Services& services, const Call& call) {
  CO_RETURN_IF_ERROR(
      co_await services.models.delete_alias(text(call, "name"), text(call, "alias"), mover_of(call)));
  co_return kNothing;
}

Answer get_model_version_by_alias(Services& services, const Call& call) {
  ASSIGN_OR_CO_RETURN(auto version,
                      co_await services.models.version_by_alias(text(call, "name"), text(call, "alias")));
  co_return model_version_answer(version);
}

Answer create_model_version(Services& services, const Call& call) {
  registry::NewModelVersion request{.name = text(call, "name"),
                                    .source = text(call, "source"),
                                    .run_id = optional_text(call, "run_id"),
                                    .model_id = optional_text(call, "model_id"),
                                    .run_link = text(call, "run_link"),
                                    .description = text(call, "description"),
                                    .tags = tags_of(call),
                                    .created_by = call.principal->name};
  ASSIGN_OR_CO_RETURN(auto version, co_await services.models.create_version(std::move(request)));
  co_return model_version_answer(version);
}

Answer update_model_version(Services& services, const Call& call) {
  ASSIGN_OR_CO_RETURN(auto version,
                      co_await services.models.update_version(text(call, "name"), text(call, "version"),
                                                              optional_text(call, "description")));
  co_return model_version_answer(version);
}

Answer transition_model_version_stage(Services& services, const Call& call) {
  registry::ModelRegistry::StageMove move{.name = text(call, "name"),
                                          .number = text(call, "version"),
                                          .stage = text(call, "stage"),
                                          .archive_existing = call.in.flag("archive_existing_versions")};
  ASSIGN_OR_CO_RETURN(auto version,
                      co_await services.models.transition_stage(std::move(move), mover_of(call)));
  co_return model_version_answer(version);
}

Answer delete_model_version(Services& services, const Call& call) {
  CO_RETURN_IF_ERROR(
      co_await services.models.delete_version(text(call, "name"), text(call, "version"), mover_of(call)));
  co_return kNothing;
}

Answer get_model_version(Services& services, const Call& call) {
  ASSIGN_OR_CO_RETURN(auto version,
                      co_await services.models.get_version(text(call, "name"), text(call, "version")));
  co_return model_version_answer(version);
}

Answer search_model_versions(Services& services, const Call& call) {
  ASSIGN_OR_CO_RETURN(auto search, search_of(call, kVersionsPage, registry::ModelRegistry::kVersionsPageMax));
  ASSIGN_OR_CO_RETURN(registry::VersionPage page,
                      co_await services.models.search_versions(std::move(search)));
  co_return versions_answer(page.versions, page.next_token);
}

Answer get_model_version_download_uri(Services& services, const Call& call) {
  ASSIGN_OR_CO_RETURN(std::string uri,
                      co_await services.models.download_uri(text(call, "name"), text(call, "version")));
  JsonWriter json;
  co_return json.begin_object().field("artifact_uri", uri).end_object().take();
}

Answer set_model_version_tag(Services& services, const Call& call) {
  CO_RETURN_IF_ERROR(co_await services.models.set_version_tag(text(call, "name"), text(call, "version"),
                                                              text(call, "key"), text(call, "value")));
  co_return kNothing;
}

Answer delete_model_version_tag(Services& services, const Call& call) {
  CO_RETURN_IF_ERROR(co_await services.models.delete_version_tag(text(call, "name"), text(call, "version"),
                                                                 text(call, "key")));
  co_return kNothing;
}

#define PENSTOCK_MODELS "2.0/mlflow/registered-models/"
#define PENSTOCK_VERSIONS "2.0/mlflow/model-versions/"
const std::array<Route<Services>, 21> kRoutes = {{
    {.method = "POST",
     .path = PENSTOCK_MODELS "create",
     .message = &kCreateRegisteredModel,
     .answer = create_registered_model},
    {.method = "POST",
     .path = PENSTOCK_MODELS "rename",
     .message = &kRenameRegisteredModel,
     .answer = rename_registered_model},
    {.method = "PATCH",
     .path = PENSTOCK_MODELS "update",
     .message = &kUpdateRegisteredModel,
     .answer = update_registered_model},
    {.method = "DELETE",
     .path = PENSTOCK_MODELS "delete",
     .message = &kModelName,
     .answer = delete_registered_model},
    {.method = "GET",
     .path = PENSTOCK_MODELS "get",
     .message = &kModelName,
     .needs = kRead,
     .answer = get_registered_model},
    {.method = "GET",
     .path = PENSTOCK_MODELS "search",
     .message = &kSearchRegistry,
     .needs = kRead,
     .answer = search_registered_models},
    {.method = "GET POST",
     .path = PENSTOCK_MODELS "get-latest-versions",
     .message = &kGetLatestVersions,
     .needs = kRead,
     .answer = get_latest_versions},
    {.method = "POST",
     .path = PENSTOCK_MODELS "set-tag",
     .message = &kSetRegisteredModelTag,
     .answer = set_registered_model_tag},
    {.method = "DELETE",
     .path = PENSTOCK_MODELS "delete-tag",
     .message = &kDeleteRegisteredModelTag,
     .answer = delete_registered_model_tag},
    {.method = "POST",
     .path = PENSTOCK_MODELS "alias",
     .message = &kSetRegisteredModelAlias,
     .answer = set_registered_model_alias},
    {.method = "DELETE",
     .path = PENSTOCK_MODELS "alias",
     .message = &kModelAlias,
     .answer = delete_registered_model_alias},
    {.method = "GET",
     .path = PENSTOCK_MODELS "alias",
     .message = &kModelAlias,
     .needs = kRead,
     .answer = get_model_version_by_alias},
    {.method = "POST",
     .path = PENSTOCK_VERSIONS "create",
     .message = &kCreateModelVersion,
     .answer = create_model_version},
    {.method = "PATCH",
     .path = PENSTOCK_VERSIONS "update",
     .message = &kUpdateModelVersion,
     .answer = update_model_version},
    {.method = "POST",
     .path = PENSTOCK_VERSIONS "transition-stage",
     .message = &kTransitionModelVersionStage,
     .answer = transition_model_version_stage},
    {.method = "DELETE",
     .path = PENSTOCK_VERSIONS "delete",
     .message = &kModelVersion,
     .answer = delete_model_version},
    {.method = "GET",
     .path = PENSTOCK_VERSIONS "get",
     .message = &kModelVersion,
     .needs = kRead,
     .answer = get_model_version},
    {.method = "GET",
     .path = PENSTOCK_VERSIONS "search",
     .message = &kSearchRegistry,
     .needs = kRead,
     .answer = search_model_versions},
    {.method = "GET",
     .path = PENSTOCK_VERSIONS "get-download-uri",
     .message = &kGetModelVersionDownloadUri,
     .needs = kRead,
     .answer = get_model_version_download_uri},
    {.method = "POST",
     .path = PENSTOCK_VERSIONS "set-tag",
     .message = &kSetModelVersionTag,
     .answer = set_model_version_tag},
    {.method = "DELETE",
     .path = PENSTOCK_VERSIONS "delete-tag",
     .message = &kDeleteModelVersionTag,
     .answer = delete_model_version_tag},
}};
#undef PENSTOCK_MODELS
#undef PENSTOCK_VERSIONS

}  // namespace

void add_registry_routes(Contract contract, RegistryServices& services) {
  add_routes<Services>(contract, kRoutes, services);
}

}  // namespace penstock::api::mlflow
