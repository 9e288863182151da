#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "access/roles.h"
#include "core/result.h"
#include "registry/version.h"
#include "storage/database/database.h"

namespace penstock::registry {

// Who moves an alias, and why.
struct Mover {
  std::string name;  // a principal's
  access::Role role = access::Role::kNone;
  std::string reason{};
};

// Who may move which aliases of which entries, and what must be true of the version that an alias is moved
// to. A move must satisfy every rule that fits it; without one, whoever may develop may move.
struct Rule {
  int64_t id = 0;
  std::optional<Kind> kind{};  // of any kind
  std::string name = "*";      // globs: '*' stands for any number of characters
  std::string alias = "*";
  access::Role role = access::Role::kDeveloper;  // the least that may move it
  std::string gate_tag{};                        // a tag that the version must have; empty: none
  std::string gate_value{};                      // its value; empty: any
  std::string gate_check{};                      // a check that must have passed; empty: none
  std::string created_by{};
  Timestamp created_at{};
};

// What somebody or something found out about a version. The last one of a name counts.
struct Check {
  std::string name;
  bool passed = false;
  std::string detail{};
  std::string recorded_by{};
  Timestamp recorded_at{};
};

inline constexpr size_t kRulesMax = 1'000;

// All rules, oldest first.
Result<std::vector<Rule>> list_rules(database::Connection& connection);
// kInvalidArgument for patterns that are empty or too long, or more than kRulesMax rules. Returns it with
// its id.
Result<Rule> add_rule(database::Connection& connection, Rule rule);
Result<Rule> delete_rule(database::Connection& connection, int64_t id);  // kNotFound

Result<void> record_check(database::Connection& connection, int64_t version, const Check& check);
Result<std::vector<Check>> list_checks(database::Connection& connection, int64_t version);  // by name

// The one place where promotion rules are enforced. `version` is where the alias goes; null: it is taken
// away, for which the role counts and no gate. kPermissionDenied or kConflict, naming the rule and what is
// missing.
Result<void> check_promotion(database::Connection& connection, const Entry& entry, std::string_view alias,
                             const Version* version, const Mover& mover);

}  // namespace penstock::registry
