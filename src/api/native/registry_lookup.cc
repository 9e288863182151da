#include "api/native/registry_lookup.h"

#include "core/text.h"

namespace penstock::api::native {
namespace {

using registry::Entry;
using registry::Version;

void write_tags(JsonWriter& json, const registry::Tags& tags) {
  json.key("tags").begin_object();
  for (const auto& [key, value] : tags) json.field(key, value);
  json.end_object();
}

void write_number(JsonWriter& json, std::string_view name, const std::optional<int64_t>& number) {
  if (number) {
    json.field(name, *number);
  } else {
    json.null_field(name);
  }
}

// Without its closing brace.
void begin_version(JsonWriter& json, const Version& version) {
  json.begin_object().field("number", version.number);
  json.field("node", registry::version_node(version.kind, version.name, version.number));
  json.optional_field("digest", version.digest ? version.digest->text() : "");
  json.field("size_bytes", version.size_bytes).optional_field("licence", version.licence);
  json.optional_field("source", version.source).optional_field("run_id", version.run_id);
  json.optional_field("model_id", version.model_id);
  json.optional_field("description", version.description.value_or(""));
  json.field("status", registry::status_name(version.status)).field("stage", version.stage);
  json.optional_field("created_by", version.created_by);
  json.field("created_at_us", version.created_at.us).field("updated_at_us", version.updated_at.us);
  write_tags(json, version.tags);
}

}  // namespace

Result<Entry> entry_of(database::Connection& connection, const std::string& kind, const std::string& name) {
  auto known = registry::parse_kind(kind);
  if (!known) {
    return Failure(
        Error::not_found("'" + kind + "' is no kind of the registry; GET /api/v1/registry lists them"));
  }
  ASSIGN_OR_RETURN(auto entry, registry::find_entry(connection, *known, name));
  auto id = parse_int(name);
  if (!entry && id) {
    ASSIGN_OR_RETURN(entry, registry::find_entry(connection, *id));
    if (entry && entry->kind != *known) entry.reset();
  }
  if (!entry) return Failure(Error::not_found("the registry has no " + kind + " '" + name + "'"));
  return *std::move(entry);
}

Result<Version> version_of(database::Connection& connection, const Entry& entry, const std::string& number) {
  auto parsed = parse_int(number);
  std::optional<Version> version;
  if (parsed) {
    ASSIGN_OR_RETURN(version, registry::find_version(connection, entry.id, *parsed));
  }
  if (!version) {
    return Failure(Error::not_found(std::string(registry::kind_name(entry.kind)) + " '" + entry.name +
                                    "' has no version '" + number + "'"));
  }
  return *std::move(version);
}

registry::Mover mover_of(const Call& call, std::string_view reason) {
  return {.name = call.principal->name, .role = call.principal->role, .reason = std::string(reason)};
}

void write_entry(JsonWriter& json, const Entry& entry) {
  json.begin_object().field("id", entry.id).field("kind", registry::kind_name(entry.kind));
  json.field("name", entry.name).field("description", entry.description);
  json.field("created_at_us", entry.created_at.us).field("updated_at_us", entry.updated_at.us);
  write_tags(json, entry.tags);
  json.key("aliases").begin_object();
  for (const registry::Alias& alias : entry.aliases) json.field(alias.name, alias.number);
  json.end_object().end_object();
}

Result<std::string> entry_document(database::Connection& connection, const Entry& entry) {
  std::vector<Entry> entries = {entry};
  entries[0].tags.clear();
  RETURN_IF_ERROR(registry::read_details(connection, entries));
  JsonWriter json;
  write_entry(json, entries[0]);
  return json.take();
}

void write_version(JsonWriter& json, const Version& version) {
  begin_version(json, version);
  json.end_object();
}

Result<std::string> version_document(database::Connection& connection, Version version) {
  ASSIGN_OR_RETURN(version.aliases, registry::aliases_of(connection, version));
  ASSIGN_OR_RETURN(auto checks, registry::list_checks(connection, version.id));
  JsonWriter json;
  begin_version(json, version);
  json.key("aliases").begin_array();
  for (const std::string& alias : version.aliases) json.value(alias);
  json.end_array().key("checks").begin_array();
  for (const registry::Check& check : checks) {
    json.begin_object().field("name", check.name).field("passed", check.passed).field("detail", check.detail);
    json.field("recorded_by", check.recorded_by).field("recorded_at_us", check.recorded_at.us).end_object();
  }
  return json.end_array().end_object().take();
}

void write_move(JsonWriter& json, const registry::Move& move) {
  json.begin_object().field("id", move.id).field("kind", move.kind).field("name", move.name);
  json.field("alias", move.alias);
  write_number(json, "from", move.from);
  write_number(json, "to", move.to);
  json.field("at_us", move.at.us).field("actor", move.by).field("reason", move.reason);
  write_number(json, "undoes", move.undoes);
  json.end_object();
}

std::string move_document(const registry::Move& move) {
  JsonWriter json;
  write_move(json, move);
  return json.take();
}

}  // namespace penstock::api::native
