#include <array>

#include "api/native/access_handlers.h"
#include "api/native/listing.h"
#include "api/native/route_table.h"

namespace penstock::api::native {
namespace {

using access::Capability;
using Type = Parameter::Type;

constexpr std::array<std::string_view, 3> kKeyStates = {"active", "expired", "revoked"};

constexpr Parameter text(std::string_view name, std::string_view description) {
  return {.name = name, .type = Type::kText, .description = description, .maximum = 256};
}

constexpr Parameter kLimit{.name = "limit",
                           .type = Type::kInteger,
                           .description = "Items per page.",
                           .minimum = 1,
                           .maximum = kListPageMax,
                           .fallback = 50};
constexpr Parameter kCursor = text("cursor", "next_cursor of the page before; absent: from the start.");

constexpr std::array kKeysQuery = {
    kLimit, kCursor, text("group", "Keys of this group and of those below it."),
    Parameter{
        .name = "status", .type = Type::kChoice, .description = "In this state.", .choices = kKeyStates},
    text("q", "Stands in the name, or is the id.")};

constexpr std::array kGroupsQuery = {kLimit, kCursor, text("below", "This group and those below it.")};

constexpr Parameter instant(std::string_view name, std::string_view description) {
  return {.name = name, .type = Type::kInteger, .description = description, .maximum = INT64_MAX / 2};
}

constexpr std::array kAuditQuery = {
    kLimit,
    kCursor,
    text("actor", "Who did it: the id of a principal, user:0192... or local."),
    text("action", "What was done: keys.create, or keys. for everything about keys."),
    text("object", "What it was done to: key:Ab12..."),
    instant("since_us", "At or after this time."),
    instant("until_us", "Before this time.")};

constexpr std::array kRoutes = {
    Route{.path = "/api/v1/keys",
          .operation = "listKeys",
          .summary = "Virtual keys, newest first, without secrets; those of penstock.yaml too.",
          .needs = Capability::kReadKeys,
          .schema = "KeyPage",
          .error_statuses = "400",
          .query = kKeysQuery,
          .answer = list_keys},
    Route{.method = Method::kPost,
          .path = "/api/v1/keys",
          .operation = "createKey",
          .summary = "Makes a key. Its secret stands in this answer and nowhere else.",
          .needs = Capability::kManageKeys,
          .success = 201,
          .schema = "IssuedKey",
          .error_statuses = "400 409 429 500",
          .body = "NewKey",
          .answer = create_key},
    Route{.path = "/api/v1/keys/{id}",
          .operation = "getKey",
          .summary = "One key.",
          .needs = Capability::kReadKeys,
          .schema = "KeyView",
          .error_statuses = "400 404",
          .answer = get_key},
    Route{.method = Method::kPatch,
          .path = "/api/v1/keys/{id}",
          .operation = "updateKey",
          .summary = "Changes what is given; null takes away.",
          .needs = Capability::kManageKeys,
          .schema = "KeyView",
          .error_statuses = "400 404 409 429 500",
          .body = "KeyChange",
          .answer = update_key},
    Route{.method = Method::kPost,
          .path = "/api/v1/keys/{id}/rotate",
          .operation = "rotateKey",
          .summary = "Gives the key a new secret; the old one works on for the overlap.",
          .needs = Capability::kManageKeys,
          .schema = "IssuedKey",
          .error_statuses = "400 404 409 429 500",
          .body = "KeyRotation",
          .answer = rotate_key},
    Route{.method = Method::kPost,
          .path = "/api/v1/keys/{id}/revoke",
          .operation = "revokeKey",
          .summary = "Ends the key for good. It stays in the list for the records that name it.",
          .needs = Capability::kManageKeys,
          .schema = "KeyView",
          .error_statuses = "400 404 429 500",
          .answer = revoke_key},
    Route{.path = "/api/v1/groups",
          .operation = "listGroups",
          .summary = "The groups, by path.",
          .needs = Capability::kReadKeys,
          .schema = "GroupPage",
          .error_statuses = "400",
          .query = kGroupsQuery,
          .answer = list_groups},
    Route{.method = Method::kPost,
          .path = "/api/v1/groups",
          .operation = "createGroup",
          .summary = "Makes a group.",
          .needs = Capability::kManageKeys,
          .success = 201,
          .schema = "Group",
          .error_statuses = "400 409 429 500",
          .body = "NewGroup",
          .answer = create_group},
    Route{.path = "/api/v1/groups/{path...}",
          .operation = "getGroup",
          .summary = "One group.",
          .needs = Capability::kReadKeys,
          .schema = "Group",
          .error_statuses = "400 404",
          .answer = get_group},
    Route{.method = Method::kPatch,
          .path = "/api/v1/groups/{path...}",
          .operation = "updateGroup",
          .summary = "Changes what is given; null takes away.",
          .needs = Capability::kManageKeys,
          .schema = "Group",
          .error_statuses = "400 404 409 429 500",
          .body = "GroupChange",
          .answer = update_group},
    Route{.method = Method::kDelete,
          .path = "/api/v1/groups/{path...}",
          .operation = "deleteGroup",
          .summary = "Deletes a group that no key and no group below it uses.",
          .needs = Capability::kManageKeys,
          .success = 204,
          .error_statuses = "400 404 409 429 500",
          .answer = delete_group},
    Route{.path = "/api/v1/audit",
          .operation = "listAudit",
          .summary = "Administrative actions, newest first. With a filter a page may be short or empty and "
                     "still have a next_cursor.",
          .needs = Capability::kReadAudit,
          .schema = "AuditPage",
          .error_statuses = "400 429 500",
          .query = kAuditQuery,
          .answer = list_audit},
    Route{.path = "/api/v1/audit/verification",
          .operation = "verifyAudit",
          .summary = "Checks the whole chain of the audit journal.",
          .needs = Capability::kReadAudit,
          .schema = "AuditVerdict",
          .error_statuses = "400 429 500",
          .answer = verify_audit},
};

}  // namespace

std::span<const Route> access_routes() { return kRoutes; }

}  // namespace penstock::api::native
