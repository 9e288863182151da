#include <array>
#include <limits>

#include "api/native/route_table.h"

namespace penstock::api::native {
namespace {

using Type = Parameter::Type;

constexpr int64_t kTextBytesMax = 256;
constexpr int64_t kTimeMax = std::numeric_limits<int64_t>::max() / 2;  // leaves room for sums

constexpr std::array<std::string_view, 3> kOutcomes = {"ok", "error", "cancelled"};

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
    Route{.path = "/api/v1/stats",
          .operation = "getStats",
          .summary = "Rolling statistics of the last 24 hours, by the time a request ended.",
          .needs = access::Capability::kReadRequests,
          .schema = "Stats",
          .error_statuses = "400 429",
          .query = kStatsQuery,
          .answer = get_stats},
    Route{.path = "/api/v1/requests",
          .operation = "listRequests",
          .summary =
              "Requests, newest first. A page reads a bounded part of the journal: with a filter it may be "
              "short or empty and still have a next_cursor.",
          .needs = access::Capability::kReadOwnRequests,
          .schema = "RequestPage",
          .error_statuses = "400 429 500",
          .query = kRequestsQuery,
          .answer = list_requests},
    Route{
        .path = "/api/v1/requests/live",
        .operation = "watchRequests",
        .summary =
            "Requests as they end, as server-sent events. `request` carries a RequestSummary; `dropped` says "
            "how many requests a slow reader has lost.",
        .needs = access::Capability::kReadRequests,
        .content_type = "text/event-stream",
        .error_statuses = "400 429 503",
        .stream = watch_requests},
    Route{.path = "/api/v1/requests/{id}",
          .operation = "getRequest",
          .summary = "One request with input and output.",
          .needs = access::Capability::kReadOwnRequests,
          .schema = "RequestDetail",
          .error_statuses = "400 404 429 500",
          .answer = get_request},
};

}  // namespace

std::span<const Route> request_routes() { return kRoutes; }

}  // namespace penstock::api::native
