#include <array>

#include "api/native/route_table.h"

namespace penstock::api::native {
namespace {

constexpr std::string_view kText = "text/plain";

constexpr std::array kRoutes = {
    Route{.path = "/api/v1/version",
          .operation = "getVersion",
          .summary = "What is running.",
          .schema = "Version",
          .error_statuses = "400",
          .answer = get_version},
    Route{.path = "/api/v1/health",
          .operation = "getHealth",
          .summary = "The state of each part. 200 whatever it is; see /health for probes.",
          .schema = "Health",
          .error_statuses = "400",
          .answer = get_health},
    Route{.path = "/health",
          .operation = "getPlainHealth",
          .summary = "For probes: 200 with ok or degraded, 503 with down.",
          .needs = access::Capability::kOpen,
          .content_type = kText,
          .error_statuses = "503",
          .query_rule = QueryRule::kIgnore,
          .answer = get_plain_health},
    Route{.path = "/api/v1/models",
          .operation = "listModels",
          .summary = "Every model that can be asked for, or could be if it had not failed.",
          .schema = "ModelList",
          .error_statuses = "400 429 500",
          .answer = list_models},
    Route{.path = "/api/v1/openapi.json",
          .operation = "getOpenApi",
          .summary = "This document.",
          .schema = "OpenApi",
          .error_statuses = "400",
          .answer = get_openapi},
    Route{.path = "/metrics",
          .operation = "getMetrics",
          .summary = "Prometheus text exposition.",
          .needs = access::Capability::kReadRequests,
          .content_type = kText,
          .error_statuses = "",
          .query_rule = QueryRule::kIgnore,
          .answer = get_metrics},
};

}  // namespace

std::span<const Route> system_routes() { return kRoutes; }

}  // namespace penstock::api::native
