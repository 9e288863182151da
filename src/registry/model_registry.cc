#include "registry/model_registry.h"

#include <algorithm>
#include <utility>

#include "core/json_writer.h"
#include "registry/aliases.h"
#include "registry/among.h"
#include "registry/model_change.h"
#include "registry/model_lookup.h"
#include "registry/model_rules.h"
#include "registry/registry_store.h"

namespace penstock::registry {
namespace {

using database::Connection;

// Says what has the name already.
Error name_taken(std::string_view name, bool known_is_prompt, bool new_is_prompt) {
  auto entity = [](bool prompt) { return std::string(prompt ? "Prompt" : "Registered Model"); };
  auto lower = [](bool prompt) { return std::string(prompt ? "prompt" : "registered model"); };
  std::string message = entity(new_is_prompt) + " (name=" + std::string(name) + ") already exists.";
  if (known_is_prompt != new_is_prompt) {
    message = "Tried to create a " + lower(new_is_prompt) + " with name " + python_quoted(name) +
              ", but the name is already taken by a " + lower(known_is_prompt) +
              ". MLflow does not allow creating a model and a prompt with the same name.";
  }
  return Error{.code = ErrorCode::kConflict,
               .message = std::move(message),
               .field = "name",
               .reason = "RESOURCE_ALREADY_EXISTS"};
}

// MLflow tells a mark of any value for a prompt's here.
bool has_prompt_tag(const Tags& tags) { return find_tag(tags, kPromptTag) != nullptr; }

Result<void> check_free(Connection& connection, const NewModel& model) {
  for (Kind kind : {Kind::kModel, Kind::kPrompt}) {
    ASSIGN_OR_RETURN(auto known, find_entry(connection, kind, model.name));
    if (!known) continue;
    ASSIGN_OR_RETURN(Entry details, require_model_details(connection, model.name));
    return Failure(name_taken(model.name, has_prompt_tag(details.tags), has_prompt_tag(model.tags)));
  }
  return {};
}

std::string model_announcement(const Entry& entry, bool prompt) {
  JsonWriter json;
  json.begin_object().field("name", entry.name).key("tags").begin_object();
  for (const auto& [key, value] : entry.tags) {
    if (!prompt || (key != kPromptTag && key != kPromptTypeTag)) json.field(key, value);
  }
  json.end_object().field("description", entry.description).end_object();
  return json.take();
}

Result<void> require_not_served(Connection& connection, const Entry& entry) {
  ASSIGN_OR_RETURN(bool served, has_content(connection, entry.id));
  if (served) return Failure(served_here("'" + entry.name + "'"));
  return {};
}

// Takes the aliases away, so that promotion rules apply and the history tells of it.
Result<void> drop_aliases(Connection& connection, const Entry& entry, const Mover& mover, Timestamp now) {
  for (const Alias& alias : entry.aliases) {
    RETURN_IF_ERROR(move_alias(connection, entry, alias.name, std::nullopt, mover, now));
  }
  return {};
}

}  // namespace

ModelRegistry::ModelRegistry(database::Database& database, ModelOrigins& origins,
                             std::function<void()> announced, const Clock& clock)
    : database_(database), origins_(origins), announced_(std::move(announced)), clock_(clock) {}

Task<Result<RegisteredModelDetails>> ModelRegistry::create(NewModel model) {
  CO_RETURN_IF_ERROR(check_model_name(model.name));
  for (const auto& [key, value] : model.tags) CO_RETURN_IF_ERROR(check_model_tag(key, value));
  CO_RETURN_IF_ERROR(check_length("description", model.description, kDescriptionCharactersMax));
  model.tags = distinct(std::move(model.tags));
  Timestamp now = clock_.now();
  auto work = [model = std::move(model), now](Connection& connection,
                                              bool& told) -> Result<RegisteredModelDetails> {
    RETURN_IF_ERROR(check_free(connection, model));
    bool prompt = is_prompt(model.tags);
    ASSIGN_OR_RETURN(Entry entry, insert_entry(connection, {.kind = prompt ? Kind::kPrompt : Kind::kModel,
                                                            .name = model.name,
                                                            .description = model.description,
                                                            .created_at = now,
                                                            .updated_at = now,
                                                            .tags = model.tags}));
    ASSIGN_OR_RETURN(
        told, tell(connection, Topic::kModel, prompt, "created", model_announcement(entry, prompt), now));
    return RegisteredModelDetails{.entry = std::move(entry), .latest = {}};
  };
  co_return co_await change<RegisteredModelDetails>(std::move(work));
}

Task<Result<RegisteredModelDetails>> ModelRegistry::get(std::string name) {
  auto work = [name = std::move(name)](Connection& connection) -> Result<RegisteredModelDetails> {
    ASSIGN_OR_RETURN(Entry entry, require_model_details(connection, name));
    return with_latest(connection, entry);
  };
  co_return co_await database_.read<RegisteredModelDetails>(std::move(work));
}

Task<Result<RegisteredModelDetails>> ModelRegistry::update(std::string name, std::string description) {
  CO_RETURN_IF_ERROR(check_length("description", description, kDescriptionCharactersMax));
  Timestamp now = clock_.now();
  auto work = [=](Connection& connection, bool&) -> Result<RegisteredModelDetails> {
    ASSIGN_OR_RETURN(Entry entry, require_model_details(connection, name));
    RETURN_IF_ERROR(set_description(connection, entry, description, now));
    entry.description = description;
    entry.updated_at = now;
    return with_latest(connection, entry);
  };
  co_return co_await change<RegisteredModelDetails>(std::move(work));
}

Task<Result<RegisteredModelDetails>> ModelRegistry::rename(std::string name, std::string new_name) {
  CO_RETURN_IF_ERROR(check_model_name(new_name, "new_name"));
  Timestamp now = clock_.now();
  auto work = [=](Connection& connection, bool&) -> Result<RegisteredModelDetails> {
    ASSIGN_OR_RETURN(Entry entry, require_model_details(connection, name));
    RETURN_IF_ERROR(require_not_served(connection, entry));
    for (Kind kind : {Kind::kModel, Kind::kPrompt}) {
      ASSIGN_OR_RETURN(auto known, find_entry(connection, kind, new_name));
      if (known && known->id != entry.id) {
        return Failure(Error{.code = ErrorCode::kConflict,
                             .message = "Registered Model (name=" + new_name + ") already exists.",
                             .field = "new_name",
                             .reason = "RESOURCE_ALREADY_EXISTS"});
      }
    }
    RETURN_IF_ERROR(rename_entry(connection, entry, new_name, now));
    entry.name = new_name;
    entry.updated_at = now;
    return with_latest(connection, entry);
  };
  co_return co_await change<RegisteredModelDetails>(std::move(work));
}

Task<Result<void>> ModelRegistry::remove(std::string name, Mover mover) {
  Timestamp now = clock_.now();
  auto work = [=](Connection& connection, bool&) -> Result<void> {
    ASSIGN_OR_RETURN(Entry entry, require_model_details(connection, name));
    RETURN_IF_ERROR(require_not_served(connection, entry));
    RETURN_IF_ERROR(drop_aliases(connection, entry, mover, now));
    return delete_entry(connection, entry);
  };
  co_return co_await change<void>(std::move(work));
}

Task<Result<void>> ModelRegistry::set_tag(std::string name, std::string key, std::string value) {
  CO_RETURN_IF_ERROR(check_model_tag(key, value));
  Timestamp now = clock_.now();
  auto work = [=](Connection& connection, bool& told) -> Result<void> {
    ASSIGN_OR_RETURN(Entry entry, require_model_details(connection, name));
    RETURN_IF_ERROR(set_entry_tag(connection, entry.id, key, value));
    bool prompt = is_prompt(entry.tags) || (key == kPromptTag && value == "true");
    ASSIGN_OR_RETURN(told, tell(connection, Topic::kModelTag, prompt, "set",
                                announcement({{"name", name}, {"key", key}, {"value", value}}), now));
    return {};
  };
  co_return co_await change<void>(std::move(work));
}

Task<Result<void>> ModelRegistry::delete_tag(std::string name, std::string key) {
  CO_RETURN_IF_ERROR(check_tag_key(key));
  Timestamp now = clock_.now();
  auto work = [=](Connection& connection, bool& told) -> Result<void> {
    ASSIGN_OR_RETURN(Entry entry, require_model_details(connection, name));
    RETURN_IF_ERROR(delete_entry_tag(connection, entry.id, key));
    ASSIGN_OR_RETURN(told, tell(connection, Topic::kModelTag, is_prompt(entry.tags), "deleted",
                                announcement({{"name", name}, {"key", key}}), now));
    return {};
  };
  co_return co_await change<void>(std::move(work));
}

Task<Result<std::vector<Version>>> ModelRegistry::latest_versions(std::string name,
                                                                  std::vector<std::string> stages) {
  auto work = [=](Connection& connection) -> Result<std::vector<Version>> {
    ASSIGN_OR_RETURN(Entry entry, require_model(connection, name));
    std::vector<std::string_view> wanted;
    for (const std::string& stage : stages) {
      ASSIGN_OR_RETURN(wanted.emplace_back(), canonical_stage(stage));
    }
    ASSIGN_OR_RETURN(RegisteredModelDetails details, with_latest(connection, entry));
    std::vector<Version> versions;
    for (Version& version : details.latest) {
      if (!wanted.empty() && !is_among(wanted, version.stage)) continue;
      ASSIGN_OR_RETURN(versions.emplace_back(), with_aliases(connection, std::move(version)));
    }
    return versions;
  };
  co_return co_await database_.read<std::vector<Version>>(std::move(work));
}

Task<Result<void>> ModelRegistry::set_alias(std::string name, std::string alias, std::string number,
                                            Mover mover) {
  CO_RETURN_IF_ERROR(check_new_alias(alias));
  Timestamp now = clock_.now();
  auto work = [=](Connection& connection, bool& told) -> Result<void> {
    ASSIGN_OR_RETURN(Version version, require_model_version(connection, name, number));
    ASSIGN_OR_RETURN(Entry entry, require_model_details(connection, name));
    RETURN_IF_ERROR(move_alias(connection, entry, alias, version.number, mover, now));
    ASSIGN_OR_RETURN(told, tell(connection, Topic::kAlias, is_prompt(entry.tags), "created",
                                announcement({{"name", name}, {"alias", alias}, {"version", number}}), now));
    return {};
  };
  co_return co_await change<void>(std::move(work));
}

Task<Result<void>> ModelRegistry::delete_alias(std::string name, std::string alias, Mover mover) {
  CO_RETURN_IF_ERROR(check_alias(alias));
  Timestamp now = clock_.now();
  auto work = [=](Connection& connection, bool& told) -> Result<void> {
    ASSIGN_OR_RETURN(Entry entry, require_model_details(connection, name));
    RETURN_IF_ERROR(move_alias(connection, entry, alias, std::nullopt, mover, now));
    ASSIGN_OR_RETURN(told, tell(connection, Topic::kAlias, is_prompt(entry.tags), "deleted",
                                announcement({{"name", name}, {"alias", alias}}), now));
    return {};
  };
  co_return co_await change<void>(std::move(work));
}

Task<Result<Version>> ModelRegistry::version_by_alias(std::string name, std::string alias) {
  CO_RETURN_IF_ERROR(check_alias(alias));
  auto work = [=](Connection& connection) -> Result<Version> {
    return resolve_alias(connection, name, alias);
  };
  co_return co_await database_.read<Version>(std::move(work));
}

}  // namespace penstock::registry
