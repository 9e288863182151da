#include <algorithm>
#include <array>
#include <utility>

#include "core/json_writer.h"
#include "core/text.h"
#include "registry/aliases.h"
#include "registry/among.h"
#include "registry/lineage.h"
#include "registry/model_change.h"
#include "registry/model_lookup.h"
#include "registry/model_registry.h"
#include "registry/model_rules.h"
#include "registry/models.h"
#include "registry/registry_store.h"

namespace penstock::registry {
namespace {

using database::Connection;

constexpr std::array<std::string_view, 2> kPromptSources = {kPromptSource, "dummy-source"};

Error bad_source(std::string_view source, std::string_view why) {
  return Error::invalid("source",
                        "Invalid model version source: '" + std::string(source) + "'. " + std::string(why));
}

Error no_logged_model(std::string_view id) {
  return Error::not_found("Logged model with ID '" + std::string(id) + "' not found.");
}

// What a version is made from, found out before it is stored.
struct Origin {
  std::string source;
  std::string location;
  std::string run_id;
  std::string model_id;
  std::string copied_from{};  // a lineage node; empty: no copy
};

Result<Version> newest_in_stage(Connection& connection, const Entry& entry, const std::string& stage) {
  ASSIGN_OR_RETURN(RegisteredModelDetails details, with_latest(connection, entry));
  std::optional<Version> newest;
  std::string_view wanted;
  if (!stage.empty()) {
    ASSIGN_OR_RETURN(wanted, canonical_stage(stage));
  }
  for (Version& version : details.latest) {
    bool fits = wanted.empty() || version.stage == wanted;
    if (fits && (!newest || newest->number < version.number)) newest = std::move(version);
  }
  if (newest) return *std::move(newest);
  std::string in_stage = stage.empty() ? "" : " and stage '" + stage + "'";
  return Failure(
      Error::not_found("No versions of model with name '" + entry.name + "'" + in_stage + " found"));
}

// "models:/name/3" and its like: another version, whose run and logged model are those of the copy.
Result<Origin> origin_of_copy(Connection& connection, const NewModelVersion& request, const ModelUri& uri) {
  ASSIGN_OR_RETURN(Entry entry, require_model_details(connection, uri.name));
  if (is_prompt(entry.tags)) {
    return Failure(bad_source(request.source, "Prompt versions cannot be used as model version sources."));
  }
  Version version;
  if (!uri.version.empty()) {
    ASSIGN_OR_RETURN(version, require_model_version(connection, uri.name, uri.version));
  } else if (!uri.alias.empty()) {
    ASSIGN_OR_RETURN(version, resolve_alias(connection, uri.name, uri.alias));
  } else {
    ASSIGN_OR_RETURN(version, newest_in_stage(connection, entry, uri.stage));
  }
  bool other_run = request.run_id && *request.run_id != version.run_id;
  if (other_run || (request.model_id && *request.model_id != version.model_id)) {
    return Failure(bad_source(request.source,
                              "The run_id and model_id request parameters must match the referenced model "
                              "version."));
  }
  return Origin{.source = "models:/" + entry.name + "/" + std::to_string(version.number),
                .location = version.location.empty() ? version.source : version.location,
                .run_id = version.run_id,
                .model_id = version.model_id,
                .copied_from = version_node(version.kind, version.name, version.number)};
}

Result<Origin> origin_of(Connection& connection, ModelOrigins& origins, const NewModelVersion& request) {
  Origin origin{.source = request.source,
                .location = request.source,
                .run_id = request.run_id.value_or(""),
                .model_id = request.model_id.value_or("")};
  UriParts uri = uri_parts(request.source);
  std::optional<ModelUri> model;
  if (uri.scheme == "models") {
    if (!uri.authority.empty()) {
      return Failure(
          bad_source(request.source, "Registered model sources must use the active model registry."));
    }
    model = parse_model_uri(request.source);
    if (!model) return Failure(invalid_source(request.source, "model_id"));
    if (model->model_id.empty()) {
      ASSIGN_OR_RETURN(origin, origin_of_copy(connection, request, *model));
    }
  }
  RETURN_IF_ERROR(check_source(
      connection, origins, {.source = origin.source, .run_id = origin.run_id, .model_id = origin.model_id}));
  bool of_logged_model = model && !model->model_id.empty();
  if (origin.model_id.empty() || (!of_logged_model && !origin.run_id.empty())) return origin;
  ASSIGN_OR_RETURN(auto logged, origins.logged_model(connection, origin.model_id));
  if (!logged) return Failure(no_logged_model(origin.model_id));
  if (of_logged_model) origin.location = logged->artifacts;
  if (origin.run_id.empty()) origin.run_id = logged->run_id;
  return origin;
}

Result<void> record_origin(Connection& connection, const Version& version, const Origin& origin) {
  std::string node = version_node(version.kind, version.name, version.number);
  const std::array<std::array<std::string, 3>, 3> edges = {{
      {origin.run_id.empty() ? "" : "run:" + origin.run_id, node, "output"},
      {origin.model_id.empty() ? "" : "logged_model:" + origin.model_id, node, "release"},
      {origin.copied_from, node, "copy"},
  }};
  for (const auto& [from, to, role] : edges) {
    if (from.empty()) continue;
    RETURN_IF_ERROR(
        record_edge(connection, {.from = from, .to = to, .role = role, .at = version.created_at}));
  }
  return {};
}

std::string version_announcement(const Version& version, const NewModelVersion& request, bool prompt) {
  JsonWriter json;
  json.begin_object().field("name", version.name).field("version", std::to_string(version.number));
  if (prompt) {
    const std::string* text = find_tag(request.tags, kPromptTextTag);
    if (text == nullptr) {
      json.null_field("template");
    } else {
      json.field("template", *text);
    }
  } else {
    json.field("source", version.source).optional_field("run_id", version.run_id);
  }
  json.key("tags").begin_object();
  for (const auto& [key, value] : request.tags) {
    bool internal = key == kPromptTag || key == kPromptTextTag || key == kPromptTypeTag;
    if (!prompt || !internal) json.field(key, value);
  }
  json.end_object().optional_field("description", request.description).end_object();
  return json.take();
}

Result<void> check_request(const NewModelVersion& request) {
  if (is_prompt(request.tags) && !is_among(kPromptSources, request.source)) {
    return Failure(Error::invalid("source", "Invalid prompt source: '" + request.source +
                                                "'. Prompt sources must use an MLflow placeholder."));
  }
  RETURN_IF_ERROR(check_source_scheme(request.source));
  RETURN_IF_ERROR(check_length("source", request.source, kSourceCharactersMax));
  RETURN_IF_ERROR(check_length("run_link", request.run_link, kSourceCharactersMax));
  return check_length("description", request.description, kDescriptionCharactersMax);
}

// A stage is left and entered under the rules of an alias of its name; "None" is no stage.
Result<void> check_stage(Connection& connection, const Entry& entry, std::string_view stage,
                         const Version* version, const Mover& mover) {
  if (stage == "None") return {};
  return check_promotion(connection, entry, to_lower(stage), version, mover);
}

// What makes a served version one must stay.
Result<void> check_own_tag(const Version& version, std::string_view key) {
  if (!version.digest || key != kModelKindTag) return {};
  return Failure(served_here("The tag '" + std::string(key) + "' of '" + version.name + "' version " +
                             std::to_string(version.number)));
}

}  // namespace

Task<Result<Version>> ModelRegistry::create_version(NewModelVersion request) {
  request.tags = distinct(std::move(request.tags));
  CO_RETURN_IF_ERROR(check_request(request));
  Timestamp now = clock_.now();
  auto work = [this, request = std::move(request), now](Connection& connection,
                                                        bool& told) -> Result<Version> {
    bool prompt = is_prompt(request.tags);
    Origin origin{.source = request.source, .run_id = request.run_id.value_or("")};
    if (!prompt) {
      ASSIGN_OR_RETURN(origin, origin_of(connection, origins_, request));
    }
    for (const auto& [key, value] : request.tags) RETURN_IF_ERROR(check_version_tag(key, value));
    ASSIGN_OR_RETURN(Entry entry, require_model(connection, request.name));
    Version version{.entry = entry.id,
                    .kind = entry.kind,
                    .name = entry.name,
                    .source = origin.source,
                    .location = origin.location == origin.source ? "" : origin.location,
                    .description = request.description,
                    .run_id = origin.run_id,
                    .run_link = request.run_link,
                    .model_id = origin.model_id,
                    .created_by = request.created_by,
                    .created_at = now,
                    .updated_at = now,
                    .tags = request.tags};
    ASSIGN_OR_RETURN(version, insert_version(connection, std::move(version)));
    RETURN_IF_ERROR(record_origin(connection, version, origin));
    if (!origin.model_id.empty()) {
      RETURN_IF_ERROR(origins_.add_version(connection, origin.model_id, version.name, version.number));
    }
    ASSIGN_OR_RETURN(told, tell(connection, Topic::kVersion, prompt, "created",
                                version_announcement(version, request, prompt), now));
    return version;
  };
  co_return co_await change<Version>(std::move(work));
}

Task<Result<Version>> ModelRegistry::get_version(std::string name, std::string number) {
  auto work = [=](Connection& connection) -> Result<Version> {
    ASSIGN_OR_RETURN(Version version, require_model_version(connection, name, number));
    return with_aliases(connection, std::move(version));
  };
  co_return co_await database_.read<Version>(std::move(work));
}

Task<Result<Version>> ModelRegistry::update_version(std::string name, std::string number,
                                                    std::optional<std::string> description) {
  if (description) {
    CO_RETURN_IF_ERROR(check_length("description", *description, kDescriptionCharactersMax));
  }
  Timestamp now = clock_.now();
  auto work = [=](Connection& connection, bool&) -> Result<Version> {
    ASSIGN_OR_RETURN(Version version, require_model_version(connection, name, number));
    RETURN_IF_ERROR(set_version_description(connection, version.id, description, now));
    version.description = description;
    version.updated_at = now;
    return with_aliases(connection, std::move(version));
  };
  co_return co_await change<Version>(std::move(work));
}

Task<Result<Version>> ModelRegistry::transition_stage(StageMove move, Mover mover) {
  ASSIGN_OR_CO_RETURN(std::string_view stage, canonical_stage(move.stage));
  if (move.archive_existing && stage != "Staging" && stage != "Production") {
    co_return Failure(Error::invalid(
        "stage", "Model version transition cannot archive existing model versions because '" + move.stage +
                     "' is not an Active stage. Valid stages are ['Staging', 'Production']"));
  }
  Timestamp now = clock_.now();
  auto work = [=](Connection& connection, bool&) -> Result<Version> {
    ASSIGN_OR_RETURN(Version version, require_model_version(connection, move.name, move.number));
    ASSIGN_OR_RETURN(Entry entry, require_model(connection, move.name));
    if (stage != version.stage) {
      RETURN_IF_ERROR(check_stage(connection, entry, version.stage, nullptr, mover));
      RETURN_IF_ERROR(check_stage(connection, entry, stage, &version, mover));
    }
    if (move.archive_existing) {
      RETURN_IF_ERROR(archive_stage(connection, entry.id, stage, version.number, now));
    }
    RETURN_IF_ERROR(set_version_stage(connection, version.id, stage, now));
    RETURN_IF_ERROR(touch_entry(connection, entry.id, now));
    version.stage = stage;
    version.updated_at = now;
    return with_aliases(connection, std::move(version));
  };
  co_return co_await change<Version>(std::move(work));
}

Task<Result<void>> ModelRegistry::delete_version(std::string name, std::string number, Mover mover) {
  Timestamp now = clock_.now();
  auto work = [=](Connection& connection, bool&) -> Result<void> {
    ASSIGN_OR_RETURN(Version version, require_model_version(connection, name, number));
    if (version.digest) return Failure(served_here("'" + name + "' version " + number));
    ASSIGN_OR_RETURN(Entry entry, require_model(connection, name));
    ASSIGN_OR_RETURN(auto aliases, aliases_of(connection, version));
    for (const std::string& alias : aliases) {
      RETURN_IF_ERROR(move_alias(connection, entry, alias, std::nullopt, mover, now));
    }
    RETURN_IF_ERROR(registry::delete_version(connection, version.id, now));
    return touch_entry(connection, entry.id, now);
  };
  co_return co_await change<void>(std::move(work));
}

Task<Result<void>> ModelRegistry::set_version_tag(std::string name, std::string number, std::string key,
                                                  std::string value) {
  CO_RETURN_IF_ERROR(check_version_tag(key, value));
  Timestamp now = clock_.now();
  auto work = [=](Connection& connection, bool& told) -> Result<void> {
    ASSIGN_OR_RETURN(Version version, require_model_version(connection, name, number));
    RETURN_IF_ERROR(check_own_tag(version, key));
    RETURN_IF_ERROR(registry::set_version_tag(connection, version.id, key, value));
    ASSIGN_OR_RETURN(Entry entry, require_model_details(connection, name));
    ASSIGN_OR_RETURN(
        told, tell(connection, Topic::kVersionTag, is_prompt(entry.tags), "set",
                   announcement({{"name", name}, {"version", number}, {"key", key}, {"value", value}}), now));
    return {};
  };
  co_return co_await change<void>(std::move(work));
}

Task<Result<void>> ModelRegistry::delete_version_tag(std::string name, std::string number, std::string key) {
  CO_RETURN_IF_ERROR(check_tag_key(key));
  Timestamp now = clock_.now();
  auto work = [=](Connection& connection, bool& told) -> Result<void> {
    ASSIGN_OR_RETURN(Version version, require_model_version(connection, name, number));
    RETURN_IF_ERROR(check_own_tag(version, key));
    RETURN_IF_ERROR(registry::delete_version_tag(connection, version.id, key));
    ASSIGN_OR_RETURN(Entry entry, require_model_details(connection, name));
    ASSIGN_OR_RETURN(told, tell(connection, Topic::kVersionTag, is_prompt(entry.tags), "deleted",
                                announcement({{"name", name}, {"version", number}, {"key", key}}), now));
    return {};
  };
  co_return co_await change<void>(std::move(work));
}

Task<Result<std::string>> ModelRegistry::download_uri(std::string name, std::string number) {
  auto work = [=](Connection& connection) -> Result<std::string> {
    ASSIGN_OR_RETURN(Version version, require_model_version(connection, name, number));
    return version.location.empty() ? version.source : version.location;
  };
  co_return co_await database_.read<std::string>(std::move(work));
}

}  // namespace penstock::registry
