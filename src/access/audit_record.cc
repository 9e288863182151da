#include "access/audit.h"
#include "core/json.h"
#include "core/json_writer.h"

namespace penstock::access {
namespace {

// The hash covers every byte before this.
constexpr std::string_view kHashField = ",\"hash\":\"";
constexpr size_t kHexBytes = 64;
constexpr size_t kTailBytes = kHashField.size() + kHexBytes + 2;  // and "}

Error corrupt(std::string_view why) {
  return Error{.code = ErrorCode::kCorrupt, .message = "audit record: " + std::string(why)};
}

void optional_document(JsonWriter& json, std::string_view name, const std::string& document) {
  if (document.empty()) {
    json.null_field(name);
  } else {
    json.raw_field(name, document);
  }
}

std::string document_at(const Json& json, std::string_view name) {
  const Json* found = find(json, name);
  return found == nullptr || found->is_null() ? std::string() : to_json(*found);
}

// Everything but the hash.
std::string covered_text(const AuditRecord& record) {
  JsonWriter json;
  json.begin_object().field("version", 1).field("sequence", record.sequence).field("id", record.id.text());
  json.field("at_us", record.at.us).field("actor", record.event.actor.id);
  json.field("actor_name", record.event.actor.name).field("action", record.event.action);
  json.field("object", record.event.object);
  optional_document(json, "before", record.event.before);
  optional_document(json, "after", record.event.after);
  json.field("request_id", record.event.actor.request_id).field("previous", record.previous.hex());
  return json.take();
}

}  // namespace

std::string encode(const AuditRecord& record) {
  std::string text = covered_text(record);
  std::string hash = Digest::of(text).hex();
  return text.append(kHashField).append(hash).append("\"}");
}

Result<AuditRecord> decode_audit(std::string_view payload) {
  if (payload.size() < kTailBytes) return Failure(corrupt("too short"));
  std::string_view covered = payload.substr(0, payload.size() - kTailBytes);
  std::string_view tail = payload.substr(covered.size());
  auto hash = Digest::parse(tail.substr(kHashField.size(), kHexBytes));
  if (!tail.starts_with(kHashField) || !tail.ends_with("\"}") || !hash) return Failure(corrupt("no hash"));
  if (Digest::of(covered) != *hash) return Failure(corrupt("the hash does not fit the text"));
  auto json = parse_json(payload);
  auto id = json ? Uuid::parse(string_at(*json, "id")) : std::nullopt;
  auto previous = json ? Digest::parse(string_at(*json, "previous")) : Failure(corrupt("not JSON"));
  if (!id || !previous) return Failure(corrupt("not a record"));
  AuditRecord record{.sequence = int_at(*json, "sequence"), .id = *id, .at = {int_at(*json, "at_us")}};
  record.event = {.actor = {.id = std::string(string_at(*json, "actor")),
                            .name = std::string(string_at(*json, "actor_name")),
                            .request_id = std::string(string_at(*json, "request_id"))},
                  .action = std::string(string_at(*json, "action")),
                  .object = std::string(string_at(*json, "object")),
                  .before = document_at(*json, "before"),
                  .after = document_at(*json, "after")};
  record.previous = *previous;
  record.hash = *hash;
  return record;
}

}  // namespace penstock::access
