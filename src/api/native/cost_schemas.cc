#include <array>

#include "api/native/schemas.h"

namespace penstock::api::native {
namespace {

#define PENSTOCK_SUMS_REQUIRED \
  R"json("requests", "errors", "unpriced", "input_tokens", "output_tokens", "tokens", "cost_nano_usd",
    "saved_nano_usd")json"
#define PENSTOCK_SUMS_PROPERTIES \
  R"json(
    "requests": {"type": "integer", "minimum": 0},
    "errors": {"type": "integer", "minimum": 0},
    "unpriced": {"type": "integer", "minimum": 0, "description": "Had tokens and no price."},
    "input_tokens": {"type": "integer", "minimum": 0, "description": "All kinds of input."},
    "output_tokens": {"type": "integer", "minimum": 0, "description": "All kinds of output."},
    "tokens": {"$ref": "#/components/schemas/CostTokens"},
    "cost_nano_usd": {"type": "integer"},
    "saved_nano_usd": {"type": "integer", "description": "What answers from the cache had cost."})json"

constexpr std::string_view kCost =
    R"json({
  "type": "object", "required": ["from_us", "to_us", "group_by", "bucket", "total", "rows"],
  "additionalProperties": false,
  "properties": {
    "from_us": {"$ref": "#/components/schemas/Time"},
    "to_us": {"$ref": "#/components/schemas/Time"},
    "group_by": {"type": ["string", "null"]},
    "bucket": {"enum": ["hour", "day", "month", "all"]},
    "total": {"$ref": "#/components/schemas/CostSums"},
    "rows": {"type": "array", "maxItems": 10000, "items": {"$ref": "#/components/schemas/CostRow"},
             "description": "By time, then by falling cost."}
  }
})json";

// clang-format off
constexpr std::string_view kCostSums =
    R"json({"type": "object", "additionalProperties": false,
  "required": [)json" PENSTOCK_SUMS_REQUIRED R"json(], "properties": {)json"
    PENSTOCK_SUMS_PROPERTIES R"json(}})json";

constexpr std::string_view kCostRow =
    R"json({"type": "object", "additionalProperties": false,
  "required": ["t_us", "value", "label", )json" PENSTOCK_SUMS_REQUIRED R"json(], "properties": {
    "t_us": {"type": "integer", "description": "Where the bucket begins."},
    "value": {"type": "string",
              "description": "Empty: the requests had none, or nothing is told apart."},
    "label": {"type": "string", "description": "Of a key: its name; else as value."},)json"
    PENSTOCK_SUMS_PROPERTIES R"json(}})json";
// clang-format on

#undef PENSTOCK_SUMS_REQUIRED
#undef PENSTOCK_SUMS_PROPERTIES

constexpr std::string_view kCostTokens = R"json({
  "type": "object", "additionalProperties": false, "description": "In exclusive kinds.",
  "required": ["input", "cached_input", "cache_write", "cache_write_1h", "output", "reasoning", "audio",
               "image"],
  "properties": {
    "input": {"type": "integer"}, "cached_input": {"type": "integer"},
    "cache_write": {"type": "integer"}, "cache_write_1h": {"type": "integer"},
    "output": {"type": "integer"}, "reasoning": {"type": "integer"}, "audio": {"type": "integer"},
    "image": {"type": "integer"}
  }
})json";

constexpr std::string_view kBudgetList = R"json({
  "type": "object", "required": ["budgets"], "additionalProperties": false,
  "properties": {"budgets": {"type": "array", "items": {"$ref": "#/components/schemas/BudgetUsage"}}}
})json";

constexpr std::string_view kBudgetUsage = R"json({
  "type": "object", "additionalProperties": false,
  "required": ["holder", "amount_nano_usd", "per", "spent_nano_usd", "reserved_nano_usd",
               "leased_elsewhere_nano_usd", "remaining_nano_usd", "period_starts_at_us", "period_ends_at_us"],
  "properties": {
    "holder": {"type": "string", "description": "key:ID or group:PATH."},
    "amount_nano_usd": {"type": "integer"},
    "per": {"enum": ["hour", "day", "week", "month", "total"]},
    "spent_nano_usd": {"type": "integer", "description": "By other gateways: as of their last report."},
    "reserved_nano_usd": {"type": "integer", "description": "By requests in progress on this gateway."},
    "leased_elsewhere_nano_usd": {"type": "integer", "description": "Held by other gateways, not spent."},
    "remaining_nano_usd": {"type": "integer", "minimum": 0},
    "period_starts_at_us": {"type": "integer"},
    "period_ends_at_us": {"type": ["integer", "null"], "description": "Null: never."}
  }
})json";

// clang-format off
#define PENSTOCK_RATES_REQUIRED \
  R"json("input", "cached_input", "cache_write", "cache_write_1h", "output", "reasoning", "audio",
    "image")json"
#define PENSTOCK_RATES_PROPERTIES \
  R"json("input": {"type": "integer"}, "cached_input": {"type": "integer"},
    "cache_write": {"type": "integer"}, "cache_write_1h": {"type": "integer"},
    "output": {"type": "integer"}, "reasoning": {"type": "integer"}, "audio": {"type": "integer"},
    "image": {"type": "integer"})json"

constexpr std::string_view kPrice =
    R"json({"type": ["object", "null"], "additionalProperties": false,
  "description": "Nano-USD for a million tokens of a kind. Null: there is no price.",
  "required": [)json" PENSTOCK_RATES_REQUIRED R"json(, "tiers"], "properties": {)json"
    PENSTOCK_RATES_PROPERTIES R"json(,
    "tiers": {"type": "array", "items": {"$ref": "#/components/schemas/PriceTier"}}}})json";

constexpr std::string_view kPriceTier =
    R"json({"type": "object", "additionalProperties": false,
  "description": "For the whole of a request whose input is longer.",
  "required": [)json" PENSTOCK_RATES_REQUIRED R"json(, "input_tokens_above"], "properties": {)json"
    PENSTOCK_RATES_PROPERTIES R"json(, "input_tokens_above": {"type": "integer"}}})json";
// clang-format on

#undef PENSTOCK_RATES_REQUIRED
#undef PENSTOCK_RATES_PROPERTIES

constexpr std::string_view kPrices = R"json({
  "type": "object", "required": ["version", "unknown_model", "models"], "additionalProperties": false,
  "properties": {
    "version": {"type": ["string", "null"], "description": "Stands in records; null: there are no prices."},
    "unknown_model": {"enum": ["deny", "ceiling", "record"]},
    "models": {"type": "object", "additionalProperties": {"$ref": "#/components/schemas/Price"}}
  }
})json";

constexpr std::string_view kPriceVersion = R"json({
  "type": "object", "required": ["number", "at_us", "actor", "source", "models"],
  "additionalProperties": false,
  "properties": {
    "number": {"type": "integer"}, "at_us": {"$ref": "#/components/schemas/Time"},
    "actor": {"type": "string", "description": "A principal, or configuration."},
    "source": {"type": "string"}, "models": {"type": "integer", "description": "How many have a price."}
  }
})json";

constexpr std::string_view kPriceVersionList = R"json({
  "type": "object", "required": ["versions"], "additionalProperties": false,
  "properties": {"versions": {"type": "array", "items": {"$ref": "#/components/schemas/PriceVersion"}}}
})json";

constexpr std::string_view kPriceDiff = R"json({
  "type": "object", "required": ["from", "to", "changes"], "additionalProperties": false,
  "properties": {
    "from": {"type": "integer"}, "to": {"type": "integer"},
    "changes": {"type": "array", "items": {
      "type": "object", "required": ["model", "before", "after"], "additionalProperties": false,
      "properties": {"model": {"type": "string"}, "before": {"$ref": "#/components/schemas/Price"},
                     "after": {"$ref": "#/components/schemas/Price"}}
    }}
  }
})json";

constexpr std::string_view kPriceImport = R"json({
  "type": "object", "required": ["version", "models", "refused"], "additionalProperties": false,
  "properties": {
    "version": {"$ref": "#/components/schemas/PriceVersion"},
    "models": {"type": "integer", "description": "How many the document gave a price."},
    "refused": {"type": "array", "items": {"type": "string"}, "description": "What was left out, and why."}
  }
})json";

constexpr std::array<Schema, 13> kSchemas = {{
    {"BudgetList", kBudgetList},
    {"BudgetUsage", kBudgetUsage},
    {"Cost", kCost},
    {"CostRow", kCostRow},
    {"CostSums", kCostSums},
    {"CostTokens", kCostTokens},
    {"Price", kPrice},
    {"PriceDiff", kPriceDiff},
    {"PriceImport", kPriceImport},
    {"PriceTier", kPriceTier},
    {"PriceVersion", kPriceVersion},
    {"PriceVersionList", kPriceVersionList},
    {"Prices", kPrices},
}};

}  // namespace

std::span<const Schema> cost_schemas() { return kSchemas; }

}  // namespace penstock::api::native
