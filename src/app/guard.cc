#include "app/guard.h"

#include "api/mlflow/contract.h"
#include "api/native/routes.h"

namespace penstock::app {
namespace {

bool is_harmless(const Request& request) {
  return request.method == "GET" || request.method == "HEAD" || request.method == "OPTIONS";
}

bool has_secret(const Headers& headers) { return headers.has("authorization") || headers.has("x-api-key"); }

Result<void> check_same_site(const Request& request) {
  if (is_harmless(request) || has_secret(request.headers)) return {};
  if (request.headers.has("origin") || request.headers.get("sec-fetch-site") == "same-origin") return {};
  return Failure(Error{.code = ErrorCode::kPermissionDenied,
                       .message = "a session may change things only from this server's own pages; programs "
                                  "send an API token in 'Authorization: Bearer TOKEN'",
                       .reason = "cross_site_request"});
}

// The native API, MLflow's contract and /metrics ask for rights route by route.
bool asks_itself(std::string_view path) {
  return api::mlflow::asks_itself(path) || path == "/api" || path.starts_with("/api/") ||
         path == "/metrics" || path == "/health";
}

}  // namespace

Result<void> guard(const access::Directory& directory, Request& request) {
  if (api::native::is_open(request.method, request.path) || api::mlflow::is_open(request.path)) return {};
  if (request.principal.empty()) {
    ASSIGN_OR_RETURN(request.principal, directory.authenticate(request.headers));
    if (request.principal.starts_with("user:")) RETURN_IF_ERROR(check_same_site(request));
  }
  if (asks_itself(request.path)) return {};
  std::shared_ptr<const access::Snapshot> now = directory.snapshot();
  const access::Principal* principal = now->find(request.principal);
  if (principal != nullptr && access::may(principal->role, access::Capability::kCallModels)) return {};
  std::string_view role = access::role_name(principal == nullptr ? access::Role::kNone : principal->role);
  return Failure(Error{.code = ErrorCode::kPermissionDenied,
                       .message = "the role '" + std::string(role) + "' may not call models",
                       .reason = "missing_right"});
}

Task<Result<void>> password_guard(const access::Directory& directory, access::BasicLogin& login,
                                  Request& request, Error refused) {
  bool tried = request.principal.empty() && access::BasicLogin::is_tried(request.headers);
  if (!tried || refused.code != ErrorCode::kUnauthenticated) co_return Failure(std::move(refused));
  ASSIGN_OR_CO_RETURN(request.principal, co_await login.authenticate(request.headers, request.peer));
  co_return guard(directory, request);
}

}  // namespace penstock::app
