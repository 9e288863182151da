#include "access/user_store.h"

#include <algorithm>
#include <array>
#include <unordered_map>

#include "access/columns.h"

namespace penstock::access {
namespace {

using database::Connection;
using database::Row;
using database::Value;

constexpr std::string_view kListUsers = R"sql(
SELECT id, email, name, disabled, password IS NOT NULL, oidc_subject, created_at_us
FROM access_users ORDER BY created_at_us, id)sql";
constexpr std::string_view kListMembers =
    "SELECT user_id, project, role FROM access_members ORDER BY user_id, project";
constexpr std::string_view kInsertUser = R"sql(
INSERT INTO access_users (id, email, name, password, oidc_subject, disabled, created_at_us)
VALUES ($1, $2, $3, $4, $5, $6, $7))sql";
constexpr std::string_view kUpdateUser =
    "UPDATE access_users SET email = $2, name = $3, oidc_subject = $4, disabled = $5 WHERE id = $1";
constexpr std::string_view kSetPassword = "UPDATE access_users SET password = $2 WHERE id = $1";
constexpr std::string_view kFindPassword =
    "SELECT id, password FROM access_users WHERE email = $1 AND disabled = 0 AND password IS NOT NULL";
constexpr std::string_view kDeleteUser = "DELETE FROM access_users WHERE id = $1";
constexpr std::string_view kDeleteMembersOfUser = "DELETE FROM access_members WHERE user_id = $1";
constexpr std::string_view kDeleteTokensOfUser = "DELETE FROM access_tokens WHERE user_id = $1";
constexpr std::string_view kDeleteSessionsOfUser = "DELETE FROM access_sessions WHERE user_id = $1";

constexpr std::string_view kSetMember = R"sql(
INSERT INTO access_members (project, user_id, role) VALUES ($1, $2, $3)
ON CONFLICT (project, user_id) DO UPDATE SET role = excluded.role)sql";
constexpr std::string_view kDeleteMember = "DELETE FROM access_members WHERE project = $1 AND user_id = $2";

constexpr std::string_view kListProjects =
    "SELECT name, description, created_at_us FROM access_projects ORDER BY name";
constexpr std::string_view kInsertProject =
    "INSERT INTO access_projects (name, description, created_at_us) VALUES ($1, $2, $3)";
constexpr std::string_view kDeleteProject = "DELETE FROM access_projects WHERE name = $1";
constexpr std::string_view kDeleteMembersOfProject = "DELETE FROM access_members WHERE project = $1";

constexpr std::string_view kListTokens = R"sql(
SELECT id, user_id, name, secret, created_at_us, expires_at_us FROM access_tokens
WHERE expires_at_us IS NULL OR expires_at_us > $1 ORDER BY created_at_us, id)sql";
constexpr std::string_view kInsertToken = R"sql(
INSERT INTO access_tokens (id, user_id, name, secret, created_at_us, expires_at_us)
VALUES ($1, $2, $3, $4, $5, $6))sql";
constexpr std::string_view kDeleteToken = "DELETE FROM access_tokens WHERE id = $1";

constexpr std::string_view kListSessions = R"sql(
SELECT id, user_id, secret, created_at_us, expires_at_us FROM access_sessions
WHERE expires_at_us > $1 ORDER BY created_at_us, id)sql";
constexpr std::string_view kInsertSession = R"sql(
INSERT INTO access_sessions (id, user_id, secret, created_at_us, expires_at_us)
VALUES ($1, $2, $3, $4, $5))sql";
constexpr std::string_view kDeleteEndedSessions = "DELETE FROM access_sessions WHERE expires_at_us <= $1";
constexpr std::string_view kDeleteSession = "DELETE FROM access_sessions WHERE id = $1";

Value text(std::string_view value) { return std::string(value); }

Value text_or_null(std::string_view value) {
  if (value.empty()) return std::monostate();
  return std::string(value);
}

// Runs a statement on one value; kNotFound, naming `what`, unless it changed a row.
Result<void> change_one(Connection& connection, std::string_view sql, std::span<const Value> values,
                        std::string_view what) {
  ASSIGN_OR_RETURN(int64_t changed, connection.execute(sql, values));
  if (changed > 0) return {};
  return Failure(Error::not_found("there is no such " + std::string(what)));
}

Result<void> execute(Connection& connection, std::string_view sql, std::span<const Value> values) {
  RETURN_IF_ERROR(connection.execute(sql, values));
  return {};
}

// kConflict in words for a person.
Result<void> insert(Connection& connection, std::string_view sql, std::span<const Value> values,
                    std::string_view field, std::string_view conflict) {
  auto added = connection.execute(sql, values);
  if (added) return {};
  Error error = std::move(added).error();
  if (error.code == ErrorCode::kConflict) {
    error.field = field;
    error.message = conflict;
  }
  return Failure(std::move(error));
}

Result<User> read_user(const Row& row) {
  User user;
  user.id = row.text(0);
  user.email = row.text(1);
  user.name = row.text(2);
  user.disabled = row.integer(3) != 0;
  user.has_password = row.integer(4) != 0;
  if (!row.is_null(5)) user.oidc_subject = row.text(5);
  user.created_at = {row.integer(6)};
  return user;
}

Result<Token> read_token(const Row& row) {
  Token token{
      .id = std::string(row.text(0)), .user = std::string(row.text(1)), .name = std::string(row.text(2))};
  ASSIGN_OR_RETURN(token.secret, digest_at(row, 3));
  token.created_at = {row.integer(4)};
  token.expires_at = time_at(row, 5);
  return token;
}

Result<Session> read_session(const Row& row) {
  Session session{.id = std::string(row.text(0)), .user = std::string(row.text(1))};
  ASSIGN_OR_RETURN(session.secret, digest_at(row, 2));
  session.created_at = {row.integer(3)};
  session.expires_at = {row.integer(4)};
  return session;
}

Result<Project> read_project(const Row& row) {
  return Project{.name = std::string(row.text(0)),
                 .description = std::string(row.text(1)),
                 .created_at = {row.integer(2)}};
}

}  // namespace

Result<std::vector<User>> list_users(Connection& connection) {
  ASSIGN_OR_RETURN(auto users, read_rows<User>(connection, kListUsers, {}, read_user));
  std::unordered_map<std::string_view, User*> by_id;
  for (User& user : users) by_id.emplace(user.id, &user);
  RETURN_IF_ERROR(connection.query(kListMembers, {}, [&](const Row& row) {
    auto role = parse_role(row.text(2));
    if (auto found = by_id.find(row.text(0)); found != by_id.end() && role) {
      found->second->memberships.push_back({.project = std::string(row.text(1)), .role = *role});
    }
    return true;
  }));
  return users;
}

Result<void> insert_user(Connection& connection, const User& user,
                         const std::optional<std::string>& password_hash) {
  const std::array<Value, 7> values = {user.id,
                                       user.email,
                                       user.name,
                                       password_hash ? Value(*password_hash) : Value(),
                                       text_or_null(user.oidc_subject),
                                       int64_t{user.disabled},
                                       user.created_at.us};
  return insert(connection, kInsertUser, values, "email",
                "a user with the address " + user.email + " exists already");
}

Result<void> update_user(Connection& connection, const User& user) {
  const std::array<Value, 5> values = {user.id, user.email, user.name, text_or_null(user.oidc_subject),
                                       int64_t{user.disabled}};
  return change_one(connection, kUpdateUser, values, "user");
}

Result<void> set_password(Connection& connection, std::string_view user, std::string hash) {
  const std::array<Value, 2> values = {text(user), std::move(hash)};
  return change_one(connection, kSetPassword, values, "user");
}

Result<void> delete_user(Connection& connection, std::string_view user) {
  const std::array<Value, 1> values = {text(user)};
  RETURN_IF_ERROR(execute(connection, kDeleteMembersOfUser, values));
  RETURN_IF_ERROR(execute(connection, kDeleteTokensOfUser, values));
  RETURN_IF_ERROR(execute(connection, kDeleteSessionsOfUser, values));
  return change_one(connection, kDeleteUser, values, "user");
}

Result<std::optional<PasswordOfUser>> find_password(Connection& connection, std::string_view email) {
  const std::array<Value, 1> values = {text(email)};
  std::optional<PasswordOfUser> found;
  RETURN_IF_ERROR(connection.query(kFindPassword, values, [&](const Row& row) {
    found = PasswordOfUser{.user = std::string(row.text(0)), .hash = std::string(row.text(1))};
    return false;
  }));
  return found;
}

Result<void> set_member(Connection& connection, std::string_view project, std::string_view user, Role role) {
  const std::array<Value, 3> values = {text(project), text(user), text(role_name(role))};
  auto done = execute(connection, kSetMember, values);
  if (!done && done.error().code == ErrorCode::kConflict) {
    return Failure(Error::not_found("there is no such project or user"));
  }
  return done;
}

Result<void> delete_member(Connection& connection, std::string_view project, std::string_view user) {
  const std::array<Value, 2> values = {text(project), text(user)};
  return change_one(connection, kDeleteMember, values, "member of this project");
}

Result<std::vector<Project>> list_projects(Connection& connection) {
  return read_rows<Project>(connection, kListProjects, {}, read_project);
}

Result<void> insert_project(Connection& connection, const Project& project) {
  const std::array<Value, 3> values = {project.name, project.description, project.created_at.us};
  return insert(connection, kInsertProject, values, "name",
                "a project named '" + project.name + "' exists already");
}

Result<void> delete_project(Connection& connection, std::string_view name) {
  const std::array<Value, 1> values = {text(name)};
  RETURN_IF_ERROR(execute(connection, kDeleteMembersOfProject, values));
  return change_one(connection, kDeleteProject, values, "project");
}

Result<std::vector<Token>> list_tokens(Connection& connection, Timestamp now) {
  const std::array<Value, 1> values = {now.us};
  return read_rows<Token>(connection, kListTokens, values, read_token);
}

Result<void> insert_token(Connection& connection, const Token& token) {
  const std::array<Value, 6> values = {token.id,           token.user,          token.name,
                                       token.secret.hex(), token.created_at.us, value_of(token.expires_at)};
  return execute(connection, kInsertToken, values);
}

Result<void> delete_token(Connection& connection, std::string_view id) {
  const std::array<Value, 1> values = {text(id)};
  return change_one(connection, kDeleteToken, values, "token");
}

Result<std::vector<Session>> list_sessions(Connection& connection, Timestamp now) {
  const std::array<Value, 1> values = {now.us};
  return read_rows<Session>(connection, kListSessions, values, read_session);
}

Result<void> insert_session(Connection& connection, const Session& session) {
  const std::array<Value, 1> ended = {session.created_at.us};
  RETURN_IF_ERROR(execute(connection, kDeleteEndedSessions, ended));
  const std::array<Value, 5> values = {session.id, session.user, session.secret.hex(), session.created_at.us,
                                       session.expires_at.us};
  return execute(connection, kInsertSession, values);
}

Result<void> delete_session(Connection& connection, std::string_view id) {
  const std::array<Value, 1> values = {text(id)};
  return change_one(connection, kDeleteSession, values, "session");
}

Result<void> delete_sessions_of(Connection& connection, std::string_view user) {
  const std::array<Value, 1> values = {text(user)};
  return execute(connection, kDeleteSessionsOfUser, values);
}

}  // namespace penstock::access
