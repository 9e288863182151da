#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace penstock::access {

// What somebody is in a project. kClient is a program with a key; the others are people, each of whom may do
// what the one before may, except that a client calls models and a viewer or an annotator does not.
enum class Role : uint8_t { kNone, kClient, kViewer, kAnnotator, kDeveloper, kAdmin, kOwner };

// What can be allowed. Each route of the native API needs one of these.
enum class Capability : uint8_t {
  kOpen,             // whoever reaches the server: log in, probe
  kIdentity,         // whoever is known: who am I, what is here
  kCallModels,       // spend money on the wire contracts under /v1
  kReadOwnRequests,  // what one's own key was answered
  kReadRequests,     // everybody's requests, statistics, metrics
  kReadCost,
  kReadKeys,       // keys and groups, without secrets
  kReadGateway,    // routes, prices, configuration
  kReadRuns,       // experiments, runs, the registry, traces
  kAnnotate,       // feedback and review
  kDevelop,        // versions, prompts, datasets, runs
  kManageTokens,   // one's own API tokens
  kManageKeys,     // keys and groups
  kManageGateway,  // routes, prices, cache, reload
  kManageUsers,    // everybody but owners
  kReadAudit,
  kManageProjects,  // projects, and who owns them
};

// The one table of what a role may do.
bool may(Role role, Capability capability);

std::string_view role_name(Role role);  // "owner"
std::optional<Role> parse_role(std::string_view name);
// The roles that a person may be given, least first.
std::span<const std::string_view> person_role_names();

std::string_view capability_name(Capability capability);  // "manage_keys"
std::span<const Capability> capabilities();

}  // namespace penstock::access
