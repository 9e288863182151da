#include <array>

#include "api/native/schemas.h"

namespace penstock::api::native {
namespace {

constexpr std::string_view kLimit = R"json({
  "type": "object", "required": ["kind", "amount", "per_s"], "additionalProperties": false,
  "properties": {
    "kind": {"enum": ["requests", "tokens", "input_tokens", "output_tokens", "concurrent"]},
    "amount": {"type": "integer", "minimum": 1, "maximum": 1000000000000000},
    "per_s": {"type": "integer", "minimum": 0, "maximum": 31622400,
              "description": "In how many seconds: 60 for a minute; 0 for concurrent."}
  }
})json";

constexpr std::string_view kBudget = R"json({
  "type": ["object", "null"], "required": ["amount_nano_usd", "per"], "additionalProperties": false,
  "description": "What may be spent in a period of the calendar (UTC); null: no bound. 1 USD is 1e9.",
  "properties": {
    "amount_nano_usd": {"type": "integer", "minimum": 0, "maximum": 1000000000000000000},
    "per": {"enum": ["hour", "day", "week", "month", "total"]}
  }
})json";

// What keys and groups have in common, as answers show it and as bodies take it.
#define PENSTOCK_USE_PROPERTIES \
  R"json("limits": {"type": "array", "maxItems": 16, "items": {"$ref": "#/components/schemas/Limit"}},
    "budget": {"$ref": "#/components/schemas/Budget"},
    "models": {"type": "array", "maxItems": 100, "items": {"type": "string", "maxLength": 256},
               "description": "Names or globs (gpt-*) that may be asked for; empty: all."},
    "endpoints": {"type": "array", "maxItems": 100, "items": {"type": "string", "maxLength": 256},
                  "description": "chat.completions, embeddings, messages ...; empty: all."})json"

constexpr std::string_view kKey = R"json({
  "type": "object", "additionalProperties": false,
  "required": ["id", "name", "group", "limits", "budget", "models", "endpoints", "source", "role",
               "created_by", "created_at_us", "expires_at_us", "revoked_at_us", "previous_until_us"],
  "properties": {
    "id": {"type": "string",
           "description": "12 characters, which its text shows too; config:NAME for those of penstock.yaml."},
    "name": {"type": "string"},
    "group": {"type": ["string", "null"], "description": "acme/search; null: none."},
    "source": {"enum": ["config", "database"], "description": "config: it is changed in penstock.yaml only."},
    "role": {"enum": ["client", "viewer", "annotator", "developer", "admin", "owner"]},
    "created_by": {"type": ["string", "null"]},
    "created_at_us": {"$ref": "#/components/schemas/Time"},
    "expires_at_us": {"type": ["integer", "null"]},
    "revoked_at_us": {"type": ["integer", "null"]},
    "previous_until_us": {"type": ["integer", "null"],
                          "description": "How long the secret before the last rotation works."},
    )json" PENSTOCK_USE_PROPERTIES R"json(
  }
})json";

constexpr std::string_view kKeyView = R"json({
  "type": "object", "required": ["status", "key"], "additionalProperties": false,
  "properties": {
    "status": {"enum": ["active", "expired", "revoked"]},
    "key": {"$ref": "#/components/schemas/Key"}
  }
})json";

constexpr std::string_view kIssuedKey = R"json({
  "type": "object", "required": ["status", "key", "secret"], "additionalProperties": false,
  "properties": {
    "status": {"enum": ["active", "expired", "revoked"]},
    "key": {"$ref": "#/components/schemas/Key"},
    "secret": {"type": "string", "description": "What clients send. It is shown this once and not kept."}
  }
})json";

constexpr std::string_view kKeyPage = R"json({
  "type": "object", "required": ["keys", "next_cursor"], "additionalProperties": false,
  "properties": {
    "keys": {"type": "array", "maxItems": 200, "items": {"$ref": "#/components/schemas/KeyView"}},
    "next_cursor": {"type": ["string", "null"]}
  }
})json";

constexpr std::string_view kNewKey = R"json({
  "type": "object", "required": ["name"], "additionalProperties": false,
  "properties": {
    "name": {"type": "string", "minLength": 1, "maxLength": 128},
    "group": {"type": ["string", "null"], "maxLength": 128},
    "expires_at_us": {"type": ["integer", "null"], "minimum": 0},
    )json" PENSTOCK_USE_PROPERTIES R"json(
  }
})json";

constexpr std::string_view kKeyChange = R"json({
  "type": "object", "additionalProperties": false,
  "properties": {
    "name": {"type": "string", "minLength": 1, "maxLength": 128},
    "group": {"type": ["string", "null"], "maxLength": 128},
    "expires_at_us": {"type": ["integer", "null"], "minimum": 0},
    )json" PENSTOCK_USE_PROPERTIES R"json(
  }
})json";

constexpr std::string_view kKeyRotation = R"json({
  "type": "object", "additionalProperties": false,
  "properties": {
    "overlap_s": {"type": "integer", "minimum": 0, "maximum": 2592000,
                  "description": "How long the old secret works on (default 0: not at all)."}
  }
})json";

constexpr std::string_view kGroup = R"json({
  "type": "object", "additionalProperties": false,
  "required": ["path", "description", "limits", "budget", "models", "endpoints", "source", "created_at_us"],
  "properties": {
    "path": {"type": "string", "description": "acme/search stands below acme: both must admit."},
    "description": {"type": "string"},
    "source": {"enum": ["config", "database"]},
    "created_at_us": {"$ref": "#/components/schemas/Time"},
    )json" PENSTOCK_USE_PROPERTIES R"json(
  }
})json";

constexpr std::string_view kGroupPage = R"json({
  "type": "object", "required": ["groups", "next_cursor"], "additionalProperties": false,
  "properties": {
    "groups": {"type": "array", "maxItems": 200, "items": {"$ref": "#/components/schemas/Group"}},
    "next_cursor": {"type": ["string", "null"]}
  }
})json";

constexpr std::string_view kNewGroup = R"json({
  "type": "object", "required": ["path"], "additionalProperties": false,
  "properties": {
    "path": {"type": "string", "minLength": 1, "maxLength": 128},
    "description": {"type": "string", "maxLength": 1024},
    )json" PENSTOCK_USE_PROPERTIES R"json(
  }
})json";

constexpr std::string_view kGroupChange = R"json({
  "type": "object", "additionalProperties": false,
  "properties": {
    "description": {"type": "string", "maxLength": 1024},
    )json" PENSTOCK_USE_PROPERTIES R"json(
  }
})json";

#undef PENSTOCK_USE_PROPERTIES

constexpr std::string_view kAuditRecord = R"json({
  "type": "object", "additionalProperties": false,
  "required": ["sequence", "id", "at_us", "actor", "actor_name", "action", "object", "before", "after",
               "request_id", "previous", "hash"],
  "properties": {
    "sequence": {"type": "integer", "minimum": 1},
    "id": {"type": "string", "format": "uuid"},
    "at_us": {"$ref": "#/components/schemas/Time"},
    "actor": {"type": "string", "description": "Id of a principal; empty: nobody had to say who he is."},
    "actor_name": {"type": "string"},
    "action": {"type": "string", "examples": ["keys.create", "users.update", "login.failed"]},
    "object": {"type": "string", "examples": ["key:Ab12Cd34Ef56"]},
    "before": {"type": ["object", "null"]},
    "after": {"type": ["object", "null"]},
    "request_id": {"type": "string"},
    "previous": {"type": "string", "description": "SHA-256 of the record before, in hex."},
    "hash": {"type": "string", "description": "SHA-256 of this record, `previous` included."}
  }
})json";

constexpr std::string_view kAuditPage = R"json({
  "type": "object", "required": ["records", "next_cursor"], "additionalProperties": false,
  "properties": {
    "records": {"type": "array", "maxItems": 200, "items": {"$ref": "#/components/schemas/AuditRecord"}},
    "next_cursor": {"type": ["string", "null"]}
  }
})json";

constexpr std::string_view kAuditVerdict = R"json({
  "type": "object", "required": ["sound", "records", "head", "findings"], "additionalProperties": false,
  "properties": {
    "sound": {"type": "boolean"},
    "records": {"type": "integer", "minimum": 0},
    "head": {"type": "string", "description": "Hash of the newest record; keep it elsewhere to prove more."},
    "findings": {"type": "array", "maxItems": 100, "items": {"type": "string"}}
  }
})json";

constexpr std::array kSchemas = {
    Schema{"AuditPage", kAuditPage},
    Schema{"AuditRecord", kAuditRecord},
    Schema{"AuditVerdict", kAuditVerdict},
    Schema{"Budget", kBudget},
    Schema{"Group", kGroup},
    Schema{"GroupChange", kGroupChange},
    Schema{"GroupPage", kGroupPage},
    Schema{"IssuedKey", kIssuedKey},
    Schema{"Key", kKey},
    Schema{"KeyChange", kKeyChange},
    Schema{"KeyPage", kKeyPage},
    Schema{"KeyRotation", kKeyRotation},
    Schema{"KeyView", kKeyView},
    Schema{"Limit", kLimit},
    Schema{"NewGroup", kNewGroup},
    Schema{"NewKey", kNewKey},
};

}  // namespace

std::span<const Schema> access_schemas() { return kSchemas; }

}  // namespace penstock::api::native
