#include "api/native/registry_handlers.h"

#include <string>
#include <utility>

#include "api/native/listing.h"
#include "api/native/registry_lookup.h"
#include "core/text.h"
#include "registry/lineage.h"
#include "registry/lineage_export.h"
#include "registry/model_rules.h"

namespace penstock::api::native {
namespace {

using database::Connection;
using registry::Entry;
using registry::Version;

registry::Tags tags_in(const Json& body) {
  registry::Tags tags;
  const Json* given = find(body, "tags");
  if (given == nullptr || !given->is_object()) return tags;
  for (const auto& tag : given->get_object()) {
    tags.emplace_back(std::string_view(tag.key()), std::string_view(tag.value().get_string()));
  }
  return tags;
}

// The number that a cursor of the page before stands for.
Result<int64_t> cursor_of(const Call& call, int64_t first) {
  std::string cursor = call.query.text("cursor");
  if (cursor.empty()) return first;
  auto number = parse_int(cursor);
  if (number) return *number;
  return Failure(Error::invalid("cursor", "'cursor' must be the next_cursor of an earlier page"));
}

// Both kinds of model names are checked by the rule of whoever reads them: MLflow's clients.
Result<void> check_entry_name(registry::Kind kind, const std::string& name) {
  bool mlflow = kind == registry::Kind::kModel || kind == registry::Kind::kPrompt;
  return mlflow ? registry::check_model_name(name) : registry::check_name(name);
}

}  // namespace

Task<Result<Response>> list_registry_kinds(const NativeServices& services, const Call&) {
  auto work = [](Connection& c) { return registry::count_entries(c); };
  ASSIGN_OR_CO_RETURN(auto counts, co_await services.registry.database.read<std::vector<int64_t>>(work));
  JsonWriter json;
  json.begin_object().key("kinds").begin_array();
  for (size_t i = 0; i < counts.size(); ++i) {
    json.begin_object().field("kind", registry::kind_names()[i]).field("entries", counts[i]).end_object();
  }
  co_return Response::json(200, json.end_array().end_object().take());
}

Task<Result<Response>> list_registry_entries(const NativeServices& services, const Call& call) {
  auto kind = registry::parse_kind(call.request.param("kind"));
  if (!kind)
    co_return Failure(Error::not_found("that is no kind of the registry; GET /api/v1/registry lists them"));
  int64_t limit = call.query.integer("limit").value_or(50);
  ASSIGN_OR_CO_RETURN(int64_t after, cursor_of(call, 0));
  registry::EntryQuery query{
      .kind = kind, .name = call.query.text("name"), .after = after, .limit = limit + 1};
  auto work = [query](Connection& c) { return registry::list_entries(c, query); };
  ASSIGN_OR_CO_RETURN(auto entries, co_await services.registry.database.read<std::vector<Entry>>(work));
  bool more = std::ssize(entries) > limit;
  if (more) entries.pop_back();
  JsonWriter json;
  json.begin_object().key("entries").begin_array();
  for (const Entry& entry : entries) write_entry(json, entry);
  json.end_array().optional_field("next_cursor", more ? std::to_string(entries.back().id) : "").end_object();
  co_return Response::json(200, json.take());
}

Task<Result<Response>> create_registry_entry(const NativeServices& services, const Call& call) {
  auto kind = registry::parse_kind(call.request.param("kind"));
  if (!kind)
    co_return Failure(Error::not_found("that is no kind of the registry; GET /api/v1/registry lists them"));
  Entry entry{.kind = *kind,
              .name = std::string(string_at(call.body, "name")),
              .description = std::string(string_at(call.body, "description")),
              .created_at = services.clock.now(),
              .updated_at = services.clock.now(),
              .tags = tags_in(call.body)};
  CO_RETURN_IF_ERROR(check_entry_name(*kind, entry.name));
  if (*kind == registry::Kind::kPrompt) entry.tags.emplace_back(registry::kPromptTag, "true");
  auto work = [entry](Connection& c) -> Result<std::string> {
    ASSIGN_OR_RETURN(Entry made, registry::insert_entry(c, entry));
    return entry_document(c, made);
  };
  ASSIGN_OR_CO_RETURN(std::string document, co_await services.registry.database.write<std::string>(work));
  co_return Response::json(201, std::move(document));
}

Task<Result<Response>> get_registry_entry(const NativeServices& services, const Call& call) {
  std::string kind(call.request.param("kind"));
  std::string name(call.request.param("name"));
  auto work = [=](Connection& c) -> Result<std::string> {
    ASSIGN_OR_RETURN(Entry entry, entry_of(c, kind, name));
    return entry_document(c, entry);
  };
  ASSIGN_OR_CO_RETURN(std::string document, co_await services.registry.database.read<std::string>(work));
  co_return Response::json(200, std::move(document));
}

Task<Result<Response>> list_registry_versions(const NativeServices& services, const Call& call) {
  std::string kind(call.request.param("kind"));
  std::string name(call.request.param("name"));
  int64_t limit = call.query.integer("limit").value_or(50);
  ASSIGN_OR_CO_RETURN(int64_t before, cursor_of(call, INT64_MAX));
  auto work = [=](Connection& c) -> Result<std::vector<Version>> {
    ASSIGN_OR_RETURN(Entry entry, entry_of(c, kind, name));
    return registry::page_versions(c, entry.id, before, limit + 1);
  };
  ASSIGN_OR_CO_RETURN(auto versions, co_await services.registry.database.read<std::vector<Version>>(work));
  bool more = std::ssize(versions) > limit;
  if (more) versions.pop_back();
  JsonWriter json;
  json.begin_object().key("versions").begin_array();
  for (const Version& version : versions) write_version(json, version);
  json.end_array().optional_field("next_cursor", more ? std::to_string(versions.back().number) : "");
  co_return Response::json(200, json.end_object().take());
}

Task<Result<Response>> create_registry_version(const NativeServices& services, const Call& call) {
  std::string kind(call.request.param("kind"));
  std::string name(call.request.param("name"));
  Version version{.source = std::string(string_at(call.body, "source")),
                  .description = std::string(string_at(call.body, "description")),
                  .run_id = std::string(string_at(call.body, "run_id")),
                  .created_by = call.principal->name,
                  .created_at = services.clock.now(),
                  .updated_at = services.clock.now(),
                  .tags = tags_in(call.body)};
  std::vector<std::string> made_from;
  if (!version.run_id.empty()) made_from.push_back("run:" + version.run_id);
  if (const Json* nodes = find(call.body, "made_from"); nodes != nullptr && nodes->is_array()) {
    for (const Json& node : nodes->get_array()) made_from.emplace_back(std::string_view(node.get_string()));
  }
  auto work = [=](Connection& c) -> Result<std::string> {
    ASSIGN_OR_RETURN(Entry entry, entry_of(c, kind, name));
    Version added = version;
    added.entry = entry.id;
    added.kind = entry.kind;
    added.name = entry.name;
    if (entry.kind == registry::Kind::kPrompt) added.tags.emplace_back(registry::kPromptTag, "true");
    ASSIGN_OR_RETURN(added, registry::insert_version(c, std::move(added)));
    std::string node = registry::version_node(added.kind, added.name, added.number);
    for (const std::string& from : made_from) {
      std::string role = from.starts_with("run:") ? "output" : "input";
      RETURN_IF_ERROR(
          registry::record_edge(c, {.from = from, .to = node, .role = role, .at = added.created_at}));
    }
    return version_document(c, std::move(added));
  };
  ASSIGN_OR_CO_RETURN(std::string document, co_await services.registry.database.write<std::string>(work));
  co_return Response::json(201, std::move(document));
}

namespace {

// Reads the version that the path means and makes a text of it.
template <class Make>
Task<Result<std::string>> of_version(const NativeServices& services, const Call& call, Make make) {
  std::string kind(call.request.param("kind"));
  std::string name(call.request.param("name"));
  std::string number(call.request.param("number"));
  auto work = [=](Connection& c) -> Result<std::string> {
    ASSIGN_OR_RETURN(Entry entry, entry_of(c, kind, name));
    ASSIGN_OR_RETURN(Version version, version_of(c, entry, number));
    return make(c, std::move(version));
  };
  co_return co_await services.registry.database.read<std::string>(std::move(work));
}

}  // namespace

Task<Result<Response>> get_registry_version(const NativeServices& services, const Call& call) {
  ASSIGN_OR_CO_RETURN(std::string document, co_await of_version(services, call, version_document));
  co_return Response::json(200, std::move(document));
}

Task<Result<Response>> get_registry_bom(const NativeServices& services, const Call& call) {
  Timestamp now = services.clock.now();
  auto make = [now](Connection& c, const Version& version) { return registry::cyclonedx(c, version, now); };
  ASSIGN_OR_CO_RETURN(std::string document, co_await of_version(services, call, make));
  Response response = Response::json(200, std::move(document));
  response.head.headers.set("content-type", "application/vnd.cyclonedx+json; version=1.6");
  co_return response;
}

Task<Result<Response>> get_registry_prov(const NativeServices& services, const Call& call) {
  auto make = [](Connection& c, const Version& version) { return registry::prov_json(c, version); };
  ASSIGN_OR_CO_RETURN(std::string document, co_await of_version(services, call, make));
  co_return Response::json(200, std::move(document));
}

Task<Result<Response>> record_registry_check(const NativeServices& services, const Call& call) {
  std::string kind(call.request.param("kind"));
  std::string name(call.request.param("name"));
  std::string number(call.request.param("number"));
  registry::Check check{.name = std::string(string_at(call.body, "name")),
                        .passed = bool_at(call.body, "passed"),
                        .detail = std::string(string_at(call.body, "detail")),
                        .recorded_by = call.principal->name,
                        .recorded_at = services.clock.now()};
  access::Actor actor = actor_of(call);
  auto work = [=, &services](Connection& c) -> Result<std::string> {
    ASSIGN_OR_RETURN(Entry entry, entry_of(c, kind, name));
    ASSIGN_OR_RETURN(Version version, version_of(c, entry, number));
    RETURN_IF_ERROR(registry::record_check(c, version.id, check));
    ASSIGN_OR_RETURN(std::string document, version_document(c, version));
    std::string object = registry::version_node(version.kind, version.name, version.number);
    RETURN_IF_ERROR(services.audit.record(
        c, {.actor = actor, .action = "registry.check", .object = object, .after = document}));
    return document;
  };
  ASSIGN_OR_CO_RETURN(std::string document, co_await services.registry.database.write<std::string>(work));
  co_return Response::json(201, std::move(document));
}

}  // namespace penstock::api::native
