#include <string>
#include <utility>

#include "api/native/access_handlers.h"
#include "core/json_writer.h"

namespace penstock::api::native {
namespace {

void write_document(JsonWriter& json, std::string_view name, const std::string& document) {
  if (document.empty()) {
    json.null_field(name);
  } else {
    json.raw_field(name, document);
  }
}

void write_record(JsonWriter& json, const access::AuditRecord& record) {
  const access::AuditEvent& event = record.event;
  json.begin_object().field("sequence", record.sequence).field("id", record.id.text());
  json.field("at_us", record.at.us).field("actor", event.actor.id).field("actor_name", event.actor.name);
  json.field("action", event.action).field("object", event.object);
  write_document(json, "before", event.before);
  write_document(json, "after", event.after);
  json.field("request_id", event.actor.request_id).field("previous", record.previous.hex());
  json.field("hash", record.hash.hex()).end_object();
}

std::optional<Timestamp> time_of(const Query& query, std::string_view name) {
  auto us = query.integer(name);
  return us ? std::optional(Timestamp{*us}) : std::nullopt;
}

}  // namespace

Task<Result<Response>> list_audit(const NativeServices& services, const Call& call) {
  access::AuditQuery wanted{.actor = call.query.text("actor"),
                            .action = call.query.text("action"),
                            .object = call.query.text("object"),
                            .since = time_of(call.query, "since_us"),
                            .until = time_of(call.query, "until_us"),
                            .limit = call.query.integer("limit").value_or(50),
                            .cursor = call.query.text("cursor")};
  auto read = [&services, wanted = std::move(wanted)]() -> Result<std::string> {
    ASSIGN_OR_RETURN(access::AuditPage page, services.audit.list(wanted));
    JsonWriter json;
    json.begin_object().key("records").begin_array();
    for (const access::AuditRecord& record : page.records) write_record(json, record);
    return json.end_array().optional_field("next_cursor", page.next_cursor).end_object().take();
  };
  ASSIGN_OR_CO_RETURN(std::string body, co_await services.pool.run(std::move(read)));
  co_return Response::json(200, std::move(body));
}

Task<Result<Response>> verify_audit(const NativeServices& services, const Call&) {
  auto read = [&services]() -> Result<std::string> {
    ASSIGN_OR_RETURN(access::AuditVerdict verdict, services.audit.verify());
    JsonWriter json;
    json.begin_object().field("sound", verdict.findings.empty()).field("records", verdict.records);
    json.field("head", verdict.head.hex()).key("findings").begin_array();
    for (const std::string& finding : verdict.findings) json.value(finding);
    return json.end_array().end_object().take();
  };
  ASSIGN_OR_CO_RETURN(std::string body, co_await services.pool.run(std::move(read)));
  co_return Response::json(200, std::move(body));
}

}  // namespace penstock::api::native
