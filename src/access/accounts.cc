#include "access/accounts.h"

#include <algorithm>
#include <array>
#include <utility>

#include "access/documents.h"
#include "access/key_text.h"
#include "access/passwords.h"
#include "core/text.h"
#include "core/uuid.h"

namespace penstock::access {
namespace {

using database::Connection;

constexpr size_t kEmailBytesMax = 254;
constexpr size_t kNameBytesMax = 128;

Result<void> check_person_name(std::string_view name) {
  if (name.size() <= kNameBytesMax && is_valid_utf8(name)) return {};
  return Failure(Error::invalid("name", "'name' must be at most 128 bytes of text"));
}

Result<void> check_project_name(std::string_view name) {
  bool simple = std::ranges::all_of(
      name, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_'; });
  if (simple && !name.empty() && name.size() <= 64) return {};
  return Failure(Error::invalid("name", "'name' must be 1 to 64 of a-z, 0-9, - and _"));
}

Error denied(std::string message) {
  return Error{.code = ErrorCode::kPermissionDenied, .message = std::move(message), .reason = "owners_only"};
}

Error conflict(std::string message) {
  return Error{.code = ErrorCode::kConflict, .message = std::move(message)};
}

bool is_owner(const User& user) {
  return std::ranges::any_of(user.memberships, [](const Membership& m) { return m.role == Role::kOwner; });
}

bool can_get_in_as_owner(const User& user) {
  return !user.disabled && role_in(user, kDefaultProject) == Role::kOwner;
}

Result<std::vector<User>::iterator> find_user(std::vector<User>& users, const std::string& id) {
  auto found = std::ranges::find(users, id, &User::id);
  if (found == users.end()) return Failure(Error::not_found("no user has the id '" + id + "'"));
  return found;
}

// After a change: somebody must still be able to repair whatever it did.
Result<void> check_an_owner_stays(Connection& connection) {
  ASSIGN_OR_RETURN(std::vector<User> users, list_users(connection));
  if (users.empty() || std::ranges::any_of(users, can_get_in_as_owner)) return {};
  return Failure(conflict("this is the last owner; make somebody else an owner first"));
}

}  // namespace

Result<std::string> normal_email(std::string_view email) {
  size_t at = email.find('@');
  bool printable = std::ranges::all_of(email, [](unsigned char c) { return c > 0x20 && c != 0x7f; });
  bool whole = at != std::string_view::npos && at > 0 && at + 1 < email.size() && at == email.rfind('@');
  if (whole && printable && email.size() <= kEmailBytesMax && is_valid_utf8(email)) return to_lower(email);
  return Failure(Error::invalid("email", "'email' must be an address like ada@example.com"));
}

Task<Result<std::string>> Accounts::hashed(std::string password) {
  CO_RETURN_IF_ERROR(check_password(password));
  auto work = [this, password = std::move(password)]() { return hash_password(password, random_); };
  co_return co_await pool_.run(std::move(work));
}

Task<Result<User>> Accounts::create_user(NewUser wanted, Role by, Actor actor) {
  User user{.id = Uuid::v7(clock_, random_).text(), .name = wanted.name, .created_at = clock_.now()};
  ASSIGN_OR_CO_RETURN(user.email, normal_email(wanted.email));
  CO_RETURN_IF_ERROR(check_person_name(wanted.name));
  if (wanted.role == Role::kOwner && !may(by, Capability::kManageProjects)) {
    co_return Failure(denied("only an owner can make an owner"));
  }
  std::optional<std::string> hash;
  if (wanted.password) {
    ASSIGN_OR_CO_RETURN(hash, co_await hashed(*wanted.password));
  }
  user.has_password = hash.has_value();
  user.oidc_subject = wanted.oidc_subject;
  user.memberships = {{.project = wanted.project, .role = wanted.role}};
  std::function<Result<User>(Connection&)> work = [=, this](Connection& connection) -> Result<User> {
    ASSIGN_OR_RETURN(std::vector<User> others, list_users(connection));
    bool first_owner = wanted.role == Role::kOwner && wanted.project == kDefaultProject;
    if (others.empty() && !first_owner) {
      return Failure(Error::invalid("role", "the first account must be an owner: --role owner"));
    }
    RETURN_IF_ERROR(insert_user(connection, user, hash));
    RETURN_IF_ERROR(set_member(connection, wanted.project, user.id, wanted.role));
    RETURN_IF_ERROR(audit_.record(
        connection,
        {.actor = actor, .action = "users.create", .object = "user:" + user.id, .after = document(user)}));
    return user;
  };
  co_return co_await directory_.change(std::move(work));
}

Task<Result<User>> Accounts::change_user(std::string id, std::string action, ChangeUser change, Role by,
                                         Actor actor) {
  std::function<Result<User>(Connection&)> work = [=, this](Connection& connection) -> Result<User> {
    ASSIGN_OR_RETURN(std::vector<User> users, list_users(connection));
    ASSIGN_OR_RETURN(auto before, find_user(users, id));
    if (is_owner(*before) && !may(by, Capability::kManageProjects)) {
      return Failure(denied("only an owner can change an owner"));
    }
    User user = *before;
    RETURN_IF_ERROR(change(connection, user));
    RETURN_IF_ERROR(access::update_user(connection, user));
    RETURN_IF_ERROR(check_an_owner_stays(connection));
    RETURN_IF_ERROR(audit_.record(connection, {.actor = actor,
                                               .action = action,
                                               .object = "user:" + id,
                                               .before = document(*before),
                                               .after = document(user)}));
    return user;
  };
  co_return co_await directory_.change(std::move(work));
}

Task<Result<User>> Accounts::update_user(std::string id, UserChange wanted, Role by, Actor actor) {
  if (wanted.name) CO_RETURN_IF_ERROR(check_person_name(*wanted.name));
  std::optional<std::string> hash;
  if (wanted.password) {
    ASSIGN_OR_CO_RETURN(hash, co_await hashed(*wanted.password));
  }
  ChangeUser change = [wanted, hash](Connection& connection, User& user) -> Result<void> {
    if (wanted.name) user.name = *wanted.name;
    if (wanted.disabled) user.disabled = *wanted.disabled;
    if (hash) {
      RETURN_IF_ERROR(set_password(connection, user.id, *hash));
      user.has_password = true;
    }
    // Whoever got in by the old password, or must get in no more, is out.
    if (hash || user.disabled) RETURN_IF_ERROR(delete_sessions_of(connection, user.id));
    return {};
  };
  std::string action = wanted.password ? "users.set_password" : "users.update";
  co_return co_await change_user(std::move(id), std::move(action), std::move(change), by, std::move(actor));
}

Task<Result<void>> Accounts::delete_user(std::string id, Role by, Actor actor) {
  std::function<Result<void>(Connection&)> work = [=, this](Connection& connection) -> Result<void> {
    ASSIGN_OR_RETURN(std::vector<User> users, list_users(connection));
    ASSIGN_OR_RETURN(auto user, find_user(users, id));
    if (is_owner(*user) && !may(by, Capability::kManageProjects)) {
      return Failure(denied("only an owner can delete an owner"));
    }
    if (users.size() == 1) {
      return Failure(conflict("this is the last account; without any, everybody would be let in"));
    }
    RETURN_IF_ERROR(access::delete_user(connection, id));
    RETURN_IF_ERROR(check_an_owner_stays(connection));
    return audit_.record(
        connection,
        {.actor = actor, .action = "users.delete", .object = "user:" + id, .before = document(*user)});
  };
  co_return co_await directory_.change(std::move(work));
}

Task<Result<User>> Accounts::set_role(std::string id, std::string project, std::optional<Role> role, Role by,
                                      Actor actor) {
  if (role == Role::kOwner && !may(by, Capability::kManageProjects)) {
    co_return Failure(denied("only an owner can make an owner"));
  }
  ChangeUser change = [project, role](Connection& connection, User& user) -> Result<void> {
    std::erase_if(user.memberships, [&](const Membership& m) { return m.project == project; });
    if (!role) return delete_member(connection, project, user.id);
    user.memberships.push_back({.project = project, .role = *role});
    return set_member(connection, project, user.id, *role);
  };
  co_return co_await change_user(std::move(id), "users.set_role", std::move(change), by, std::move(actor));
}

Task<Result<User>> Accounts::link_subject(std::string id, std::string subject, Actor actor) {
  ChangeUser change = [subject](Connection&, User& user) -> Result<void> {
    if (!user.oidc_subject.empty() && user.oidc_subject != subject) {
      return Failure(conflict("this account belongs to another identity"));
    }
    user.oidc_subject = subject;
    return {};
  };
  co_return co_await change_user(std::move(id), "users.link", std::move(change), Role::kOwner,
                                 std::move(actor));
}

Task<Result<Project>> Accounts::create_project(Project project, Actor actor) {
  CO_RETURN_IF_ERROR(check_project_name(project.name));
  if (project.description.size() > 1024 || !is_valid_utf8(project.description)) {
    co_return Failure(Error::invalid("description", "'description' must be at most 1024 bytes of text"));
  }
  project.created_at = clock_.now();
  std::function<Result<Project>(Connection&)> work = [=, this](Connection& connection) -> Result<Project> {
    RETURN_IF_ERROR(insert_project(connection, project));
    RETURN_IF_ERROR(audit_.record(connection, {.actor = actor,
                                               .action = "projects.create",
                                               .object = "project:" + project.name,
                                               .after = document(project)}));
    return project;
  };
  co_return co_await directory_.change(std::move(work));
}

Task<Result<void>> Accounts::delete_project(std::string name, Actor actor) {
  if (name == kDefaultProject) co_return Failure(conflict("the default project stays"));
  std::function<Result<void>(Connection&)> work = [=, this](Connection& connection) -> Result<void> {
    RETURN_IF_ERROR(access::delete_project(connection, name));
    return audit_.record(connection,
                         {.actor = actor, .action = "projects.delete", .object = "project:" + name});
  };
  co_return co_await directory_.change(std::move(work));
}

Task<Result<std::vector<Project>>> Accounts::projects() {
  std::function<Result<std::vector<Project>>(Connection&)> work = list_projects;
  co_return co_await database_.read<std::vector<Project>>(std::move(work));
}

}  // namespace penstock::access
