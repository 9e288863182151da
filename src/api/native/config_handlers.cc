#include <string>
#include <utility>

#include "api/native/gateway_handlers.h"
#include "api/native/listing.h"
#include "core/json_writer.h"
#include "core/text.h"
#include "core/text_diff.h"

namespace penstock::api::native {
namespace {

using gateway::ConfigVersion;

void write_texts(JsonWriter& json, std::string_view name, const std::vector<std::string>& texts) {
  json.key(name).begin_array();
  for (const std::string& text : texts) json.value(text);
  json.end_array();
}

std::string running_json(const RunningConfig& running, std::string_view schema) {
  JsonWriter json;
  json.begin_object().field("version", running.version).optional_field("file", running.file);
  json.field("text", running.text).field("since_us", running.since.us);
  json.optional_field("problem", running.problem);
  write_texts(json, "needs_restart", running.needs_restart);
  return json.raw_field("schema", schema).end_object().take();
}

void write_version(JsonWriter& json, const ConfigVersion& version, int64_t running) {
  json.field("number", version.number).field("running", version.number == running);
  json.field("server", version.server).field("at_us", version.at.us).field("actor", version.actor);
  json.field("source", gateway::config_source_name(version.source)).field("comment", version.comment);
  version.previous == 0 ? json.null_field("previous") : json.field("previous", version.previous);
}

std::string version_json(const ConfigVersion& version, int64_t running) {
  JsonWriter json;
  json.begin_object();
  write_version(json, version, running);
  return json.field("text", version.text).end_object().take();
}

std::string page_json(const std::vector<ConfigVersion>& versions, int64_t running, int64_t limit) {
  JsonWriter json;
  json.begin_object().key("versions").begin_array();
  for (const ConfigVersion& version : versions) {
    json.begin_object();
    write_version(json, version, running);
    json.end_object();
  }
  json.end_array();
  bool more = std::cmp_equal(versions.size(), limit) && versions.back().number > 1;
  more ? json.field("next_before", versions.back().number) : json.null_field("next_before");
  return json.end_object().take();
}

std::string check_json(const ConfigCheck& check) {
  JsonWriter json;
  json.begin_object().field("valid", check.problems.empty()).field("base_version", check.base_version);
  json.key("problems").begin_array();
  for (const ConfigProblem& problem : check.problems) {
    json.begin_object();
    problem.line == 0 ? json.null_field("line") : json.field("line", problem.line);
    problem.column == 0 ? json.null_field("column") : json.field("column", problem.column);
    json.field("message", problem.message).end_object();
  }
  json.end_array().field("diff", check.diff);
  write_texts(json, "needs_restart", check.needs_restart);
  return json.end_object().take();
}

std::string applied_json(const ConfigApplied& applied) {
  JsonWriter json;
  json.begin_object().field("version", applied.version).field("changed", applied.changed);
  write_texts(json, "needs_restart", applied.needs_restart);
  return json.end_object().take();
}

Result<std::string> diff_json(ConfigControl& config, std::optional<int64_t> from, std::optional<int64_t> to) {
  ASSIGN_OR_RETURN(ConfigVersion after, config.version(to.value_or(config.running().version)));
  int64_t number = from.value_or(after.previous);
  ConfigVersion before;  // 0: before the first, when there was nothing
  if (number != 0) {
    ASSIGN_OR_RETURN(before, config.version(number));
  }
  std::string diff = unified_diff(before.text, after.text, "version " + std::to_string(number),
                                  "version " + std::to_string(after.number));
  JsonWriter json;
  json.begin_object().field("from", number).field("to", after.number).field("diff", diff);
  return json.end_object().take();
}

// Runs `work`, which gives JSON, on the pool.
template <class Work>
Task<Result<Response>> answer(const NativeServices& services, Work work) {
  ASSIGN_OR_CO_RETURN(std::string body, co_await services.pool.run(std::move(work)));
  co_return Response::json(200, std::move(body));
}

}  // namespace

Task<Result<Response>> get_config(const NativeServices& services, const Call&) {
  auto work = [&config = services.config]() -> Result<std::string> {
    return running_json(config.running(), config.schema());
  };
  return answer(services, work);
}

Task<Result<Response>> list_config_versions(const NativeServices& services, const Call& call) {
  auto work = [&config = services.config, before = call.query.integer("before").value_or(0),
               limit = call.query.integer("limit").value_or(50)]() -> Result<std::string> {
    ASSIGN_OR_RETURN(auto versions, config.versions(before, limit));
    return page_json(versions, config.running().version, limit);
  };
  return answer(services, work);
}

Task<Result<Response>> get_config_version(const NativeServices& services, const Call& call) {
  auto work = [&config = services.config,
               number = parse_int(call.request.param("number"))]() -> Result<std::string> {
    if (!number) return Failure(Error::not_found("versions have whole numbers"));
    ASSIGN_OR_RETURN(ConfigVersion version, config.version(*number));
    return version_json(version, config.running().version);
  };
  return answer(services, work);
}

Task<Result<Response>> diff_config_versions(const NativeServices& services, const Call& call) {
  auto work = [&config = services.config, from = call.query.integer("from"),
               to = call.query.integer("to")]() -> Result<std::string> {
    return diff_json(config, from, to);
  };
  return answer(services, work);
}

Task<Result<Response>> check_config(const NativeServices& services, const Call& call) {
  auto work = [&config = services.config,
               text = std::string(string_at(call.body, "text"))]() -> Result<std::string> {
    return check_json(config.check(text));
  };
  return answer(services, std::move(work));
}

Task<Result<Response>> apply_config(const NativeServices& services, const Call& call) {
  ConfigChange change{.text = std::string(string_at(call.body, "text")),
                      .comment = std::string(string_at(call.body, "comment")),
                      .base_version = int_at(call.body, "base_version")};
  auto work = [&config = services.config, change = std::move(change),
               actor = actor_of(call)]() -> Result<std::string> {
    ASSIGN_OR_RETURN(ConfigApplied applied, config.apply(change, actor));
    return applied_json(applied);
  };
  return answer(services, std::move(work));
}

Task<Result<Response>> undo_config(const NativeServices& services, const Call& call) {
  auto work = [&config = services.config, base = call.query.integer("base_version"),
               actor = actor_of(call)]() -> Result<std::string> {
    ASSIGN_OR_RETURN(ConfigApplied applied, config.undo(base, actor));
    return applied_json(applied);
  };
  return answer(services, std::move(work));
}

Task<Result<Response>> reload_config(const NativeServices& services, const Call& call) {
  auto work = [&config = services.config, actor = actor_of(call)]() -> Result<std::string> {
    ASSIGN_OR_RETURN(ConfigApplied applied, config.reload(actor));
    return applied_json(applied);
  };
  return answer(services, std::move(work));
}

}  // namespace penstock::api::native
