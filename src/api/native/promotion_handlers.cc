#include <limits>
#include <string>
#include <utility>

#include "api/native/listing.h"
#include "api/native/registry_handlers.h"
#include "api/native/registry_lookup.h"
#include "core/text.h"
#include "core/text_diff.h"
#include "registry/model_rules.h"
#include "registry/prompt.h"

namespace penstock::api::native {
namespace {

using database::Connection;
using registry::Entry;
using registry::Move;
using registry::Rule;
using registry::Version;

void write_rule(JsonWriter& json, const Rule& rule) {
  json.begin_object().field("id", rule.id);
  json.optional_field("kind", rule.kind ? registry::kind_name(*rule.kind) : std::string_view());
  json.field("name", rule.name).field("alias", rule.alias).field("role", access::role_name(rule.role));
  json.optional_field("gate_tag", rule.gate_tag).optional_field("gate_value", rule.gate_value);
  json.optional_field("gate_check", rule.gate_check).field("created_by", rule.created_by);
  json.field("created_at_us", rule.created_at.us).end_object();
}

std::string rule_document(const Rule& rule) {
  JsonWriter json;
  write_rule(json, rule);
  return json.take();
}

Result<void> audit_move(const NativeServices& services, Connection& c, const access::Actor& actor,
                        const Move& move) {
  return services.audit.record(c, {.actor = actor,
                                   .action = "registry.move_alias",
                                   .object = "alias:" + move.kind + "/" + move.name + "@" + move.alias,
                                   .after = move_document(move)});
}

// Moves the alias of the path; null where it stands there already.
Task<Result<std::optional<Move>>> perform_move(const NativeServices& services, const Call& call,
                                               std::optional<int64_t> to, std::string reason) {
  std::string kind(call.request.param("kind"));
  std::string name(call.request.param("name"));
  std::string alias(call.request.param("alias"));
  registry::Mover mover = mover_of(call, reason);
  access::Actor actor = actor_of(call);
  Timestamp now = services.clock.now();
  CO_RETURN_IF_ERROR(to ? registry::check_new_alias(alias) : registry::check_alias(alias));
  auto work = [=, &services](Connection& c) -> Result<std::optional<Move>> {
    ASSIGN_OR_RETURN(Entry entry, entry_of(c, kind, name));
    ASSIGN_OR_RETURN(auto moved, registry::move_alias(c, entry, alias, to, mover, now));
    if (moved) RETURN_IF_ERROR(audit_move(services, c, actor, *moved));
    return moved;
  };
  co_return co_await services.registry.database.write<std::optional<Move>>(std::move(work));
}

}  // namespace

Task<Result<Response>> move_registry_alias(const NativeServices& services, const Call& call) {
  int64_t to = int_at(call.body, "version");
  ASSIGN_OR_CO_RETURN(auto moved,
                      co_await perform_move(services, call, to, std::string(string_at(call.body, "reason"))));
  JsonWriter json;
  json.begin_object().key("moves").begin_array();
  if (moved) write_move(json, *moved);
  json.end_array();
  co_return Response::json(200, json.end_object().take());
}

Task<Result<Response>> delete_registry_alias(const NativeServices& services, const Call& call) {
  CO_RETURN_IF_ERROR(co_await perform_move(services, call, std::nullopt, call.query.text("reason")));
  co_return Response{{204, {}}, ""};
}

Task<Result<Response>> list_registry_moves(const NativeServices& services, const Call& call) {
  std::string kind(call.request.param("kind"));
  std::string name(call.request.param("name"));
  int64_t limit = call.query.integer("limit").value_or(50);
  std::string cursor = call.query.text("cursor");
  auto before = cursor.empty() ? std::numeric_limits<int64_t>::max() : parse_int(cursor);
  if (!before)
    co_return Failure(Error::invalid("cursor", "'cursor' must be the next_cursor of an earlier page"));
  std::string alias = call.query.text("alias");
  auto work = [=](Connection& c) -> Result<std::vector<Move>> {
    ASSIGN_OR_RETURN(Entry entry, entry_of(c, kind, name));
    return registry::list_moves(c,
                                {.entry = entry.id, .alias = alias, .before = *before, .limit = limit + 1});
  };
  ASSIGN_OR_CO_RETURN(auto moves, co_await services.registry.database.read<std::vector<Move>>(work));
  bool more = std::ssize(moves) > limit;
  if (more) moves.pop_back();
  JsonWriter json;
  json.begin_object().key("moves").begin_array();
  for (const Move& one : moves) write_move(json, one);
  json.end_array().optional_field("next_cursor", more ? std::to_string(moves.back().id) : "").end_object();
  co_return Response::json(200, json.take());
}

Task<Result<Response>> undo_registry_move(const NativeServices& services, const Call& call) {
  std::string kind(call.request.param("kind"));
  std::string name(call.request.param("name"));
  auto id = parse_int(call.request.param("id"));
  if (!id) co_return Failure(Error::not_found("there is no such move"));
  registry::Mover mover = mover_of(call, string_at(call.body, "reason"));
  access::Actor actor = actor_of(call);
  Timestamp now = services.clock.now();
  auto work = [=, &services](Connection& c) -> Result<Move> {
    ASSIGN_OR_RETURN(Entry entry, entry_of(c, kind, name));
    ASSIGN_OR_RETURN(Move move, registry::undo_move(c, *id, mover, now));
    if (move.entry != entry.id) {
      return Failure(Error::not_found("that move is not of '" + name + "'"));
    }
    RETURN_IF_ERROR(audit_move(services, c, actor, move));
    return move;
  };
  ASSIGN_OR_CO_RETURN(Move undone, co_await services.registry.database.write<Move>(work));
  co_return Response::json(201, move_document(undone));
}

Task<Result<Response>> list_promotion_rules(const NativeServices& services, const Call&) {
  auto work = [](Connection& c) { return registry::list_rules(c); };
  ASSIGN_OR_CO_RETURN(auto rules, co_await services.registry.database.read<std::vector<Rule>>(work));
  JsonWriter json;
  json.begin_object().key("rules").begin_array();
  for (const Rule& rule : rules) write_rule(json, rule);
  co_return Response::json(200, json.end_array().end_object().take());
}

Task<Result<Response>> create_promotion_rule(const NativeServices& services, const Call& call) {
  auto text = [&](std::string_view name, std::string_view fallback = {}) {
    std::string_view value = string_at(call.body, name);
    return std::string(value.empty() ? fallback : value);
  };
  Rule rule{.kind = registry::parse_kind(text("kind")),
            .name = text("name", "*"),
            .alias = text("alias", "*"),
            .role = access::parse_role(text("role")).value_or(access::Role::kDeveloper),
            .gate_tag = text("gate_tag"),
            .gate_value = text("gate_value"),
            .gate_check = text("gate_check"),
            .created_by = call.principal->name,
            .created_at = services.clock.now()};
  access::Actor actor = actor_of(call);
  auto work = [=, &services](Connection& c) -> Result<Rule> {
    ASSIGN_OR_RETURN(Rule added, registry::add_rule(c, rule));
    RETURN_IF_ERROR(services.audit.record(c, {.actor = actor,
                                              .action = "promotion_rules.create",
                                              .object = "promotion_rule:" + std::to_string(added.id),
                                              .after = rule_document(added)}));
    return added;
  };
  ASSIGN_OR_CO_RETURN(Rule made, co_await services.registry.database.write<Rule>(work));
  co_return Response::json(201, rule_document(made));
}

Task<Result<Response>> delete_promotion_rule(const NativeServices& services, const Call& call) {
  auto id = parse_int(call.request.param("id"));
  if (!id) co_return Failure(Error::not_found("there is no such promotion rule"));
  access::Actor actor = actor_of(call);
  auto work = [=, &services](Connection& c) -> Result<void> {
    ASSIGN_OR_RETURN(Rule gone, registry::delete_rule(c, *id));
    return services.audit.record(c, {.actor = actor,
                                     .action = "promotion_rules.delete",
                                     .object = "promotion_rule:" + std::to_string(gone.id),
                                     .before = rule_document(gone)});
  };
  CO_RETURN_IF_ERROR(co_await services.registry.database.write<void>(work));
  co_return Response{{204, {}}, ""};
}

namespace {

Task<Result<registry::Prompt>> prompt_version(const NativeServices& services, std::string name,
                                              std::string number) {
  auto work = [=](Connection& c) -> Result<registry::Prompt> {
    ASSIGN_OR_RETURN(Entry entry, entry_of(c, "prompt", name));
    ASSIGN_OR_RETURN(Version version, version_of(c, entry, number));
    return registry::prompt_of(version);
  };
  co_return co_await services.registry.database.read<registry::Prompt>(std::move(work));
}

}  // namespace

Task<Result<Response>> diff_prompt_versions(const NativeServices& services, const Call& call) {
  std::string name(call.request.param("name"));
  std::string from = std::to_string(call.query.integer("from").value_or(0));
  std::string to = std::to_string(call.query.integer("to").value_or(0));
  ASSIGN_OR_CO_RETURN(auto before, co_await prompt_version(services, name, from));
  ASSIGN_OR_CO_RETURN(auto after, co_await prompt_version(services, name, to));
  auto document = [&] {
    JsonWriter json;
    json.begin_object().field(
        "diff", unified_diff(registry::prompt_text(before), registry::prompt_text(after), name + "/" + from,
                             name + "/" + to));
    return json.end_object().take();
  };
  co_return Response::json(200, document());
}

Task<Result<Response>> render_prompt_version(const NativeServices& services, const Call& call) {
  std::string name(call.request.param("name"));
  std::string alias(string_at(call.body, "alias"));
  std::string number(string_at(call.body, "version"));
  registry::PromptVariables variables;
  if (const Json* given = find(call.body, "variables"); given != nullptr && given->is_object()) {
    for (const auto& one : given->get_object()) {
      variables.emplace(std::string_view(one.key()), std::string_view(one.value().get_string()));
    }
  }
  if (alias.empty() == number.empty()) {
    co_return Failure(Error::invalid("version", "give a 'version' or an 'alias', and not both"));
  }
  auto work = [=](Connection& c) -> Result<Version> {
    ASSIGN_OR_RETURN(Entry entry, entry_of(c, "prompt", name));
    if (alias.empty()) return version_of(c, entry, number);
    ASSIGN_OR_RETURN(auto at, registry::find_alias(c, entry.id, alias));
    if (!at) {
      return Failure(Error::not_found("prompt '" + name + "' has no alias '" + alias + "'"));
    }
    return version_of(c, entry, std::to_string(*at));
  };
  ASSIGN_OR_CO_RETURN(Version version, co_await services.registry.database.read<Version>(work));
  ASSIGN_OR_CO_RETURN(registry::Prompt prompt, registry::prompt_of(version));
  ASSIGN_OR_CO_RETURN(registry::Prompt rendered, registry::render_prompt(prompt, variables));
  JsonWriter json;
  json.begin_object().field("version", version.number).field("chat", prompt.chat);
  json.key("messages").begin_array();
  for (const registry::PromptMessage& message : rendered.messages) {
    json.begin_object().field("role", message.role.empty() ? "user" : message.role);
    json.field("content", message.content).end_object();
  }
  json.end_array().key("variables").begin_array();
  for (const std::string& variable : registry::prompt_variables(prompt)) json.value(variable);
  json.end_array().optional_field("response_format", prompt.response_format).end_object();
  co_return Response::json(200, json.take());
}

}  // namespace penstock::api::native
