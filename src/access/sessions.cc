#include <algorithm>
#include <utility>

#include "access/accounts.h"
#include "access/documents.h"
#include "access/key_text.h"
#include "access/passwords.h"
#include "core/json_writer.h"
#include "core/text.h"

// Logging in, tokens and sessions: the second half of Accounts.
namespace penstock::access {
namespace {

using database::Connection;

Error wrong_login() {
  return Error{.code = ErrorCode::kUnauthenticated,
               .message = "the address or the password is wrong",
               .reason = "invalid_login"};
}

Error refused_identity(std::string_view why) {
  return Error{.code = ErrorCode::kPermissionDenied,
               .message = "the identity provider knows you, but " + std::string(why),
               .reason = "no_role"};
}

std::string how_document(std::string_view how) {
  JsonWriter json;
  json.begin_object().field("how", how).end_object();
  return json.take();
}

}  // namespace

// The same work whether or not there is such an account.
Task<Result<std::string>> Accounts::user_of(const std::string& email, const std::string& password) {
  std::function<Result<std::optional<PasswordOfUser>>(Connection&)> look = [email](Connection& connection) {
    return find_password(connection, email);
  };
  ASSIGN_OR_CO_RETURN(auto known, co_await database_.read<std::optional<PasswordOfUser>>(std::move(look)));
  auto work = [known, password]() -> Result<bool> {
    return password_matches(password, known ? known->hash : nobodys_hash());
  };
  ASSIGN_OR_CO_RETURN(bool right, co_await pool_.run(std::move(work)));
  if (!right || !known) co_return Failure(wrong_login());
  co_return known->user;
}

Task<Result<std::string>> Accounts::verify(std::string email, std::string password, std::string peer,
                                           Actor actor) {
  std::string address = to_lower(email);
  CO_RETURN_IF_ERROR(throttle_.check(address, peer));
  Result<std::string> user = co_await user_of(address, password);
  if (!user && user.error().code == ErrorCode::kUnauthenticated) {
    throttle_.failed(address, peer);
    actor.name = std::string(utf8_prefix(address, 254));
    AuditEvent event{.actor = actor, .action = "login.failed", .object = "login", .after = {}};
    CO_RETURN_IF_ERROR(co_await audit_.record(std::move(event)));
  }
  if (user) throttle_.succeeded(address);
  co_return user;
}

Task<Result<IssuedSession>> Accounts::login(std::string email, std::string password, std::string peer,
                                            Actor actor) {
  ASSIGN_OR_CO_RETURN(std::string user,
                      co_await verify(std::move(email), std::move(password), std::move(peer), actor));
  co_return co_await open_session(std::move(user), "password", std::move(actor));
}

Task<Result<IssuedSession>> Accounts::open_session(std::string user, std::string how, Actor actor) {
  IssuedSession issued{.secret = make_key_text(SecretKind::kSession, random_)};
  KeyText text = *KeyText::parse(SecretKind::kSession, issued.secret);
  Timestamp now = clock_.now();
  issued.session = {.id = std::string(text.id),
                    .user = user,
                    .secret = text.digest(),
                    .created_at = now,
                    .expires_at = {now.us + kSessionMs * 1000}};
  std::shared_ptr<const Snapshot> known = directory_.snapshot();
  actor.id = "user:" + user;
  if (const User* person = known->user(user)) actor.name = person->email;
  std::function<Result<void>(Connection&)> work = [=, this](Connection& connection) -> Result<void> {
    ASSIGN_OR_RETURN(std::vector<Session> sessions, list_sessions(connection, now));
    std::erase_if(sessions, [&](const Session& session) { return session.user != user; });
    if (static_cast<int64_t>(sessions.size()) >= kSessionsPerUserMax) {
      RETURN_IF_ERROR(delete_session(connection, sessions.front().id));
    }
    RETURN_IF_ERROR(insert_session(connection, issued.session));
    return audit_.record(
        connection,
        {.actor = actor, .action = "login", .object = "user:" + user, .after = how_document(how)});
  };
  CO_RETURN_IF_ERROR(co_await directory_.change(std::move(work)));
  co_return issued;
}

Task<Result<User>> Accounts::account_of(Identity identity, Actor actor) {
  std::shared_ptr<const Snapshot> now = directory_.snapshot();
  const std::vector<User>& users = now->data().users;
  auto bound = std::ranges::find(users, identity.subject, &User::oidc_subject);
  if (bound != users.end()) co_return *bound;
  if (identity.email.empty()) {
    co_return Failure(refused_identity("it has not verified an address of yours"));
  }
  auto known = std::ranges::find(users, identity.email, &User::email);
  if (known != users.end()) co_return co_await link_subject(known->id, identity.subject, std::move(actor));
  NewUser fresh{.email = identity.email,
                .name = identity.name,
                .role = identity.role,
                .oidc_subject = identity.subject};
  co_return co_await create_user(std::move(fresh), Role::kOwner, std::move(actor));
}

Task<Result<IssuedSession>> Accounts::login_by_identity(Identity identity, Actor actor) {
  actor.id = "system";
  actor.name = identity.email.empty() ? identity.subject : identity.email;
  if (identity.role == Role::kNone) {
    co_return Failure(refused_identity("no group of yours has a role here; ask an administrator"));
  }
  Role role = identity.role;
  ASSIGN_OR_CO_RETURN(User user, co_await account_of(std::move(identity), actor));
  if (user.disabled) co_return Failure(refused_identity("your account here is disabled"));
  if (role_in(user, kDefaultProject) != role) {
    std::string project(kDefaultProject);
    auto changed = co_await set_role(user.id, std::move(project), role, Role::kOwner, actor);
    // The last owner stays one, whatever his groups say, or nobody could repair those.
    if (!changed && changed.error().code != ErrorCode::kConflict)
      co_return Failure(std::move(changed).error());
  }
  co_return co_await open_session(user.id, "single sign-on", std::move(actor));
}

Task<Result<void>> Accounts::end_session(std::string id, Actor actor) {
  std::function<Result<void>(Connection&)> work = [=, this](Connection& connection) -> Result<void> {
    RETURN_IF_ERROR(delete_session(connection, id));
    return audit_.record(connection, {.actor = actor, .action = "logout", .object = "session:" + id});
  };
  co_return co_await directory_.change(std::move(work));
}

Task<Result<void>> Accounts::change_own_password(std::string user, std::string old_password,
                                                 std::string new_password, Actor actor) {
  CO_RETURN_IF_ERROR(throttle_.check(actor.name, user));
  Result<std::string> known = co_await user_of(actor.name, old_password);
  if (!known || *known != user) {
    throttle_.failed(actor.name, user);
    co_return Failure(Error{
        .code = ErrorCode::kPermissionDenied, .message = "'old_password' is wrong", .field = "old_password"});
  }
  UserChange change{.password = std::move(new_password)};
  CO_RETURN_IF_ERROR(
      co_await update_user(std::move(user), std::move(change), Role::kOwner, std::move(actor)));
  co_return Result<void>{};
}

Task<Result<IssuedToken>> Accounts::create_token(std::string user, std::string name,
                                                 std::optional<Timestamp> expires_at, Actor actor) {
  if (name.empty() || name.size() > 128 || !is_valid_utf8(name)) {
    co_return Failure(Error::invalid("name", "'name' must be 1 to 128 bytes of text"));
  }
  Timestamp now = clock_.now();
  if (expires_at && *expires_at <= now) {
    co_return Failure(Error::invalid("expires_at_us", "'expires_at_us' lies in the past"));
  }
  IssuedToken issued{.secret = make_key_text(SecretKind::kToken, random_)};
  KeyText text = *KeyText::parse(SecretKind::kToken, issued.secret);
  issued.token = {.id = std::string(text.id),
                  .user = std::move(user),
                  .name = std::move(name),
                  .secret = text.digest(),
                  .created_at = now,
                  .expires_at = expires_at};
  std::function<Result<void>(Connection&)> work = [=, this](Connection& connection) -> Result<void> {
    ASSIGN_OR_RETURN(std::vector<Token> tokens, list_tokens(connection, now));
    if (std::ranges::count(tokens, issued.token.user, &Token::user) >= kTokensPerUserMax) {
      return Failure(
          Error{.code = ErrorCode::kConflict,
                .message = "this account has 100 API tokens; delete one that is not used any more"});
    }
    RETURN_IF_ERROR(insert_token(connection, issued.token));
    return audit_.record(connection, {.actor = actor,
                                      .action = "tokens.create",
                                      .object = "token:" + issued.token.id,
                                      .after = document(issued.token)});
  };
  CO_RETURN_IF_ERROR(co_await directory_.change(std::move(work)));
  co_return issued;
}

Task<Result<void>> Accounts::delete_token(std::string id, Actor actor) {
  std::function<Result<void>(Connection&)> work = [=, this](Connection& connection) -> Result<void> {
    RETURN_IF_ERROR(access::delete_token(connection, id));
    return audit_.record(connection, {.actor = actor, .action = "tokens.delete", .object = "token:" + id});
  };
  co_return co_await directory_.change(std::move(work));
}

}  // namespace penstock::access
