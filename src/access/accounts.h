#pragma once

#include <functional>
#include <optional>
#include <string>

#include "access/audit.h"
#include "access/directory.h"
#include "access/login_throttle.h"
#include "access/oidc.h"
#include "access/user_store.h"
#include "core/blocking_pool.h"
#include "core/task.h"

namespace penstock::access {

struct NewUser {
  std::string email;
  std::string name;
  Role role = Role::kViewer;  // in `project`
  std::string project = std::string(kDefaultProject);
  std::optional<std::string> password;
  std::string oidc_subject;
};

// What is to be changed of a user; absent: nothing.
struct UserChange {
  std::optional<std::string> name;
  std::optional<bool> disabled;
  std::optional<std::string> password;
};

struct IssuedToken {
  Token token;
  std::string secret;
};

struct IssuedSession {
  Session session;
  std::string secret;  // the cookie's value
};

// Makes and changes people, their roles, tokens and sessions. Like Keys: changes count at once, are audited,
// and errors name the field. Whoever is not an owner cannot make, change or be an owner (`by`); the first
// account must be an owner, and the last owner stays one. Thread-safe.
class Accounts {
 public:
  static constexpr int64_t kSessionMs = 12 * 3'600'000;
  static constexpr int64_t kSessionsPerUserMax = 50;
  static constexpr int64_t kTokensPerUserMax = 100;

  Accounts(Directory& directory, database::Database& database, Audit& audit, BlockingPool& pool,
           const Clock& clock, Random& random)
      : directory_(directory),
        database_(database),
        audit_(audit),
        pool_(pool),
        clock_(clock),
        random_(random),
        throttle_(clock) {}

  Task<Result<User>> create_user(NewUser user, Role by, Actor actor);
  Task<Result<User>> update_user(std::string id, UserChange change, Role by, Actor actor);
  Task<Result<void>> delete_user(std::string id, Role by, Actor actor);
  Task<Result<User>> set_role(std::string id, std::string project, std::optional<Role> role, Role by,
                              Actor actor);
  Task<Result<Project>> create_project(Project project, Actor actor);
  Task<Result<void>> delete_project(std::string name, Actor actor);
  Task<Result<std::vector<Project>>> projects();

  // The id of the user whose address and password these are; what goes wrong is as with login().
  Task<Result<std::string>> verify(std::string email, std::string password, std::string peer, Actor actor);
  // With address and password. kUnauthenticated without a word on which was wrong; kRateLimited after many
  // failures. `peer` is who asks.
  Task<Result<IssuedSession>> login(std::string email, std::string password, std::string peer, Actor actor);
  // For somebody whom an identity provider vouches for: the account bound to his identity, else the one with
  // his verified address, which is then bound, else a new one. His role follows the provider's groups.
  // kPermissionDenied for whoever has none, or whose account is disabled.
  Task<Result<IssuedSession>> login_by_identity(Identity identity, Actor actor);
  Task<Result<void>> end_session(std::string id, Actor actor);
  Task<Result<void>> change_own_password(std::string user, std::string old_password, std::string new_password,
                                         Actor actor);

  Task<Result<IssuedToken>> create_token(std::string user, std::string name,
                                         std::optional<Timestamp> expires_at, Actor actor);
  Task<Result<void>> delete_token(std::string id, Actor actor);

 private:
  Task<Result<std::string>> hashed(std::string password);
  Task<Result<IssuedSession>> open_session(std::string user, std::string how, Actor actor);
  Task<Result<User>> link_subject(std::string id, std::string subject, Actor actor);
  Task<Result<User>> account_of(Identity identity, Actor actor);
  Task<Result<std::string>> user_of(const std::string& email, const std::string& password);
  using ChangeUser = std::function<Result<void>(database::Connection&, User&)>;
  Task<Result<User>> change_user(std::string id, std::string action, ChangeUser change, Role by, Actor actor);

  Directory& directory_;
  database::Database& database_;
  Audit& audit_;
  BlockingPool& pool_;
  const Clock& clock_;
  Random& random_;
  LoginThrottle throttle_;
};

// "ada@example.com", in lower case; kInvalidArgument naming "email".
Result<std::string> normal_email(std::string_view email);

}  // namespace penstock::access
