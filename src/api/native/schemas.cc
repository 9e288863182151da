#include "api/native/schemas.h"

#include <array>
#include <vector>

namespace penstock::api::native {
namespace {

constexpr std::string_view kError = R"json({
  "type": "object", "required": ["error"], "additionalProperties": false,
  "properties": {
    "error": {
      "type": "object", "required": ["code", "message"], "additionalProperties": false,
      "properties": {
        "code": {"type": "string", "description": "Stable, for programs: invalid_argument, not_found, ..."},
        "message": {"type": "string", "description": "For a person."},
        "field": {"type": "string", "description": "The offending parameter, where there is one."}
      }
    }
  }
})json";

constexpr std::string_view kVersion = R"json({
  "type": "object", "additionalProperties": false,
  "required": ["version", "commit", "compiler", "started_at_us"],
  "properties": {
    "version": {"type": "string"},
    "commit": {"type": "string", "description": "Empty when built outside of a checkout."},
    "compiler": {"type": "string"},
    "started_at_us": {"$ref": "#/components/schemas/Time"}
  }
})json";

constexpr std::string_view kHealth = R"json({
  "type": "object", "required": ["status", "uptime_s", "parts"], "additionalProperties": false,
  "properties": {
    "status": {"enum": ["ok", "degraded", "down"]},
    "uptime_s": {"type": "integer", "minimum": 0},
    "parts": {
      "type": "array",
      "items": {
        "type": "object", "required": ["name", "status", "detail"], "additionalProperties": false,
        "properties": {
          "name": {"type": "string"},
          "status": {"enum": ["ok", "starting", "degraded", "down"]},
          "detail": {"type": "string", "description": "For a person; may be empty."}
        }
      }
    }
  }
})json";

constexpr std::string_view kModelList = R"json({
  "type": "object", "required": ["models"], "additionalProperties": false,
  "properties": {"models": {"type": "array", "items": {"$ref": "#/components/schemas/Model"}}}
})json";

constexpr std::string_view kModel = R"json({
  "type": "object", "additionalProperties": false,
  "required": ["name", "kind", "version", "digest", "licence", "size_bytes", "source", "upstream", "status"],
  "properties": {
    "name": {"type": "string"},
    "kind": {"enum": ["chat", "embedding"]},
    "version": {"type": ["string", "null"], "description": "Null, like the next four, for a remote model."},
    "digest": {"type": ["string", "null"], "description": "Of the weights: sha256: and 64 hex digits."},
    "licence": {"type": ["string", "null"]},
    "size_bytes": {"type": ["integer", "null"], "minimum": 0},
    "source": {"type": ["string", "null"]},
    "upstream": {"type": ["string", "null"]},
    "status": {"enum": ["ready", "starting", "failed", "remote"]}
  }
})json";

constexpr std::string_view kTime = R"json({
  "type": "integer", "minimum": 0, "description": "Microseconds since the Unix epoch, UTC."
})json";

constexpr std::string_view kPercentiles = R"json({
  "type": "object", "required": ["p50", "p95"], "additionalProperties": false,
  "description": "Milliseconds; null where nothing was measured.",
  "properties": {"p50": {"type": ["number", "null"]}, "p95": {"type": ["number", "null"]}}
})json";

constexpr std::string_view kStats = R"json({
  "type": "object", "additionalProperties": false,
  "required": ["window_s", "requests", "errors", "cancelled", "requests_per_s", "tokens_per_s",
               "cost_nano_usd",
               "ttft_ms", "latency_ms", "series", "by_model"],
  "properties": {
    "window_s": {"type": "integer", "minimum": 1, "maximum": 86400},
    "requests": {"type": "integer", "minimum": 0},
    "errors": {"type": "integer", "minimum": 0},
    "cancelled": {"type": "integer", "minimum": 0, "description": "By their clients; no errors."},
    "requests_per_s": {"type": "number", "minimum": 0},
    "tokens_per_s": {"type": "number", "minimum": 0, "description": "Input and output."},
    "cost_nano_usd": {"type": "integer", "description": "By the configured prices; 1 USD is 1e9."},
    "ttft_ms": {"$ref": "#/components/schemas/Percentiles", "description": "To the first token, of streams."},
    "latency_ms": {"$ref": "#/components/schemas/Percentiles", "description": "First byte in to last out."},
    "series": {
      "type": "array", "maxItems": 120, "description": "Oldest first, evenly spaced, without gaps.",
      "items": {"$ref": "#/components/schemas/StatsPoint"}
    },
    "by_model": {"type": "array", "items": {"$ref": "#/components/schemas/ModelStats"}}
  }
})json";

constexpr std::string_view kStatsPoint = R"json({
  "type": "object", "additionalProperties": false,
  "required": ["t_us", "requests", "errors", "cancelled", "input_tokens", "output_tokens", "cost_nano_usd",
               "ttft_p50_ms", "ttft_p95_ms"],
  "properties": {
    "t_us": {"$ref": "#/components/schemas/Time", "description": "Where the point begins."},
    "requests": {"type": "integer", "minimum": 0},
    "errors": {"type": "integer", "minimum": 0},
    "cancelled": {"type": "integer", "minimum": 0, "description": "By their clients; no errors."},
    "input_tokens": {"type": "integer", "minimum": 0, "description": "Cached ones included."},
    "output_tokens": {"type": "integer", "minimum": 0, "description": "Reasoning included."},
    "cost_nano_usd": {"type": "integer"},
    "ttft_p50_ms": {"type": ["number", "null"]},
    "ttft_p95_ms": {"type": ["number", "null"]}
  }
})json";

constexpr std::string_view kModelStats = R"json({
  "type": "object", "additionalProperties": false,
  "required": ["model", "requests", "errors", "cancelled", "input_tokens", "output_tokens", "cost_nano_usd"],
  "properties": {
    "model": {"type": "string", "description": "unknown: no route has it; other: one beyond 32."},
    "requests": {"type": "integer", "minimum": 0},
    "errors": {"type": "integer", "minimum": 0},
    "cancelled": {"type": "integer", "minimum": 0, "description": "By their clients; no errors."},
    "input_tokens": {"type": "integer", "minimum": 0},
    "output_tokens": {"type": "integer", "minimum": 0},
    "cost_nano_usd": {"type": "integer"}
  }
})json";

// The members of a request without its bodies: of RequestSummary, and the first ones of RequestDetail.
#define PENSTOCK_SUMMARY_REQUIRED \
  R"json("id", "started_at_us", "first_token_at_us", "ended_at_us", "endpoint", "model", "route", "upstream",
    "upstream_model", "upstream_request_id", "model_version", "stream", "status", "finish_reason", "error",
    "tokens", "cost_nano_usd", "feature", "user", "metadata", "client_disconnected",
    "key", "key_id", "group", "target", "attempts", "cache", "saved_nano_usd", "price_version")json"
#define PENSTOCK_SUMMARY_PROPERTIES \
  R"json(
    "id": {"type": "string", "format": "uuid"},
    "started_at_us": {"$ref": "#/components/schemas/Time"},
    "first_token_at_us": {"type": ["integer", "null"],
                          "description": "The first content event of a stream, or the head of the answer."},
    "ended_at_us": {"$ref": "#/components/schemas/Time"},
    "endpoint": {"type": "string", "examples": ["chat.completions", "completions", "embeddings", "predict"]},
    "model": {"type": "string", "description": "As the client asked."},
    "route": {"type": ["string", "null"], "description": "The public model name that matched."},
    "upstream": {"type": ["string", "null"]},
    "upstream_model": {"type": ["string", "null"]},
    "upstream_request_id": {"type": ["string", "null"], "description": "The upstream's x-request-id."},
    "model_version": {
      "type": ["object", "null"], "required": ["name", "version", "digest"], "additionalProperties": false,
      "properties": {"name": {"type": "string"}, "version": {"type": "string"}, "digest": {"type": "string"}}
    },
    "stream": {"type": "boolean"},
    "status": {"type": "integer", "description": "The HTTP status answered."},
    "finish_reason": {"type": ["string", "null"]},
    "error": {
      "type": ["object", "null"], "required": ["code", "message"], "additionalProperties": false,
      "properties": {"code": {"type": "string"}, "message": {"type": "string"}}
    },
    "tokens": {"$ref": "#/components/schemas/TokenCounts"},
    "cost_nano_usd": {"type": ["integer", "null"], "description": "Null: no price is configured."},
    "feature": {"type": ["string", "null"]},
    "user": {"type": ["string", "null"]},
    "metadata": {"type": "object", "additionalProperties": {"type": "string"}},
    "client_disconnected": {"type": "boolean"},
    "key": {"type": ["string", "null"], "description": "The name of the client's key."},
    "key_id": {"type": ["string", "null"]},
    "group": {"type": ["string", "null"], "description": "That the key belongs to."},
    "target": {"type": ["string", "null"], "description": "Of the route, that answered or was tried last."},
    "attempts": {"type": "array", "items": {"$ref": "#/components/schemas/Attempt"},
                 "description": "Every try at an upstream, in order."},
    "cache": {"enum": ["off", "miss", "exact", "semantic"]},
    "saved_nano_usd": {"type": ["integer", "null"], "description": "What the cached answer had cost."},
    "price_version": {"type": ["string", "null"], "description": "Of the table that gave the cost."})json"

constexpr std::string_view kRequestSummary =
    R"json({"type": "object", "additionalProperties": false, "required": [)json" PENSTOCK_SUMMARY_REQUIRED
    R"json(], "properties": {)json" PENSTOCK_SUMMARY_PROPERTIES R"json(}})json";

constexpr std::string_view kRequestDetail =
    R"json({"type": "object", "additionalProperties": false, "required": [)json" PENSTOCK_SUMMARY_REQUIRED
    R"json(, "input", "input_truncated", "output", "output_truncated"],
  "properties": {)json" PENSTOCK_SUMMARY_PROPERTIES R"json(,
    "input": {"description": "The request's body: JSON where it is, else text; null where nothing was kept."},
    "input_truncated": {"type": "boolean"},
    "output": {"description": "The message, or the list of choices; null where nothing was kept."},
    "output_truncated": {"type": "boolean"}}})json";

#undef PENSTOCK_SUMMARY_REQUIRED
#undef PENSTOCK_SUMMARY_PROPERTIES

constexpr std::string_view kTokenCounts = R"json({
  "type": "object", "additionalProperties": false,
  "required": ["input", "cached_input", "cache_write", "cache_write_1h", "output", "reasoning", "audio",
               "image",
               "source"],
  "description": "In exclusive kinds: input is without cached_input, output without reasoning.",
  "properties": {
    "input": {"type": "integer", "minimum": 0},
    "cached_input": {"type": "integer", "minimum": 0},
    "cache_write": {"type": "integer", "minimum": 0, "description": "Kept for minutes."},
    "cache_write_1h": {"type": "integer", "minimum": 0, "description": "Kept for an hour."},
    "output": {"type": "integer", "minimum": 0},
    "reasoning": {"type": "integer", "minimum": 0},
    "audio": {"type": "integer", "minimum": 0},
    "image": {"type": "integer", "minimum": 0},
    "source": {"enum": ["provider", "counted", "none"], "description": "How they came to be known."}
  }
})json";

constexpr std::string_view kAttempt = R"json({
  "type": "object", "required": ["target", "upstream", "status", "error", "duration_ms"],
  "additionalProperties": false,
  "properties": {
    "target": {"type": "string"},
    "upstream": {"type": "string"},
    "status": {"type": "integer", "description": "0: there was no answer."},
    "error": {"type": ["string", "null"], "description": "Null: it answered."},
    "duration_ms": {"type": "integer", "minimum": 0}
  }
})json";

constexpr std::string_view kRequestPage = R"json({
  "type": "object", "required": ["requests", "next_cursor"], "additionalProperties": false,
  "properties": {
    "requests": {"type": "array", "maxItems": 200, "items": {"$ref": "#/components/schemas/RequestSummary"}},
    "next_cursor": {"type": ["string", "null"], "description": "Null: there is nothing older."}
  }
})json";

constexpr std::string_view kDropped = R"json({
  "type": "object", "required": ["count"], "additionalProperties": false,
  "properties": {"count": {"type": "integer", "minimum": 1}}
})json";

constexpr std::string_view kOpenApi = R"json({
  "type": "object", "required": ["openapi", "info", "paths", "components"],
  "description": "An OpenAPI 3.1 document."
})json";

constexpr std::array<Schema, 17> kSystemSchemas = {{
    {"Attempt", kAttempt},
    {"Dropped", kDropped},
    {"Error", kError},
    {"Health", kHealth},
    {"Model", kModel},
    {"ModelList", kModelList},
    {"ModelStats", kModelStats},
    {"OpenApi", kOpenApi},
    {"Percentiles", kPercentiles},
    {"RequestDetail", kRequestDetail},
    {"RequestPage", kRequestPage},
    {"RequestSummary", kRequestSummary},
    {"Stats", kStats},
    {"StatsPoint", kStatsPoint},
    {"Time", kTime},
    {"TokenCounts", kTokenCounts},
    {"Version", kVersion},
}};

}  // namespace

std::span<const Schema> schemas() {
  static const std::vector<Schema> kAll = [] {
    std::vector<Schema> all(kSystemSchemas.begin(), kSystemSchemas.end());
    for (std::span<const Schema> part :
         {gateway_schemas(), cost_schemas(), access_schemas(), account_schemas(), registry_schemas()})
      all.insert(all.end(), part.begin(), part.end());
    return all;
  }();
  return kAll;
}

}  // namespace penstock::api::native
