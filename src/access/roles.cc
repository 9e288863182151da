#include "access/roles.h"

#include <algorithm>
#include <array>
#include <utility>

namespace penstock::access {
namespace {

struct RoleRow {
  Role role;
  std::string_view name;
};

constexpr std::array<RoleRow, 7> kRoles = {{{Role::kNone, "none"},
                                            {Role::kClient, "client"},
                                            {Role::kViewer, "viewer"},
                                            {Role::kAnnotator, "annotator"},
                                            {Role::kDeveloper, "developer"},
                                            {Role::kAdmin, "admin"},
                                            {Role::kOwner, "owner"}}};

constexpr std::array<std::string_view, 5> kPersonRoles = {"viewer", "annotator", "developer", "admin",
                                                          "owner"};

// Whom a capability is for: the clients or not, and the least of the people's roles.
struct CapabilityRow {
  Capability capability;
  std::string_view name;
  bool clients;
  Role least;
};

constexpr std::array<CapabilityRow, 17> kCapabilities = {{
    {Capability::kOpen, "open", true, Role::kNone},
    {Capability::kIdentity, "identity", true, Role::kViewer},
    {Capability::kCallModels, "call_models", true, Role::kDeveloper},
    {Capability::kReadOwnRequests, "read_own_requests", true, Role::kViewer},
    {Capability::kReadRequests, "read_requests", false, Role::kViewer},
    {Capability::kReadCost, "read_cost", false, Role::kViewer},
    {Capability::kReadKeys, "read_keys", false, Role::kViewer},
    {Capability::kReadGateway, "read_gateway", false, Role::kViewer},
    {Capability::kReadRuns, "read_runs", false, Role::kViewer},
    {Capability::kAnnotate, "annotate", false, Role::kAnnotator},
    {Capability::kDevelop, "develop", false, Role::kDeveloper},
    {Capability::kManageTokens, "manage_tokens", false, Role::kViewer},
    {Capability::kManageKeys, "manage_keys", false, Role::kAdmin},
    {Capability::kManageGateway, "manage_gateway", false, Role::kAdmin},
    {Capability::kManageUsers, "manage_users", false, Role::kAdmin},
    {Capability::kReadAudit, "read_audit", false, Role::kAdmin},
    {Capability::kManageProjects, "manage_projects", false, Role::kOwner},
}};

constexpr auto kCapabilityList = [] {
  std::array<Capability, kCapabilities.size()> list{};
  for (size_t i = 0; i < list.size(); ++i) list[i] = kCapabilities[i].capability;
  return list;
}();

static_assert(std::ranges::is_sorted(kCapabilityList), "a capability's row is found by its number");

const CapabilityRow& row_of(Capability capability) { return kCapabilities[std::to_underlying(capability)]; }

}  // namespace

bool may(Role role, Capability capability) {
  const CapabilityRow& row = row_of(capability);
  if (row.least == Role::kNone) return true;
  if (role == Role::kNone) return false;
  if (role == Role::kClient) return row.clients;
  return role >= row.least;
}

std::string_view role_name(Role role) { return kRoles[std::to_underlying(role)].name; }

std::optional<Role> parse_role(std::string_view name) {
  auto found = std::ranges::find(kRoles, name, &RoleRow::name);
  return found == kRoles.end() ? std::nullopt : std::optional(found->role);
}

std::span<const std::string_view> person_role_names() { return kPersonRoles; }

std::string_view capability_name(Capability capability) { return row_of(capability).name; }

std::span<const Capability> capabilities() { return kCapabilityList; }

}  // namespace penstock::access
