#pragma once

#include "api/native/call.h"
#include "api/native/services.h"
#include "core/http_message.h"
#include "core/result.h"
#include "core/task.h"

// People: users, projects, tokens, sessions and logging in.
namespace penstock::api::native {

Task<Result<Response>> get_me(const NativeServices& services, const Call& call);
Task<Result<Response>> change_password(const NativeServices& services, const Call& call);

Task<Result<Response>> get_login(const NativeServices& services, const Call& call);
Task<Result<Response>> login(const NativeServices& services, const Call& call);
Task<Result<Response>> start_oidc(const NativeServices& services, const Call& call);
Task<Result<Response>> finish_oidc(const NativeServices& services, const Call& call);
Task<Result<Response>> logout(const NativeServices& services, const Call& call);

Task<Result<Response>> list_users(const NativeServices& services, const Call& call);
Task<Result<Response>> create_user(const NativeServices& services, const Call& call);
Task<Result<Response>> get_user(const NativeServices& services, const Call& call);
Task<Result<Response>> update_user(const NativeServices& services, const Call& call);
Task<Result<Response>> delete_user(const NativeServices& services, const Call& call);

Task<Result<Response>> list_projects(const NativeServices& services, const Call& call);
Task<Result<Response>> create_project(const NativeServices& services, const Call& call);
Task<Result<Response>> delete_project(const NativeServices& services, const Call& call);
Task<Result<Response>> set_member(const NativeServices& services, const Call& call);
Task<Result<Response>> delete_member(const NativeServices& services, const Call& call);

Task<Result<Response>> list_tokens(const NativeServices& services, const Call& call);
Task<Result<Response>> create_token(const NativeServices& services, const Call& call);
Task<Result<Response>> delete_token(const NativeServices& services, const Call& call);

Task<Result<Response>> list_sessions(const NativeServices& services, const Call& call);
Task<Result<Response>> end_session(const NativeServices& services, const Call& call);

// The Set-Cookie header of a session; an empty secret takes it away.
std::string session_cookie(const Request& request, std::string_view secret);

}  // namespace penstock::api::native
