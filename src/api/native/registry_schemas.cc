#include <array>

#include "api/native/schemas.h"

namespace penstock::api::native {
namespace {

constexpr std::string_view kTags = R"json({
  "type": "object", "additionalProperties": {"type": "string", "maxLength": 100000}
})json";

constexpr std::string_view kKinds = R"json({
  "type": "object", "required": ["kinds"], "additionalProperties": false,
  "properties": {"kinds": {"type": "array", "items": {
    "type": "object", "required": ["kind", "entries"], "additionalProperties": false,
    "properties": {"kind": {"type": "string"}, "entries": {"type": "integer", "minimum": 0}}}}}
})json";

constexpr std::string_view kEntry = R"json({
  "type": "object", "additionalProperties": false,
  "required": ["id", "kind", "name", "description", "created_at_us", "updated_at_us", "tags", "aliases"],
  "properties": {
    "id": {"type": "integer", "description": "Stays when the entry is renamed."},
    "kind": {"type": "string"}, "name": {"type": "string"}, "description": {"type": "string"},
    "created_at_us": {"$ref": "#/components/schemas/Time"},
    "updated_at_us": {"$ref": "#/components/schemas/Time"},
    "tags": {"$ref": "#/components/schemas/RegistryTags"},
    "aliases": {"type": "object", "additionalProperties": {"type": "integer"},
                "description": "Which version each points to."}
  }
})json";

constexpr std::string_view kEntryPage = R"json({
  "type": "object", "required": ["entries", "next_cursor"], "additionalProperties": false,
  "properties": {"entries": {"type": "array", "items": {"$ref": "#/components/schemas/RegistryEntry"}},
                 "next_cursor": {"type": ["string", "null"]}}
})json";

constexpr std::string_view kNewEntry = R"json({
  "type": "object", "required": ["name"], "additionalProperties": false,
  "properties": {"name": {"type": "string", "minLength": 1, "maxLength": 256},
                 "description": {"type": "string", "maxLength": 100000},
                 "tags": {"$ref": "#/components/schemas/RegistryTags"}}
})json";

#define PENSTOCK_VERSION_REQUIRED \
  R"json("number", "node", "digest", "size_bytes", "licence", "source", "run_id", "model_id",
    "description", "status", "stage", "created_by", "created_at_us", "updated_at_us", "tags")json"
#define PENSTOCK_VERSION_PROPERTIES \
  R"json(
    "number": {"type": "integer", "minimum": 1},
    "node": {"type": "string", "description": "Its name in the lineage graph."},
    "digest": {"type": ["string", "null"], "description": "Of the content that the blobs hold."},
    "size_bytes": {"type": "integer"}, "licence": {"type": ["string", "null"]},
    "source": {"type": ["string", "null"]}, "run_id": {"type": ["string", "null"]},
    "model_id": {"type": ["string", "null"]}, "description": {"type": ["string", "null"]},
    "status": {"enum": ["READY", "PENDING_REGISTRATION", "FAILED_REGISTRATION"]},
    "stage": {"enum": ["None", "Staging", "Production", "Archived"], "description": "For old clients."},
    "created_by": {"type": ["string", "null"]},
    "created_at_us": {"$ref": "#/components/schemas/Time"},
    "updated_at_us": {"$ref": "#/components/schemas/Time"},
    "tags": {"$ref": "#/components/schemas/RegistryTags"})json"

// clang-format off
constexpr std::string_view kVersion =
    R"json({"type": "object", "additionalProperties": false,
  "required": [)json" PENSTOCK_VERSION_REQUIRED R"json(], "properties": {)json"
    PENSTOCK_VERSION_PROPERTIES R"json(}})json";

constexpr std::string_view kVersionDetails =
    R"json({"type": "object", "additionalProperties": false,
  "required": ["aliases", "checks", )json" PENSTOCK_VERSION_REQUIRED R"json(], "properties": {
    "aliases": {"type": "array", "items": {"type": "string"}},
    "checks": {"type": "array", "items": {"$ref": "#/components/schemas/RegistryCheck"}},)json"
    PENSTOCK_VERSION_PROPERTIES R"json(}})json";
// clang-format on
#undef PENSTOCK_VERSION_REQUIRED
#undef PENSTOCK_VERSION_PROPERTIES

constexpr std::string_view kVersionPage = R"json({
  "type": "object", "required": ["versions", "next_cursor"], "additionalProperties": false,
  "properties": {"versions": {"type": "array", "items": {"$ref": "#/components/schemas/RegistryVersion"}},
                 "next_cursor": {"type": ["string", "null"]}}
})json";

constexpr std::string_view kNewVersion = R"json({
  "type": "object", "required": ["source"], "additionalProperties": false,
  "properties": {
    "source": {"type": "string", "minLength": 1, "maxLength": 65535},
    "description": {"type": "string", "maxLength": 100000},
    "run_id": {"type": "string", "maxLength": 256},
    "tags": {"$ref": "#/components/schemas/RegistryTags"},
    "made_from": {"type": "array", "maxItems": 1000,
                  "items": {"type": "string", "minLength": 1, "maxLength": 1024},
                  "description": "Nodes of the lineage graph."}}
})json";

constexpr std::string_view kCheck = R"json({
  "type": "object", "required": ["name", "passed", "detail", "recorded_by", "recorded_at_us"],
  "additionalProperties": false,
  "properties": {"name": {"type": "string"}, "passed": {"type": "boolean"}, "detail": {"type": "string"},
                 "recorded_by": {"type": "string"}, "recorded_at_us": {"$ref": "#/components/schemas/Time"}}
})json";

constexpr std::string_view kNewCheck = R"json({
  "type": "object", "required": ["name", "passed"], "additionalProperties": false,
  "properties": {"name": {"type": "string", "minLength": 1, "maxLength": 512}, "passed": {"type": "boolean"},
                 "detail": {"type": "string", "maxLength": 100000}}
})json";

constexpr std::string_view kMove = R"json({
  "type": "object", "additionalProperties": false,
  "required": ["id", "kind", "name", "alias", "from", "to", "at_us", "actor", "reason", "undoes"],
  "properties": {
    "id": {"type": "integer"}, "kind": {"type": "string"}, "name": {"type": "string"},
    "alias": {"type": "string"},
    "from": {"type": ["integer", "null"], "description": "Null: the alias was not there."},
    "to": {"type": ["integer", "null"], "description": "Null: the alias was taken away."},
    "at_us": {"$ref": "#/components/schemas/Time"}, "actor": {"type": "string"}, "reason": {"type": "string"},
    "undoes": {"type": ["integer", "null"], "description": "The move that this one took back."}}
})json";

constexpr std::string_view kMoved = R"json({
  "type": "object", "required": ["moves"], "additionalProperties": false,
  "properties": {"moves": {"type": "array", "maxItems": 1,
                           "items": {"$ref": "#/components/schemas/RegistryMove"},
                           "description": "Empty: it stood there already."}}
})json";

constexpr std::string_view kMovePage = R"json({
  "type": "object", "required": ["moves", "next_cursor"], "additionalProperties": false,
  "properties": {"moves": {"type": "array", "items": {"$ref": "#/components/schemas/RegistryMove"}},
                 "next_cursor": {"type": ["string", "null"]}}
})json";

constexpr std::string_view kAliasTarget = R"json({
  "type": "object", "required": ["version"], "additionalProperties": false,
  "properties": {"version": {"type": "integer", "minimum": 1},
                 "reason": {"type": "string", "maxLength": 1024}}
})json";

constexpr std::string_view kReason = R"json({
  "type": "object", "additionalProperties": false,
  "properties": {"reason": {"type": "string", "maxLength": 1024}}
})json";

constexpr std::string_view kRule = R"json({
  "type": "object", "additionalProperties": false,
  "required": ["id", "kind", "name", "alias", "role", "gate_tag", "gate_value", "gate_check", "created_by",
               "created_at_us"],
  "properties": {
    "id": {"type": "integer"}, "kind": {"type": ["string", "null"], "description": "Null: any."},
    "name": {"type": "string", "description": "'*' stands for any number of characters."},
    "alias": {"type": "string", "description": "As the name."},
    "role": {"type": "string", "description": "The least that may move it."},
    "gate_tag": {"type": ["string", "null"]}, "gate_value": {"type": ["string", "null"]},
    "gate_check": {"type": ["string", "null"]}, "created_by": {"type": "string"},
    "created_at_us": {"$ref": "#/components/schemas/Time"}}
})json";

constexpr std::string_view kRules = R"json({
  "type": "object", "required": ["rules"], "additionalProperties": false,
  "properties": {"rules": {"type": "array", "items": {"$ref": "#/components/schemas/PromotionRule"}}}
})json";

constexpr std::string_view kNewRule = R"json({
  "type": "object", "additionalProperties": false,
  "properties": {
    "kind": {"enum": ["model", "adapter", "prompt", "dataset", "collection", "policy", "suite", "route"]},
    "name": {"type": "string", "maxLength": 512}, "alias": {"type": "string", "maxLength": 512},
    "role": {"enum": ["developer", "admin", "owner"]},
    "gate_tag": {"type": "string", "maxLength": 512}, "gate_value": {"type": "string", "maxLength": 512},
    "gate_check": {"type": "string", "maxLength": 512}}
})json";

constexpr std::string_view kPromptDiff = R"json({
  "type": "object", "required": ["diff"], "additionalProperties": false,
  "properties": {"diff": {"type": "string", "description": "Empty: the texts are the same."}}
})json";

constexpr std::string_view kPromptRender = R"json({
  "type": "object", "additionalProperties": false,
  "properties": {"version": {"type": "string", "maxLength": 32},
                 "alias": {"type": "string", "maxLength": 256},
                 "variables": {"$ref": "#/components/schemas/RegistryTags"}}
})json";

constexpr std::string_view kPromptRendered = R"json({
  "type": "object", "required": ["version", "chat", "messages", "variables", "response_format"],
  "additionalProperties": false,
  "properties": {
    "version": {"type": "integer"}, "chat": {"type": "boolean"},
    "messages": {"type": "array", "items": {"type": "object", "required": ["role", "content"],
      "additionalProperties": false,
      "properties": {"role": {"type": "string"}, "content": {"type": "string"}}}},
    "variables": {"type": "array", "items": {"type": "string"}},
    "response_format": {"type": ["string", "null"], "description": "A JSON Schema, as text."}}
})json";

constexpr std::string_view kLineage = R"json({
  "type": "object", "required": ["nodes", "edges", "truncated"], "additionalProperties": false,
  "properties": {
    "nodes": {"type": "array", "items": {"type": "object", "additionalProperties": false,
      "required": ["id", "type", "name", "detail", "depth"],
      "properties": {"id": {"type": "string"}, "type": {"type": "string"}, "name": {"type": "string"},
        "detail": {"type": "string"},
        "depth": {"type": "integer", "description": "Edges from the node asked for; negative upstream."}}}},
    "edges": {"type": "array", "items": {"type": "object", "additionalProperties": false,
      "required": ["from", "to", "role", "at_us"],
      "properties": {"from": {"type": "string"}, "to": {"type": "string"}, "role": {"type": "string"},
        "at_us": {"$ref": "#/components/schemas/Time"}}}},
    "truncated": {"type": "boolean", "description": "There is more, beyond limit or depth."}}
})json";

constexpr std::string_view kLineageNodes = R"json({
  "type": "object", "required": ["nodes"], "additionalProperties": false,
  "properties": {"nodes": {"type": "array", "items": {"type": "object", "additionalProperties": false,
    "required": ["id", "type", "name", "detail"],
    "properties": {"id": {"type": "string"}, "type": {"type": "string"}, "name": {"type": "string"},
                   "detail": {"type": "string"}}}}}
})json";

constexpr std::string_view kLineageTaken = R"json({
  "type": "object", "required": ["edges"], "additionalProperties": false,
  "properties": {"edges": {"type": "integer", "description": "Edges that the event spoke of."}}
})json";

constexpr std::string_view kTouched = R"json({
  "type": "object", "required": ["versions", "requests", "next_cursor", "truncated"],
  "additionalProperties": false,
  "properties": {
    "versions": {"type": "array", "items": {"type": "string"},
                 "description": "name/number of every model and prompt version made from the node."},
    "requests": {"type": "array", "items": {"type": "object", "additionalProperties": false,
      "required": ["id", "started_at_us", "model", "version"],
      "properties": {"id": {"type": "string"}, "started_at_us": {"$ref": "#/components/schemas/Time"},
                     "model": {"type": "string"}, "version": {"type": "string"}}}},
    "next_cursor": {"type": ["string", "null"],
                    "description": "A page looks at a bounded part of the journal, so it may be short."},
    "truncated": {"type": "boolean", "description": "More was made from the node than was looked at."}}
})json";

constexpr std::array kSchemas = {
    Schema{"RegistryTags", kTags},
    Schema{"RegistryKinds", kKinds},
    Schema{"RegistryEntry", kEntry},
    Schema{"RegistryEntryPage", kEntryPage},
    Schema{"RegistryNewEntry", kNewEntry},
    Schema{"RegistryVersion", kVersion},
    Schema{"RegistryVersionDetails", kVersionDetails},
    Schema{"RegistryVersionPage", kVersionPage},
    Schema{"RegistryNewVersion", kNewVersion},
    Schema{"RegistryCheck", kCheck},
    Schema{"RegistryNewCheck", kNewCheck},
    Schema{"RegistryMove", kMove},
    Schema{"RegistryMoved", kMoved},
    Schema{"RegistryMovePage", kMovePage},
    Schema{"RegistryAliasTarget", kAliasTarget},
    Schema{"RegistryReason", kReason},
    Schema{"PromotionRule", kRule},
    Schema{"PromotionRules", kRules},
    Schema{"NewPromotionRule", kNewRule},
    Schema{"PromptDiff", kPromptDiff},
    Schema{"PromptRender", kPromptRender},
    Schema{"PromptRendered", kPromptRendered},
    Schema{"Lineage", kLineage},
    Schema{"LineageNodes", kLineageNodes},
    Schema{"LineageTaken", kLineageTaken},
    Schema{"TouchedRequests", kTouched},
};

}  // namespace

std::span<const Schema> registry_schemas() { return kSchemas; }

}  // namespace penstock::api::native
