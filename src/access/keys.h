#pragma once

#include <functional>
#include <string>

#include "access/audit.h"
#include "access/directory.h"
#include "access/principal.h"
#include "core/task.h"

namespace penstock::access {

// A key and its text, which is told once.
struct IssuedKey {
  Key key;
  std::string secret;
};

// Makes and changes the keys and groups of the database. What was changed counts here once the call has
// returned, and is in the audit journal; other servers on the same database see it within
// Directory::kRefreshMs. Thread-safe. Errors name the field and the fix.
class Keys {
 public:
  static constexpr int64_t kOverlapMaxS = 30 * 86'400;

  Keys(Directory& directory, Audit& audit, const Clock& clock, Random& random)
      : directory_(directory), audit_(audit), clock_(clock), random_(random) {}

  // Of `key`, its name, group, limits, budget, scopes and expiry count. kConflict for a name in use.
  Task<Result<IssuedKey>> create(Key key, Actor actor);
  // `change` works on the stored key, inside of the transaction. kConflict for a revoked key.
  using ChangeKey = std::function<void(Key&)>;
  Task<Result<Key>> update(std::string id, ChangeKey change, Actor actor);
  // A new secret; the old one works for `overlap_s` more.
  Task<Result<IssuedKey>> rotate(std::string id, int64_t overlap_s, Actor actor);
  // For good. Revoking twice is the same as once.
  Task<Result<Key>> revoke(std::string id, Actor actor);

  Task<Result<Group>> create_group(Group group, Actor actor);
  using ChangeGroup = std::function<void(Group&)>;
  Task<Result<Group>> update_group(std::string path, ChangeGroup change, Actor actor);
  // kConflict while a key or a group stands below it.
  Task<Result<void>> delete_group(std::string path, Actor actor);

 private:
  Result<void> check(const Key& key) const;
  Result<void> check_expiry(const Key& key) const;
  Task<Result<Key>> change_key(std::string id, std::string action, ChangeKey change, Actor actor);

  Directory& directory_;
  Audit& audit_;
  const Clock& clock_;
  Random& random_;
};

// Limits, budget and scopes within bounds, whatever they came from; kInvalidArgument names the field.
Result<void> check_limits(const std::vector<Limit>& limits);
Result<void> check_budget(const std::optional<Budget>& budget);
Result<void> check_scopes(const Scopes& scopes);

}  // namespace penstock::access
