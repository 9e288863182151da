#include "api/native/route_table.h"

#include <array>
#include <limits>

namespace penstock::api::native {
namespace {

using Type = Parameter::Type;

constexpr std::string_view kJson = "application/json";
constexpr std::string_view kText = "text/plain";
constexpr int64_t kTextBytesMax = 256;
constexpr int64_t kTimeMax = std::numeric_limits<int64_t>::max() / 2;  // leaves room for sums

constexpr std::array<std::string_view, 2> kOutcomes = {"ok", "error"};

constexpr std::array kStatsQuery = {
    Parameter{.name = "window_s",
              .type = Type::kInteger,
              .description = "How far back from now, in seconds.",
              .minimum = 1,
              .maximum = observability::RequestStats::kWindowMaxS,
              .fallback = 900},
};

constexpr Parameter text(std::string_view name, std::string_view description) {
  return {.name = name, .type = Type::kText, .description = description, .maximum = kTextBytesMax};
}

constexpr Parameter instant(std::string_view name, std::string_view description) {
  return {.name = name, .type = Type::kInteger, .description = description, .maximum = kTimeMax};
}

constexpr std::array kRequestsQuery = {
    Parameter{.name = "limit",
              .type = Type::kInteger,
              .description = "Requests per page.",
              .minimum = 1,
              .maximum = observability::RequestLog::kPageMax,
              .fallback = 50},
    text("cursor", "next_cursor of the page before; absent: from the newest on."),
    text("model", "The model as asked, or the route that matched."),
    text("upstream", "The provider's name from the configuration, or engine:MODEL."),
    Parameter{
        .name = "status",
        .type = Type::kChoice,
        .description = "error: an error is recorded, also one amid a stream, or the status is 400 and up.",
        .choices = kOutcomes},
    text("feature", "The caller's tag (x-penstock-feature)."),
    text("user", "The caller's user."),
    instant("since_us", "Requests that ended at or after this time."),
    instant("until_us", "Requests that ended before this time."),
    text(
        "q",
        "Stands in model names, ids, the error, input or output; the case of ASCII letters does not matter."),
};

constexpr std::array kRoutes = {
    Route{.path = "/api/v1/version",
          .operation = "getVersion",
          .summary = "What is running.",
          .content_type = kJson,
          .schema = "Version",
          .error_statuses = "400 401",
          .answer = get_version},
    Route{.path = "/api/v1/health",
          .operation = "getHealth",
          .summary = "The state of each part. 200 whatever it is; see /health for probes.",
          .content_type = kJson,
          .schema = "Health",
          .error_statuses = "400 401",
          .answer = get_health},
    Route{.path = "/health",
          .operation = "getPlainHealth",
          .summary = "For probes: 200 with ok or degraded, 503 with down.",
          .content_type = kText,
          .schema = "",
          .error_statuses = "503",
          .query_rule = QueryRule::kIgnore,
          .answer = get_plain_health},
    Route{.path = "/api/v1/models",
          .operation = "listModels",
          .summary = "Every model that can be asked for, or could be if it had not failed.",
          .content_type = kJson,
          .schema = "ModelList",
          .error_statuses = "400 401 429 500",
          .answer = list_models},
    Route{.path = "/api/v1/stats",
          .operation = "getStats",
          .summary = "Rolling statistics of the last 24 hours, by the time a request ended.",
          .content_type = kJson,
          .schema = "Stats",
          .error_statuses = "400 401 429",
          .query = kStatsQuery,
          .answer = get_stats},
    Route{.path = "/api/v1/requests",
          .operation = "listRequests",
          .summary =
              "Requests, newest first. A page reads a bounded part of the journal: with a filter it may be "
              "short or empty and still have a next_cursor.",
          .content_type = kJson,
          .schema = "RequestPage",
          .error_statuses = "400 401 429 500",
          .query = kRequestsQuery,
          .answer = list_requests},
    Route{
        .path = "/api/v1/requests/live",
        .operation = "watchRequests",
        .summary =
            "Requests as they end, as server-sent events. `request` carries a RequestSummary; `dropped` says "
            "how many requests a slow reader has lost.",
        .content_type = "text/event-stream",
        .schema = "",
        .error_statuses = "400 401 429 503",
        .stream = watch_requests},
    Route{.path = "/api/v1/requests/{id}",
          .operation = "getRequest",
          .summary = "One request with input and output.",
          .content_type = kJson,
          .schema = "RequestDetail",
          .error_statuses = "400 401 404 429 500",
          .answer = get_request},
    Route{.path = "/api/v1/openapi.json",
          .operation = "getOpenApi",
          .summary = "This document.",
          .content_type = kJson,
          .schema = "OpenApi",
          .error_statuses = "400 401",
          .answer = get_openapi},
    Route{.path = "/metrics",
          .operation = "getMetrics",
          .summary = "Prometheus text exposition.",
          .content_type = kText,
          .schema = "",
          .error_statuses = "",
          .query_rule = QueryRule::kIgnore,
          .answer = get_metrics},
};

}  // namespace

std::span<const Route> routes() { return kRoutes; }

}  // namespace penstock::api::native
