#include <string>
#include <utility>

#include "access/accounts.h"
#include "access/documents.h"
#include "api/native/account_handlers.h"
#include "api/native/listing.h"
#include "core/json_writer.h"

namespace penstock::api::native {
namespace {

using access::Role;
using access::User;

Role role_in_body(const Json& body) {
  return access::parse_role(string_at(body, "role")).value_or(Role::kViewer);
}

// Member `name` of a body where it is text.
std::optional<std::string> optional_text(const Json& body, std::string_view name) {
  const Json* found = find(body, name);
  if (found == nullptr || !found->is_string()) return std::nullopt;
  return std::string(std::string_view(found->get_string()));
}

Response no_content() { return Response{{204, {}}, ""}; }

}  // namespace

Task<Result<Response>> list_users(const NativeServices&, const Call& call) {
  std::string wanted = call.query.text("q");
  std::string role = call.query.text("role");
  std::vector<const User*> found;
  for (const User& user : call.snapshot->data().users) {
    bool named = wanted.empty() || user.email.contains(wanted) || user.name.contains(wanted);
    bool has_role = role.empty() || access::role_name(access::role_in(user, access::kDefaultProject)) == role;
    if (named && has_role) found.push_back(&user);
  }
  ASSIGN_OR_CO_RETURN(auto page, page_of(call.query, found, [](const User* user) { return user->id; }));
  JsonWriter json;
  json.begin_object().key("users").begin_array();
  for (const User* user : page.items) access::write_user(json, *user);
  json.end_array().optional_field("next_cursor", page.next_cursor).end_object();
  co_return Response::json(200, json.take());
}

Task<Result<Response>> get_user(const NativeServices&, const Call& call) {
  std::string id(call.request.param("id"));
  const User* user = call.snapshot->user(id);
  if (user == nullptr) co_return Failure(Error::not_found("no user has the id '" + id + "'"));
  co_return Response::json(200, access::document(*user));
}

Task<Result<Response>> create_user(const NativeServices& services, const Call& call) {
  access::NewUser user{.email = std::string(string_at(call.body, "email")),
                       .name = std::string(string_at(call.body, "name")),
                       .role = role_in_body(call.body),
                       .password = optional_text(call.body, "password")};
  ASSIGN_OR_CO_RETURN(User made, co_await services.accounts.create_user(std::move(user), call.principal->role,
                                                                        actor_of(call)));
  co_return Response::json(201, access::document(made));
}

Task<Result<Response>> update_user(const NativeServices& services, const Call& call) {
  access::UserChange change{.name = optional_text(call.body, "name"),
                            .password = optional_text(call.body, "password")};
  if (const Json* disabled = find(call.body, "disabled")) change.disabled = disabled->get_bool();
  std::string id(call.request.param("id"));
  ASSIGN_OR_CO_RETURN(User user, co_await services.accounts.update_user(
                                     std::move(id), std::move(change), call.principal->role, actor_of(call)));
  co_return Response::json(200, access::document(user));
}

Task<Result<Response>> delete_user(const NativeServices& services, const Call& call) {
  std::string id(call.request.param("id"));
  CO_RETURN_IF_ERROR(
      co_await services.accounts.delete_user(std::move(id), call.principal->role, actor_of(call)));
  co_return no_content();
}

Task<Result<Response>> list_projects(const NativeServices& services, const Call&) {
  ASSIGN_OR_CO_RETURN(auto projects, co_await services.accounts.projects());
  JsonWriter json;
  json.begin_object().key("projects").begin_array();
  for (const access::Project& project : projects) access::write_project(json, project);
  co_return Response::json(200, json.end_array().end_object().take());
}

Task<Result<Response>> create_project(const NativeServices& services, const Call& call) {
  access::Project project{.name = std::string(string_at(call.body, "name")),
                          .description = std::string(string_at(call.body, "description"))};
  ASSIGN_OR_CO_RETURN(access::Project made,
                      co_await services.accounts.create_project(std::move(project), actor_of(call)));
  co_return Response::json(201, access::document(made));
}

Task<Result<Response>> delete_project(const NativeServices& services, const Call& call) {
  std::string name(call.request.param("project"));
  CO_RETURN_IF_ERROR(co_await services.accounts.delete_project(std::move(name), actor_of(call)));
  co_return no_content();
}

Task<Result<Response>> set_member(const NativeServices& services, const Call& call) {
  std::string user(call.request.param("user"));
  std::string project(call.request.param("project"));
  std::optional<Role> role = role_in_body(call.body);
  ASSIGN_OR_CO_RETURN(User changed,
                      co_await services.accounts.set_role(std::move(user), std::move(project), role,
                                                          call.principal->role, actor_of(call)));
  co_return Response::json(200, access::document(changed));
}

Task<Result<Response>> delete_member(const NativeServices& services, const Call& call) {
  std::string user(call.request.param("user"));
  std::string project(call.request.param("project"));
  ASSIGN_OR_CO_RETURN(User changed,
                      co_await services.accounts.set_role(std::move(user), std::move(project), std::nullopt,
                                                          call.principal->role, actor_of(call)));
  co_return Response::json(200, access::document(changed));
}

}  // namespace penstock::api::native
