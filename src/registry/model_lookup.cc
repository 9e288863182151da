#include "registry/model_lookup.h"

#include <algorithm>
#include <array>

#include "core/json_writer.h"
#include "core/text.h"
#include "registry/aliases.h"
#include "registry/model_rules.h"
#include "registry/registry_store.h"

namespace penstock::registry {
namespace {

using database::Connection;

// By topic: of a model, of a prompt. Empty: MLflow tells nobody of it.
constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kEntities = {{
    {"registered_model", "prompt"},
    {"model_version", "prompt_version"},
    {"", "prompt_tag"},
    {"model_version_tag", "prompt_version_tag"},
    {"model_version_alias", "prompt_alias"},
}};

}  // namespace

Error model_not_found(std::string_view name) {
  return Error::not_found("Registered Model with name=" + std::string(name) + " not found");
}

Error version_not_found(std::string_view name, std::string_view number) {
  return Error::not_found("Model Version (name=" + std::string(name) + ", version=" + std::string(number) +
                          ") not found");
}

Error served_here(std::string_view what) {
  return Error::invalid("name", std::string(what) +
                                    " is what Penstock serves from its own files; this can't be changed or "
                                    "deleted over MLflow's interface");
}

Result<Entry> require_model(Connection& connection, std::string_view name) {
  for (Kind kind : {Kind::kModel, Kind::kPrompt}) {
    ASSIGN_OR_RETURN(auto entry, find_entry(connection, kind, name));
    if (entry) return *std::move(entry);
  }
  RETURN_IF_ERROR(check_model_name(name));
  return Failure(model_not_found(name));
}

Result<Entry> require_model_details(Connection& connection, std::string_view name) {
  std::vector<Entry> entries(1);
  ASSIGN_OR_RETURN(entries[0], require_model(connection, name));
  RETURN_IF_ERROR(read_details(connection, entries));
  return std::move(entries[0]);
}

Result<Version> require_model_version(Connection& connection, std::string_view name, std::string_view text) {
  std::optional<Entry> entry;
  for (Kind kind : {Kind::kModel, Kind::kPrompt}) {
    if (entry) break;
    ASSIGN_OR_RETURN(entry, find_entry(connection, kind, name));
  }
  if (!entry) RETURN_IF_ERROR(check_model_name(name));
  ASSIGN_OR_RETURN(int64_t number, parse_version_number(text));
  if (!entry) return Failure(version_not_found(name, text));
  ASSIGN_OR_RETURN(auto version, find_version(connection, entry->id, number));
  if (!version) return Failure(version_not_found(name, text));
  return *std::move(version);
}

Result<Version> with_aliases(Connection& connection, Version version) {
  ASSIGN_OR_RETURN(version.aliases, aliases_of(connection, version));
  return version;
}

Result<RegisteredModelDetails> with_latest(Connection& connection, const Entry& entry) {
  RegisteredModelDetails details{.entry = entry, .latest = {}};
  const std::array ids = {entry.id};
  ASSIGN_OR_RETURN(details.latest, newest_by_stage(connection, ids));
  return details;
}

Result<Version> resolve_alias(Connection& connection, std::string_view name, std::string_view alias) {
  ASSIGN_OR_RETURN(Entry entry, require_model(connection, name));
  if (equals_ignoring_case(alias, "latest")) {
    ASSIGN_OR_RETURN(auto newest, page_versions(connection, entry.id, INT64_MAX, 1));
    if (!newest.empty()) return std::move(newest.front());
    return Failure(Error::not_found("Latest version not found for model " + std::string(name) + "."));
  }
  ASSIGN_OR_RETURN(auto number, find_alias(connection, entry.id, alias));
  if (!number) {
    return Failure(Error::invalid("alias", "Registered model alias " + std::string(alias) + " not found."));
  }
  ASSIGN_OR_RETURN(Version version, require_model_version(connection, name, std::to_string(*number)));
  return with_aliases(connection, std::move(version));
}

Tags distinct(Tags tags) {
  Tags kept;
  for (auto& [key, value] : tags) {
    auto known = std::ranges::find(kept, key, &Tags::value_type::first);
    if (known == kept.end()) {
      kept.emplace_back(std::move(key), std::move(value));
    } else {
      known->second = std::move(value);
    }
  }
  std::ranges::sort(kept);
  return kept;
}

Result<bool> tell(Connection& connection, Topic topic, bool prompt, std::string_view action,
                  std::string_view data, Timestamp now) {
  const auto& [of_model, of_prompt] = kEntities[std::to_underlying(topic)];
  std::string_view entity = prompt ? of_prompt : of_model;
  if (entity.empty()) return false;
  return announce(connection, {.entity = std::string(entity), .action = std::string(action)}, data, now);
}

std::string announcement(std::initializer_list<std::pair<std::string_view, std::string_view>> members) {
  JsonWriter json;
  json.begin_object();
  for (const auto& [name, value] : members) json.field(name, value);
  return json.end_object().take();
}

}  // namespace penstock::registry
