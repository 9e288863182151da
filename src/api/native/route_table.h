#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "access/roles.h"
#include "api/native/handlers.h"
#include "api/native/parameters.h"

namespace penstock::api::native {

enum class Method : uint8_t { kGet, kPost, kPut, kPatch, kDelete };
std::string_view method_name(Method method);  // "GET"

// Probes and scrapers add parameters of their own.
enum class QueryRule : uint8_t { kRefuseUnknown, kIgnore };

// One route: where it stands, who may call it, what it takes and answers, who handles it. Router, checks and
// the OpenAPI document are filled from this table, so they cannot differ.
struct Route {
  Method method = Method::kGet;
  std::string_view path;  // "{id}" is a path parameter; "{path...}" the rest of the path
  std::string_view operation;
  std::string_view summary;
  access::Capability needs = access::Capability::kIdentity;
  int success = 200;  // 204: nothing is answered, and content_type and schema are empty
  std::string_view content_type = "application/json";
  std::string_view schema;          // a component of schemas.h; empty for text
  std::string_view error_statuses;  // "400 404"; 401 and 403 are added where somebody must be known
  std::span<const Parameter> query{};
  QueryRule query_rule = QueryRule::kRefuseUnknown;
  std::string_view body{};  // the component that a JSON body must fit; empty: a body is not looked at
  // Exactly one of the two.
  Task<Result<Response>> (*answer)(const NativeServices&, const Call&) = nullptr;
  Task<Result<void>> (*stream)(const NativeServices&, ResponseStream&) = nullptr;
};

// All routes. A module's own stand in a file of its own (access_routes.cc, ...), which route_table.cc lists.
std::span<const Route> routes();

std::span<const Route> system_routes();    // version, health, models, metrics, the document
std::span<const Route> request_routes();   // requests and statistics
std::span<const Route> gateway_routes();   // routes as they are, the configuration
std::span<const Route> cost_routes();      // costs, budgets, prices
std::span<const Route> access_routes();    // keys, groups, audit
std::span<const Route> account_routes();   // users, projects, tokens, sessions, logging in
std::span<const Route> registry_routes();  // the version graph, prompts, lineage

}  // namespace penstock::api::native
