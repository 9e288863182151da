#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "api/native/handlers.h"
#include "api/native/parameters.h"

namespace penstock::api::native {

// Probes and scrapers add parameters of their own.
enum class QueryRule : uint8_t { kRefuseUnknown, kIgnore };

// One route: where it stands, what it takes and answers, who handles it. Both the router and the OpenAPI
// document are filled from this table, so they cannot differ.
struct Route {
  std::string_view path;  // all are GET; "{id}" is a path parameter
  std::string_view operation;
  std::string_view summary;
  std::string_view content_type;
  std::string_view schema;          // a component of schemas.h; empty for text
  std::string_view error_statuses;  // "400 404"; 401 is the guard of the router
  std::span<const Parameter> query{};
  QueryRule query_rule = QueryRule::kRefuseUnknown;
  // Exactly one of the two.
  Task<Result<Response>> (*answer)(const NativeServices&, const Request&, Query) = nullptr;
  Task<Result<void>> (*stream)(const NativeServices&, ResponseStream&) = nullptr;
};

std::span<const Route> routes();

}  // namespace penstock::api::native
