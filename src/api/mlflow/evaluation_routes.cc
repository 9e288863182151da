#include "api/mlflow/evaluation_routes.h"

#include <utility>

#include "core/json.h"
#include "core/json_writer.h"
#include "core/text.h"
#include "tracking/evaluation_datasets.h"
#include "tracking/python_json.h"

namespace penstock::api::mlflow {
namespace {

using access::Capability;
using database::Connection;
using tracking::EvaluationDataset;

constexpr int64_t kDefaultResults = 1000;

constexpr Field kCreateFields[] = {
    {.name = "name", .count = Count::kRequired}, {.name = "experiment_ids", .count = Count::kMany}, {"tags"}};
constexpr Message kCreate{"CreateDataset", kCreateFields};
constexpr Field kIdFields[] = {{"dataset_id"}, {"key"}};
constexpr Message kId{"GetDataset", kIdFields};
constexpr Field kSearchFields[] = {{.name = "experiment_ids", .count = Count::kMany},
                                   {"filter_string"},
                                   {.name = "max_results", .type = Type::kInt64},
                                   {.name = "order_by", .count = Count::kMany},
                                   {"page_token"}};
constexpr Message kSearch{"SearchEvaluationDatasets", kSearchFields};
constexpr Field kTagsFields[] = {{"dataset_id"}, {.name = "tags", .count = Count::kRequired}};
constexpr Message kSetTags{"SetDatasetTags", kTagsFields};
constexpr Field kUpsertFields[] = {{"dataset_id"}, {.name = "records", .count = Count::kRequired}};
constexpr Message kUpsert{"UpsertDatasetRecords", kUpsertFields};
constexpr Field kRecordsFields[] = {
    {"dataset_id"}, {.name = "max_results", .type = Type::kInt64}, {"page_token"}};
constexpr Message kRecords{"GetDatasetRecords", kRecordsFields};
constexpr Field kDeleteFields[] = {{"dataset_id"}, {.name = "dataset_record_ids", .count = Count::kMany}};
constexpr Message kDelete{"DeleteDatasetRecords", kDeleteFields};
constexpr Field kExperimentsFields[] = {{"dataset_id"}, {.name = "experiment_ids", .count = Count::kMany}};
constexpr Message kExperiments{"AddDatasetToExperiments", kExperimentsFields};

int64_t now_ms(const EvaluationServices& services) { return services.clock.now().us / 1000; }
std::string id_of(const Call& call) { return std::string(call.in.text("dataset_id")); }

std::vector<std::string> strings(const Fields& fields, std::string_view name) {
  std::vector<std::string> out;
  for (std::string_view text : fields.texts(name)) out.emplace_back(text);
  return out;
}

// Tags come as the text of a JSON object; values that are no text are written as one.
Result<tracking::DatasetTags> read_tags(std::string_view text) {
  tracking::DatasetTags tags;
  if (text.empty()) return tags;
  Result<Json> value = parse_json(text);
  if (!value || !value->is_object()) {
    return Failure(Error::invalid("tags", "'tags' must be a JSON object, as text"));
  }
  for (const auto& [key, tag] : value->get_object()) {
    if (tag.is_null()) continue;
    tags.emplace(std::string_view(key), tag.is_string() ? std::string(std::string_view(tag.get_string()))
                                                        : tracking::python_json(tag));
  }
  return tags;
}

void write_dataset(JsonWriter& json, const EvaluationDataset& dataset) {
  JsonObject tags;
  for (const auto& [key, value] : dataset.tags) tags[key] = value;
  json.begin_object().field("dataset_id", dataset.dataset_id).field("name", dataset.name);
  json.field("tags", tracking::python_json(tags));
  if (!dataset.schema.empty()) json.field("schema", dataset.schema);
  if (!dataset.profile.empty()) json.field("profile", dataset.profile);
  json.field("digest", dataset.digest).field("created_time", dataset.created_ms);
  json.field("last_update_time", dataset.updated_ms);
  if (dataset.created_by) json.field("created_by", *dataset.created_by);
  if (dataset.updated_by) json.field("last_updated_by", *dataset.updated_by);
}

std::string dataset_json(const EvaluationDataset& dataset,
                         const std::vector<std::string>& experiment_ids = {}) {
  JsonWriter json;
  json.begin_object().key("dataset");
  write_dataset(json, dataset);
  if (!experiment_ids.empty()) {
    json.key("experiment_ids").begin_array();
    for (const std::string& id : experiment_ids) json.value(id);
    json.end_array();
  }
  return json.end_object().end_object().take();
}

Task<Result<std::string>> create(EvaluationServices& services, const Call& call) {
  tracking::NewEvaluationDataset dataset{.name = std::string(call.in.text("name")),
                                         .experiment_ids = strings(call.in, "experiment_ids")};
  ASSIGN_OR_CO_RETURN(dataset.tags, read_tags(call.in.text("tags")));
  auto work = [&services, dataset](Connection& connection) {
    return tracking::create_evaluation_dataset(connection, services.random, dataset, now_ms(services));
  };
  ASSIGN_OR_CO_RETURN(EvaluationDataset made,
                      co_await services.database.write<EvaluationDataset>(std::move(work)));
  co_return dataset_json(made, dataset.experiment_ids);
}

Task<Result<std::string>> get(EvaluationServices& services, const Call& call) {
  auto work = [id = id_of(call)](Connection& connection) {
    return tracking::get_evaluation_dataset(connection, id);
  };
  ASSIGN_OR_CO_RETURN(EvaluationDataset dataset,
                      co_await services.database.read<EvaluationDataset>(std::move(work)));
  co_return dataset_json(dataset);
}

Task<Result<std::string>> remove(EvaluationServices& services, const Call& call) {
  auto work = [id = id_of(call)](Connection& connection) {
    return tracking::delete_evaluation_dataset(connection, id);
  };
  CO_RETURN_IF_ERROR(co_await services.database.write<void>(std::move(work)));
  co_return std::string("{}");
}

Result<int64_t> read_offset(std::string_view token) {
  if (token.empty()) return 0;
  std::optional<std::string> text = decode_base64url(token);
  std::optional<int64_t> offset = text ? parse_int(*text) : std::nullopt;
  if (offset) return *offset;
  return Failure(Error::invalid("page_token", "Invalid page token, could not base64-decode"));
}

Task<Result<std::string>> search(EvaluationServices& services, const Call& call) {
  tracking::DatasetSearch search{.experiment_ids = strings(call.in, "experiment_ids"),
                                 .filter = std::string(call.in.text("filter_string")),
                                 .results_max = call.in.integer("max_results", kDefaultResults),
                                 .order_by = strings(call.in, "order_by")};
  ASSIGN_OR_CO_RETURN(search.offset, read_offset(call.in.text("page_token")));
  auto work = [search](Connection& connection) {
    return tracking::search_evaluation_datasets(connection, search);
  };
  ASSIGN_OR_CO_RETURN(tracking::DatasetPage page,
                      co_await services.database.read<tracking::DatasetPage>(std::move(work)));
  JsonWriter json(1024);
  json.begin_object();
  if (!page.datasets.empty()) {
    json.key("datasets").begin_array();
    for (const EvaluationDataset& dataset : page.datasets) {
      write_dataset(json, dataset);
      json.end_object();
    }
    json.end_array();
  }
  if (page.more) {
    std::string next = std::to_string(search.offset + search.results_max);
    json.field("next_page_token", base64url(std::as_bytes(std::span(next))));
  }
  co_return json.end_object().take();
}

Task<Result<std::string>> set_tags(EvaluationServices& services, const Call& call) {
  ASSIGN_OR_CO_RETURN(tracking::DatasetTags tags, read_tags(call.in.text("tags")));
  auto work = [id = id_of(call), tags](Connection& connection) {
    return tracking::set_evaluation_dataset_tags(connection, id, tags);
  };
  CO_RETURN_IF_ERROR(co_await services.database.write<void>(std::move(work)));
  co_return std::string("{}");
}

Task<Result<std::string>> delete_tag(EvaluationServices& services, const Call& call) {
  std::string key(call.in.text("key"));
  auto work = [id = id_of(call), key](Connection& connection) {
    return tracking::delete_evaluation_dataset_tag(connection, id, key);
  };
  CO_RETURN_IF_ERROR(co_await services.database.write<void>(std::move(work)));
  co_return std::string("{}");
}

Task<Result<std::string>> upsert(EvaluationServices& services, const Call& call) {
  Result<Json> records = parse_json(call.in.text("records"));
  if (!records) co_return Failure(Error::invalid("records", "'records' must be a JSON list, as text"));
  auto work = [&services, id = id_of(call), records = std::move(*records)](Connection& connection) {
    return tracking::upsert_records(connection, services.random, id, records, now_ms(services));
  };
  ASSIGN_OR_CO_RETURN(tracking::UpsertCounts counts,
                      co_await services.database.write<tracking::UpsertCounts>(std::move(work)));
  JsonWriter json;
  json.begin_object().field("inserted_count", counts.inserted).field("updated_count", counts.updated);
  co_return json.end_object().take();
}

Task<Result<std::string>> read_records(EvaluationServices& services, const Call& call) {
  int64_t wanted = call.in.integer("max_results", kDefaultResults);
  if (wanted == 0) wanted = kDefaultResults;
  std::optional<std::string> token = std::string();
  if (!call.in.text("page_token").empty()) token = decode_base64url(call.in.text("page_token"));
  if (!token) co_return Failure(Error::invalid("page_token", "Invalid page token, could not base64-decode"));
  auto work = [id = id_of(call), wanted, after = *token](Connection& connection) {
    return tracking::read_records(connection, id, wanted, after);
  };
  ASSIGN_OR_CO_RETURN(tracking::RecordPage page,
                      co_await services.database.read<tracking::RecordPage>(std::move(work)));
  JsonWriter json(page.records.size() + 64);
  json.begin_object().field("records", page.records);
  if (!page.next_page_token.empty()) {
    json.field("next_page_token", base64url(std::as_bytes(std::span(page.next_page_token))));
  }
  co_return json.end_object().take();
}

Task<Result<std::string>> delete_records(EvaluationServices& services, const Call& call) {
  std::vector<std::string> ids = strings(call.in, "dataset_record_ids");
  auto work = [id = id_of(call), ids](Connection& connection) {
    return tracking::delete_records(connection, id, ids);
  };
  ASSIGN_OR_CO_RETURN(int64_t deleted, co_await services.database.write<int64_t>(std::move(work)));
  JsonWriter json;
  co_return json.begin_object().field("deleted_count", deleted).end_object().take();
}

Task<Result<std::string>> get_experiments(EvaluationServices& services, const Call& call) {
  using Ids = std::vector<std::string>;
  auto work = [id = id_of(call)](Connection& connection) {
    return tracking::dataset_experiments(connection, id);
  };
  ASSIGN_OR_CO_RETURN(Ids ids, co_await services.database.read<Ids>(std::move(work)));
  JsonWriter json;
  json.begin_object();
  if (!ids.empty()) {
    json.key("experiment_ids").begin_array();
    for (const std::string& id : ids) json.value(id);
    json.end_array();
  }
  co_return json.end_object().take();
}

Task<Result<std::string>> add_experiments(EvaluationServices& services, const Call& call) {
  std::vector<std::string> ids = strings(call.in, "experiment_ids");
  auto add = [&services, id = id_of(call), ids](Connection& connection) -> Result<EvaluationDataset> {
    ASSIGN_OR_RETURN(EvaluationDataset dataset,
                     tracking::add_dataset_to_experiments(connection, id, ids, now_ms(services)));
    for (const std::string& experiment : ids) {
      if (services.check_experiment(connection, experiment)) continue;
      return Failure(Error::not_found("No Experiment with id=" + experiment));
    }
    return dataset;
  };
  ASSIGN_OR_CO_RETURN(EvaluationDataset dataset,
                      co_await services.database.write<EvaluationDataset>(std::move(add)));
  co_return dataset_json(dataset);
}

Task<Result<std::string>> remove_experiments(EvaluationServices& services, const Call& call) {
  std::vector<std::string> ids = strings(call.in, "experiment_ids");
  auto remove = [&services, id = id_of(call), ids](Connection& connection) {
    return tracking::remove_dataset_from_experiments(connection, id, ids, now_ms(services));
  };
  ASSIGN_OR_CO_RETURN(EvaluationDataset dataset,
                      co_await services.database.write<EvaluationDataset>(std::move(remove)));
  co_return dataset_json(dataset);
}

}  // namespace

void add_evaluation_routes(Contract contract, EvaluationServices& services) {
  static const Route<EvaluationServices> kRoutes[] = {
      {"POST", "3.0/mlflow/datasets/create", &kCreate, Capability::kDevelop, create},
      {"GET POST", "3.0/mlflow/datasets/search", &kSearch, Capability::kReadRuns, search},
      {"GET", "3.0/mlflow/datasets/{dataset_id}", &kId, Capability::kReadRuns, get},
      {"DELETE", "3.0/mlflow/datasets/{dataset_id}", &kId, Capability::kDevelop, remove},
      {"PATCH", "3.0/mlflow/datasets/{dataset_id}/tags", &kSetTags, Capability::kDevelop, set_tags},
      {"DELETE", "3.0/mlflow/datasets/{dataset_id}/tags/{key}", &kId, Capability::kDevelop, delete_tag},
      {"POST", "3.0/mlflow/datasets/{dataset_id}/records", &kUpsert, Capability::kDevelop, upsert},
      {"GET", "3.0/mlflow/datasets/{dataset_id}/records", &kRecords, Capability::kReadRuns, read_records},
      {"DELETE", "3.0/mlflow/datasets/{dataset_id}/records", &kDelete, Capability::kDevelop, delete_records},
      {"GET", "3.0/mlflow/datasets/{dataset_id}/experiment-ids", &kId, Capability::kReadRuns,
       get_experiments},
      {"POST", "3.0/mlflow/datasets/{dataset_id}/add-experiments", &kExperiments, Capability::kDevelop,
       add_experiments},
      {"POST", "3.0/mlflow/datasets/{dataset_id}/remove-experiments", &kExperiments, Capability::kDevelop,
       remove_experiments},
  };
  add_routes<EvaluationServices>(contract, kRoutes, services);
}

}  // namespace penstock::api::mlflow
