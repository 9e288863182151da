#include "api/mlflow/registry_render.h"

namespace penstock::api::mlflow {
namespace {

int64_t milliseconds(Timestamp at) { return at.us / 1000; }

void write_tags(JsonWriter& json, const registry::Tags& tags) {
  if (tags.empty()) return;
  json.key("tags").begin_array();
  for (const auto& [key, value] : tags) {
    json.begin_object().field("key", key).field("value", value).end_object();
  }
  json.end_array();
}

}  // namespace

void write_model_version(JsonWriter& json, const registry::Version& version) {
  json.begin_object().field("name", version.name).field("version", std::to_string(version.number));
  json.field("creation_timestamp", milliseconds(version.created_at));
  json.field("last_updated_timestamp", milliseconds(version.updated_at));
  json.field("current_stage", version.stage);
  if (version.description) json.field("description", *version.description);
  json.field("source", version.source).field("run_id", version.run_id);
  json.field("status", registry::status_name(version.status));
  if (!version.status_message.empty()) json.field("status_message", version.status_message);
  write_tags(json, version.tags);
  json.field("run_link", version.run_link);
  if (!version.aliases.empty()) {
    json.key("aliases").begin_array();
    for (const std::string& alias : version.aliases) json.value(alias);
    json.end_array();
  }
  json.end_object();
}

void write_registered_model(JsonWriter& json, const registry::RegisteredModelDetails& model) {
  const registry::Entry& entry = model.entry;
  json.begin_object().field("name", entry.name);
  json.field("creation_timestamp", milliseconds(entry.created_at));
  json.field("last_updated_timestamp", milliseconds(entry.updated_at));
  if (!entry.description.empty()) json.field("description", entry.description);
  if (!model.latest.empty()) {
    json.key("latest_versions").begin_array();
    for (const registry::Version& version : model.latest) write_model_version(json, version);
    json.end_array();
  }
  write_tags(json, entry.tags);
  if (!entry.aliases.empty()) {
    json.key("aliases").begin_array();
    for (const registry::Alias& alias : entry.aliases) {
      json.begin_object()
          .field("alias", alias.name)
          .field("version", std::to_string(alias.number))
          .end_object();
    }
    json.end_array();
  }
  json.end_object();
}

std::string registered_model_answer(const registry::RegisteredModelDetails& model) {
  JsonWriter json;
  json.begin_object().key("registered_model");
  write_registered_model(json, model);
  return json.end_object().take();
}

std::string model_version_answer(const registry::Version& version) {
  JsonWriter json;
  json.begin_object().key("model_version");
  write_model_version(json, version);
  return json.end_object().take();
}

}  // namespace penstock::api::mlflow
