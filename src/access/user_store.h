#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "access/snapshot.h"
#include "core/result.h"
#include "storage/database/database.h"

// Rows of users, projects, tokens and sessions. Each function works in the transaction of `connection`.
namespace penstock::access {

struct Project {
  std::string name;
  std::string description;
  Timestamp created_at;
};

Result<std::vector<User>> list_users(database::Connection& connection);  // oldest first, with memberships
// kConflict if the address or the subject is taken. Memberships are not looked at.
Result<void> insert_user(database::Connection& connection, const User& user,
                         const std::optional<std::string>& password_hash);
// Name, address, subject, disabled; kNotFound.
Result<void> update_user(database::Connection& connection, const User& user);
Result<void> set_password(database::Connection& connection, std::string_view user, std::string hash);
Result<void> delete_user(database::Connection& connection, std::string_view user);  // and what is theirs
// The encoded hash; nullopt for no such user, a disabled one, or one without a password.
struct PasswordOfUser {
  std::string user;
  std::string hash;
};
Result<std::optional<PasswordOfUser>> find_password(database::Connection& connection, std::string_view email);

Result<void> set_member(database::Connection& connection, std::string_view project, std::string_view user,
                        Role role);  // kNotFound for the project
Result<void> delete_member(database::Connection& connection, std::string_view project, std::string_view user);

Result<std::vector<Project>> list_projects(database::Connection& connection);
Result<void> insert_project(database::Connection& connection, const Project& project);
Result<void> delete_project(database::Connection& connection, std::string_view name);  // and its members

Result<std::vector<Token>> list_tokens(database::Connection& connection, Timestamp now);
Result<void> insert_token(database::Connection& connection, const Token& token);
Result<void> delete_token(database::Connection& connection, std::string_view id);

Result<std::vector<Session>> list_sessions(database::Connection& connection, Timestamp now);
// Drops ended ones on the way.
Result<void> insert_session(database::Connection& connection, const Session& session);
Result<void> delete_session(database::Connection& connection, std::string_view id);
Result<void> delete_sessions_of(database::Connection& connection, std::string_view user);

}  // namespace penstock::access
