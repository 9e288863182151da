#include <array>
#include <limits>

#include "api/native/cost_handlers.h"
#include "api/native/route_table.h"

namespace penstock::api::native {
namespace {

using access::Capability;
using Type = Parameter::Type;

constexpr std::array<std::string_view, 7> kDimensions = {"key",   "group", "user",    "feature",
                                                         "route", "model", "upstream"};
constexpr std::array<std::string_view, 4> kBuckets = {"hour", "day", "month", "all"};

constexpr Parameter text(std::string_view name, std::string_view description) {
  return {.name = name, .type = Type::kText, .description = description, .maximum = 256};
}

constexpr Parameter number(std::string_view name, std::string_view description) {
  return {.name = name,
          .type = Type::kInteger,
          .description = description,
          .maximum = std::numeric_limits<int64_t>::max() / 2};
}

constexpr std::array kCostQuery = {
    number("from_us", "From this time on, rounded down to an hour; absent: 30 days before `to_us`."),
    number("to_us", "Up to this time; absent: now."),
    Parameter{.name = "group_by",
              .type = Type::kChoice,
              .description = "What is told apart; absent: nothing.",
              .choices = kDimensions},
    Parameter{.name = "bucket",
              .type = Type::kChoice,
              .description = "Stretches of the calendar in UTC that are told apart; absent: day.",
              .choices = kBuckets},
    text("key", "Only this key, by its id."),
    text("group", "Only this group and those below it."),
    text("user", "Only this user."),
    text("feature", "Only this feature."),
    text("route", "Only this public model name."),
    text("model", "Only this model, by the upstream's name."),
    text("upstream", "Only this provider, or engine:MODEL."),
};

constexpr std::array kVersionsQuery = {Parameter{.name = "limit",
                                                 .type = Type::kInteger,
                                                 .description = "Versions at most.",
                                                 .minimum = 1,
                                                 .maximum = 200,
                                                 .fallback = 50}};
constexpr std::array kDiffQuery = {number("from", "A version."), number("to", "A version.")};
constexpr std::array kImportQuery = {text("source", "The document's name, for the list of versions.")};

constexpr std::array kRoutes = {
    Route{.path = "/api/v1/cost",
          .operation = "getCost",
          .summary = "What requests cost, by the time they began. A second or two behind.",
          .needs = Capability::kReadCost,
          .schema = "Cost",
          .error_statuses = "400 413 429 500 503",
          .query = kCostQuery,
          .answer = get_cost},
    Route{.path = "/api/v1/cost.csv",
          .operation = "getCostCsv",
          .summary = "The same as CSV (RFC 4180).",
          .needs = Capability::kReadCost,
          .content_type = "text/csv; charset=utf-8",
          .error_statuses = "400 413 429 500 503",
          .query = kCostQuery,
          .answer = get_cost_csv},
    Route{.path = "/api/v1/budgets",
          .operation = "listBudgets",
          .summary = "How every budget stands in its current period.",
          .needs = Capability::kReadCost,
          .schema = "BudgetList",
          .error_statuses = "400 429 500 503",
          .answer = list_budgets},
    Route{.path = "/api/v1/prices",
          .operation = "getPrices",
          .summary = "The prices in force, in nano-USD for a million tokens.",
          .needs = Capability::kReadGateway,
          .schema = "Prices",
          .error_statuses = "400",
          .answer = get_prices},
    Route{.path = "/api/v1/prices/versions",
          .operation = "listPriceVersions",
          .summary = "Every state that the prices had, newest first.",
          .needs = Capability::kReadGateway,
          .schema = "PriceVersionList",
          .error_statuses = "400 429 500 503",
          .query = kVersionsQuery,
          .answer = list_price_versions},
    Route{.path = "/api/v1/prices/diff",
          .operation = "diffPriceVersions",
          .summary = "What separates two versions.",
          .needs = Capability::kReadGateway,
          .schema = "PriceDiff",
          .error_statuses = "400 404 429 500 503",
          .query = kDiffQuery,
          .answer = diff_price_versions},
    Route{.method = Method::kPost,
          .path = "/api/v1/prices/import",
          .operation = "importPrices",
          .summary =
              "Replaces the imported prices by the document in the body: a price file of ours (YAML or "
              "JSON) or LiteLLM's model_prices_and_context_window.json. prices.file and prices.models "
              "still override it.",
          .needs = Capability::kManageGateway,
          .success = 201,
          .schema = "PriceImport",
          .error_statuses = "400 429 500 503",
          .query = kImportQuery,
          .answer = import_prices},
};

}  // namespace

std::span<const Route> cost_routes() { return kRoutes; }

}  // namespace penstock::api::native
