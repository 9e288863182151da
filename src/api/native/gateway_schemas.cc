#include <array>

#include "api/native/schemas.h"

namespace penstock::api::native {
namespace {

constexpr std::string_view kGateway = R"json({
  "type": "object", "required": ["loaded_at_us", "routes", "providers"], "additionalProperties": false,
  "properties": {
    "loaded_at_us": {"$ref": "#/components/schemas/Time"},
    "routes": {"type": "array", "items": {"$ref": "#/components/schemas/GatewayRoute"}},
    "providers": {"type": "array", "items": {"$ref": "#/components/schemas/GatewayProvider"}}
  }
})json";

constexpr std::string_view kRoute = R"json({
  "type": "object", "additionalProperties": false,
  "required": ["name", "strategy", "engine", "targets", "fallback"],
  "properties": {
    "name": {"type": "string", "description": "What clients put in `model`; may end in *."},
    "strategy": {"enum": ["weighted", "priority", "least_busy", "ewma_latency", "cheapest", "hedge"]},
    "engine": {"type": "boolean", "description": "Its one target is an engine of this server."},
    "targets": {"type": "array", "items": {"$ref": "#/components/schemas/GatewayTarget"}},
    "fallback": {
      "type": "object", "additionalProperties": false,
      "required": ["default", "context_window", "content_policy"],
      "description": "Routes that take over, by cause.",
      "properties": {
        "default": {"type": "array", "items": {"type": "string"}},
        "context_window": {"type": "array", "items": {"type": "string"}},
        "content_policy": {"type": "array", "items": {"type": "string"}}
      }
    }
  }
})json";

constexpr std::string_view kTarget = R"json({
  "type": "object", "additionalProperties": false,
  "required": ["id", "provider", "model", "weight", "share", "unwell", "breaker", "in_flight", "calls",
               "errors", "ttft_ms"],
  "properties": {
    "id": {"type": "string"},
    "provider": {"type": "string"},
    "model": {"type": ["string", "null"], "description": "Null: the name that the client asked for."},
    "weight": {"type": "number", "minimum": 0},
    "share": {"type": ["number", "null"], "minimum": 0, "maximum": 1,
              "description": "Of the calls, under weighted; null under other strategies."},
    "unwell": {"type": "boolean", "description": "The health checks of its provider fail."},
    "breaker": {
      "type": "object", "required": ["state", "until_us"], "additionalProperties": false,
      "properties": {
        "state": {"enum": ["closed", "open", "half_open"]},
        "until_us": {"type": ["integer", "null"], "description": "When an open one lets a probe through."}
      }
    },
    "in_flight": {"type": "integer"},
    "calls": {"type": "integer", "minimum": 0, "description": "Since the server's start, retries included."},
    "errors": {"type": "integer", "minimum": 0},
    "ttft_ms": {
      "type": "object", "required": ["mean", "p95"], "additionalProperties": false,
      "description": "To the first token, lately; null: too few have been seen.",
      "properties": {"mean": {"type": ["number", "null"]}, "p95": {"type": ["number", "null"]}}
    }
  }
})json";

constexpr std::string_view kProvider = R"json({
  "type": "object", "additionalProperties": false,
  "required": ["name", "type", "base_url", "engine", "unwell", "health_path", "keys", "keys_resting"],
  "properties": {
    "name": {"type": "string"},
    "type": {"type": "string"},
    "base_url": {"type": "string"},
    "engine": {"type": "boolean"},
    "unwell": {"type": "boolean", "description": "Its last health check failed."},
    "health_path": {"type": ["string", "null"], "description": "Null: it is not asked."},
    "keys": {"type": "integer", "minimum": 0},
    "keys_resting": {"type": "integer", "minimum": 0,
                     "description": "Keys that it refused or slowed down, and that are left alone for now."}
  }
})json";

constexpr std::string_view kConfig = R"json({
  "type": "object", "additionalProperties": false,
  "required": ["version", "file", "text", "since_us", "problem", "needs_restart", "schema"],
  "properties": {
    "version": {"type": "integer", "minimum": 0, "description": "0: it could not be recorded yet."},
    "file": {"type": ["string", "null"], "description": "Null: the server was started without one."},
    "text": {"type": "string"},
    "since_us": {"$ref": "#/components/schemas/Time"},
    "problem": {"type": ["string", "null"], "description": "Why the file as it stands now is not in effect."},
    "needs_restart": {"$ref": "#/components/schemas/ConfigSections"},
    "schema": {"type": "object", "description": "JSON Schema of the text, read as YAML."}
  }
})json";

constexpr std::string_view kSections = R"json({
  "type": "array", "items": {"type": "string"},
  "description": "Sections that differ from what the server was started with and that only a restart changes."
})json";

#define PENSTOCK_ROW_REQUIRED \
  R"json("number", "running", "previous", "server", "at_us", "actor", "source", "comment")json"
#define PENSTOCK_ROW_PROPERTIES \
  R"json(
    "number": {"type": "integer", "minimum": 1},
    "running": {"type": "boolean", "description": "On the server that answers."},
    "previous": {"type": ["integer", "null"], "description": "Where an undo leads."},
    "server": {"type": "string", "description": "Host and file."},
    "at_us": {"$ref": "#/components/schemas/Time"},
    "actor": {"type": "string", "description": "Who applied it; empty: the file was changed."},
    "source": {"enum": ["start", "file", "api", "undo"]},
    "comment": {"type": "string"})json"

constexpr std::string_view kVersionRow =
    R"json({"type": "object", "additionalProperties": false, "required": [)json" PENSTOCK_ROW_REQUIRED
    R"json(], "properties": {)json" PENSTOCK_ROW_PROPERTIES R"json(}})json";
constexpr std::string_view kVersion =
    R"json({"type": "object", "additionalProperties": false, "required": ["text", )json" PENSTOCK_ROW_REQUIRED
    R"json(], "properties": {"text": {"type": "string"},)json" PENSTOCK_ROW_PROPERTIES R"json(}})json";

#undef PENSTOCK_ROW_REQUIRED
#undef PENSTOCK_ROW_PROPERTIES

constexpr std::string_view kVersionPage = R"json({
  "type": "object", "required": ["versions", "next_before"], "additionalProperties": false,
  "properties": {
    "versions": {"type": "array", "maxItems": 200,
                 "items": {"$ref": "#/components/schemas/ConfigVersionRow"}},
    "next_before": {"type": ["integer", "null"], "description": "Null: there is nothing older."}
  }
})json";

constexpr std::string_view kDiff = R"json({
  "type": "object", "required": ["from", "to", "diff"], "additionalProperties": false,
  "properties": {
    "from": {"type": "integer", "minimum": 0},
    "to": {"type": "integer", "minimum": 0},
    "diff": {"type": "string", "description": "Unified; empty: they are equal."}
  }
})json";

constexpr std::string_view kText = R"json({
  "type": "object", "required": ["text"], "additionalProperties": false,
  "properties": {"text": {"type": "string", "description": "Of penstock.yaml."}}
})json";

constexpr std::string_view kCheck = R"json({
  "type": "object", "additionalProperties": false,
  "required": ["valid", "base_version", "problems", "diff", "needs_restart"],
  "properties": {
    "valid": {"type": "boolean"},
    "base_version": {"type": "integer", "minimum": 0, "description": "The running one; apply wants it back."},
    "problems": {
      "type": "array",
      "items": {
        "type": "object", "required": ["line", "column", "message"], "additionalProperties": false,
        "properties": {
          "line": {"type": ["integer", "null"]},
          "column": {"type": ["integer", "null"]},
          "message": {"type": "string"}
        }
      }
    },
    "diff": {"type": "string", "description": "Unified, against the running one; empty: nothing changes."},
    "needs_restart": {"$ref": "#/components/schemas/ConfigSections"}
  }
})json";

constexpr std::string_view kChange = R"json({
  "type": "object", "required": ["text", "base_version"], "additionalProperties": false,
  "properties": {
    "text": {"type": "string", "description": "Of penstock.yaml, whole."},
    "comment": {"type": "string", "maxLength": 1000, "description": "Why, for the list of versions."},
    "base_version": {"type": "integer", "minimum": 0, "description": "That the text was made from."}
  }
})json";

constexpr std::string_view kApplied = R"json({
  "type": "object", "required": ["version", "changed", "needs_restart"], "additionalProperties": false,
  "properties": {
    "version": {"type": "integer", "minimum": 0},
    "changed": {"type": "boolean", "description": "False: this text was in effect already."},
    "needs_restart": {"$ref": "#/components/schemas/ConfigSections"}
  }
})json";

constexpr std::array kSchemas = {
    Schema{"Config", kConfig},
    Schema{"ConfigApplied", kApplied},
    Schema{"ConfigChange", kChange},
    Schema{"ConfigCheck", kCheck},
    Schema{"ConfigDiff", kDiff},
    Schema{"ConfigSections", kSections},
    Schema{"ConfigText", kText},
    Schema{"ConfigVersion", kVersion},
    Schema{"ConfigVersionPage", kVersionPage},
    Schema{"ConfigVersionRow", kVersionRow},
    Schema{"Gateway", kGateway},
    Schema{"GatewayProvider", kProvider},
    Schema{"GatewayRoute", kRoute},
    Schema{"GatewayTarget", kTarget},
};

}  // namespace

std::span<const Schema> gateway_schemas() { return kSchemas; }

}  // namespace penstock::api::native
