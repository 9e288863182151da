#include "api/mlflow/permission_routes.h"

namespace penstock::api::mlflow {
namespace {

using access::Capability;

Failure absent(std::string message) {
  return Failure(Error{.code = ErrorCode::kNotImplemented, .message = std::move(message)});
}

Task<Result<std::string>> no_users(PermissionApi& /*services*/, const Call& /*call*/) {
  co_return absent(
      "Users are managed by this server's own commands and API, not by MLflow's: 'penstock users create "
      "ada@example.com --role developer', or POST /api/v1/users.");
}

Task<Result<std::string>> no_permissions(PermissionApi& /*services*/, const Call& /*call*/) {
  co_return absent(
      "Permissions for single experiments and registered models are not supported: a user's role counts for "
      "all "
      "of them. See 'penstock users --help'.");
}

constexpr Route<PermissionApi> kRoutes[] = {
    {.method = "POST", .path = "2.0/mlflow/users/create", .answer = no_users},
    {.method = "GET", .path = "2.0/mlflow/users/get", .needs = Capability::kReadRuns, .answer = no_users},
    {.method = "PATCH", .path = "2.0/mlflow/users/update-password", .answer = no_users},
    {.method = "PATCH", .path = "2.0/mlflow/users/update-admin", .answer = no_users},
    {.method = "DELETE", .path = "2.0/mlflow/users/delete", .answer = no_users},
    {.method = "POST", .path = "2.0/mlflow/experiments/permissions/create", .answer = no_permissions},
    {.method = "GET",
     .path = "2.0/mlflow/experiments/permissions/get",
     .needs = Capability::kReadRuns,
     .answer = no_permissions},
    {.method = "PATCH", .path = "2.0/mlflow/experiments/permissions/update", .answer = no_permissions},
    {.method = "DELETE", .path = "2.0/mlflow/experiments/permissions/delete", .answer = no_permissions},
    {.method = "POST", .path = "2.0/mlflow/registered-models/permissions/create", .answer = no_permissions},
    {.method = "GET",
     .path = "2.0/mlflow/registered-models/permissions/get",
     .needs = Capability::kReadRuns,
     .answer = no_permissions},
    {.method = "PATCH", .path = "2.0/mlflow/registered-models/permissions/update", .answer = no_permissions},
    {.method = "DELETE", .path = "2.0/mlflow/registered-models/permissions/delete", .answer = no_permissions},
};

}  // namespace

void add_permission_routes(Contract contract, PermissionApi& services) {
  add_routes<PermissionApi>(contract, kRoutes, services);
}

}  // namespace penstock::api::mlflow
