#include <array>
#include <limits>

#include "api/native/gateway_handlers.h"
#include "api/native/route_table.h"

namespace penstock::api::native {
namespace {

using access::Capability;

constexpr Parameter number(std::string_view name, std::string_view description) {
  return {.name = name,
          .type = Parameter::Type::kInteger,
          .description = description,
          .minimum = 0,
          .maximum = std::numeric_limits<int64_t>::max() / 2};
}

constexpr std::array kVersionsQuery = {Parameter{.name = "limit",
                                                 .type = Parameter::Type::kInteger,
                                                 .description = "Versions per page.",
                                                 .minimum = 1,
                                                 .maximum = 200,
                                                 .fallback = 50},
                                       number("before", "next_before of the page before.")};
constexpr std::array kDiffQuery = {
    number("from", "A version; 0: nothing; absent: the one that `to` came after."),
    number("to", "A version; absent: the running one.")};
constexpr std::array kUndoQuery = {number("base_version", "Undo only if this one is running.")};

constexpr std::array kRoutes = {
    Route{.path = "/api/v1/gateway",
          .operation = "getGateway",
          .summary = "Routes, targets and providers, and how they are. Counts are of this process.",
          .needs = Capability::kReadGateway,
          .schema = "Gateway",
          .error_statuses = "400",
          .answer = get_gateway},
    Route{.path = "/api/v1/config",
          .operation = "getConfig",
          .summary = "The configuration in effect.",
          .needs = Capability::kReadGateway,
          .schema = "Config",
          .error_statuses = "400 429",
          .answer = get_config},
    Route{.path = "/api/v1/config/versions",
          .operation = "listConfigVersions",
          .summary = "Every configuration that took effect, newest first, without texts.",
          .needs = Capability::kReadGateway,
          .schema = "ConfigVersionPage",
          .error_statuses = "400 429 503",
          .query = kVersionsQuery,
          .answer = list_config_versions},
    Route{.path = "/api/v1/config/versions/diff",
          .operation = "diffConfigVersions",
          .summary = "What separates two versions.",
          .needs = Capability::kReadGateway,
          .schema = "ConfigDiff",
          .error_statuses = "400 404 429 503",
          .query = kDiffQuery,
          .answer = diff_config_versions},
    Route{.path = "/api/v1/config/versions/{number}",
          .operation = "getConfigVersion",
          .summary = "One version with its text.",
          .needs = Capability::kReadGateway,
          .schema = "ConfigVersion",
          .error_statuses = "400 404 429 503",
          .answer = get_config_version},
    Route{.method = Method::kPost,
          .path = "/api/v1/config/check",
          .operation = "checkConfig",
          .summary = "What is wrong with a text, and what it would change. Nothing is applied.",
          .needs = Capability::kReadGateway,
          .schema = "ConfigCheck",
          .error_statuses = "400 413 429",
          .body = "ConfigText",
          .answer = check_config},
    Route{.method = Method::kPost,
          .path = "/api/v1/config/apply",
          .operation = "applyConfig",
          .summary =
              "Puts a text into the configuration file and into effect, or changes nothing. 409: another "
              "change came between, the file was changed by hand, or there is none.",
          .needs = Capability::kManageGateway,
          .schema = "ConfigApplied",
          .error_statuses = "400 409 413 429 500 503 507",
          .body = "ConfigChange",
          .answer = apply_config},
    Route{.method = Method::kPost,
          .path = "/api/v1/config/undo",
          .operation = "undoConfig",
          .summary = "Applies the version before the running one; once more, the one before that.",
          .needs = Capability::kManageGateway,
          .schema = "ConfigApplied",
          .error_statuses = "400 409 429 500 503 507",
          .query = kUndoQuery,
          .answer = undo_config},
    Route{.method = Method::kPost,
          .path = "/api/v1/config/reload",
          .operation = "reloadConfig",
          .summary = "Reads the configuration file and the files of secrets again.",
          .needs = Capability::kManageGateway,
          .schema = "ConfigApplied",
          .error_statuses = "400 404 409 429 500 503",
          .answer = reload_config},
};

}  // namespace

std::span<const Route> gateway_routes() { return kRoutes; }

}  // namespace penstock::api::native
