#include <algorithm>
#include <string>
#include <utility>

#include "access/accounts.h"
#include "access/documents.h"
#include "access/key_text.h"
#include "access/oidc.h"
#include "api/native/account_handlers.h"
#include "api/native/listing.h"
#include "core/json_writer.h"
#include "core/random.h"
#include "core/text.h"
#include "core/uuid.h"

namespace penstock::api::native {
namespace {

Error only_people() {
  return Error{.code = ErrorCode::kConflict,
               .message = "this is for accounts; the caller is a key, or nobody had to log in"};
}

Error no_provider() {
  return Error::not_found("no identity provider is configured; see auth.oidc in docs/users.md");
}

constexpr std::string_view kOidcCookie = "penstock_oidc";
constexpr int64_t kOidcCookieS = 600;

bool is_secure(const Request& request) {
  return request.encrypted || request.headers.get("x-forwarded-proto") == "https";
}

// Of one login in progress.
std::string oidc_cookie(const Request& request, std::string_view value) {
  std::string cookie = std::string(kOidcCookie) + "=" + std::string(value) +
                       "; Path=/api/v1/login/oidc; HttpOnly; SameSite=Lax; Max-Age=" +
                       std::to_string(value.empty() ? 0 : kOidcCookieS);
  return is_secure(request) ? cookie + "; Secure" : cookie;
}

Response redirect(std::string location) {
  Response response = Response::text(302, "");
  response.head.headers.set("location", std::move(location));
  return response;
}

}  // namespace

// A proxy that ends TLS says so; a wrong claim only costs whoever makes it his own cookie.
std::string session_cookie(const Request& request, std::string_view secret) {
  std::string cookie = std::string(access::kSessionCookie) + "=" + std::string(secret) +
                       "; Path=/; HttpOnly; SameSite=Lax; Max-Age=" +
                       std::to_string(secret.empty() ? 0 : access::Accounts::kSessionMs / 1000);
  return is_secure(request) ? cookie + "; Secure" : cookie;
}

Task<Result<Response>> get_me(const NativeServices&, const Call& call) {
  JsonWriter json;
  json.begin_object().field("id", call.principal->id).field("name", call.principal->name);
  json.field("role", access::role_name(call.principal->role)).key("capabilities").begin_array();
  for (access::Capability capability : access::capabilities()) {
    if (call.may(capability)) json.value(access::capability_name(capability));
  }
  json.end_array().field("login_required", call.snapshot->asks_for_credentials());
  const access::User* user = call.snapshot->user(call.principal->user);
  json.key("user");
  if (user == nullptr) {
    json.null();
  } else {
    access::write_user(json, *user);
  }
  co_return Response::json(200, json.end_object().take());
}

Task<Result<Response>> change_password(const NativeServices& services, const Call& call) {
  if (call.principal->user.empty()) co_return Failure(only_people());
  std::string user = call.principal->user;
  std::string old_password(string_at(call.body, "old_password"));
  std::string new_password(string_at(call.body, "password"));
  CO_RETURN_IF_ERROR(co_await services.accounts.change_own_password(std::move(user), std::move(old_password),
                                                                    std::move(new_password), actor_of(call)));
  co_return Response{{204, {}}, ""};
}

Task<Result<Response>> get_login(const NativeServices& services, const Call& call) {
  JsonWriter json;
  json.begin_object().field("required", call.snapshot->asks_for_credentials());
  bool passwords = std::ranges::any_of(call.snapshot->data().users, &access::User::has_password);
  json.field("password", passwords);
  json.optional_field("single_sign_on", services.oidc == nullptr ? "" : services.oidc->name());
  co_return Response::json(200, json.end_object().take());
}

Task<Result<Response>> login(const NativeServices& services, const Call& call) {
  access::Actor actor{.request_id = call.request_id};
  std::string email(string_at(call.body, "email"));
  std::string password(string_at(call.body, "password"));
  ASSIGN_OR_CO_RETURN(access::IssuedSession issued,
                      co_await services.accounts.login(std::move(email), std::move(password),
                                                       call.request.peer, std::move(actor)));
  Response response{{204, {}}, ""};
  response.head.headers.add("set-cookie", session_cookie(call.request, issued.secret));
  co_return response;
}

Task<Result<Response>> start_oidc(const NativeServices& services, const Call& call) {
  if (services.oidc == nullptr) co_return Failure(no_provider());
  ASSIGN_OR_CO_RETURN(access::OidcStart start, co_await services.oidc->start());
  Response response = redirect(std::move(start.location));
  response.head.headers.add("set-cookie", oidc_cookie(call.request, start.cookie));
  co_return response;
}

Task<Result<Response>> finish_oidc(const NativeServices& services, const Call& call) {
  if (services.oidc == nullptr) co_return Failure(no_provider());
  const Request& request = call.request;
  if (request.has_query("error")) {
    std::string why(utf8_prefix(request.query_value("error"), 64));
    co_return Failure(Error{.code = ErrorCode::kUnauthenticated,
                            .message = "the identity provider refused: " + why,
                            .reason = "provider_refused"});
  }
  std::string cookie(access::cookie_of(request.headers, kOidcCookie));
  ASSIGN_OR_CO_RETURN(
      access::Identity identity,
      co_await services.oidc->finish(request.query_value("state"), request.query_value("code"),
                                     request.query_value("iss"), std::move(cookie)));
  access::Actor actor{.request_id = Uuid::v7(services.clock, system_random()).text()};
  ASSIGN_OR_CO_RETURN(access::IssuedSession issued,
                      co_await services.accounts.login_by_identity(std::move(identity), std::move(actor)));
  Response response = redirect("/");
  response.head.headers.add("set-cookie", session_cookie(request, issued.secret));
  response.head.headers.add("set-cookie", oidc_cookie(request, ""));
  co_return response;
}

Task<Result<Response>> logout(const NativeServices& services, const Call& call) {
  std::string_view cookie = access::cookie_of(call.request.headers, access::kSessionCookie);
  auto text = access::KeyText::parse(access::SecretKind::kSession, cookie);
  const access::Session* session = text ? call.snapshot->session(text->id) : nullptr;
  if (session != nullptr && session->user == call.principal->user) {
    auto ended = co_await services.accounts.end_session(std::string(text->id), actor_of(call));
    if (!ended && ended.error().code != ErrorCode::kNotFound) co_return Failure(std::move(ended).error());
  }
  Response response{{204, {}}, ""};
  response.head.headers.add("set-cookie", session_cookie(call.request, ""));
  co_return response;
}

Task<Result<Response>> list_tokens(const NativeServices&, const Call& call) {
  bool everybodys = call.query.text("of") == "all" && call.may(access::Capability::kManageUsers);
  std::vector<const access::Token*> found;
  for (const access::Token& token : call.snapshot->data().tokens) {
    if (everybodys || token.user == call.principal->user) found.push_back(&token);
  }
  ASSIGN_OR_CO_RETURN(auto page, page_of(call.query, found, [](const auto* token) { return token->id; }));
  JsonWriter json;
  json.begin_object().key("tokens").begin_array();
  for (const access::Token* token : page.items) access::write_token(json, *token);
  json.end_array().optional_field("next_cursor", page.next_cursor).end_object();
  co_return Response::json(200, json.take());
}

Task<Result<Response>> create_token(const NativeServices& services, const Call& call) {
  if (call.principal->user.empty()) co_return Failure(only_people());
  std::string name(string_at(call.body, "name"));
  const Json* expiry = find(call.body, "expires_at_us");
  std::optional<Timestamp> expires_at;
  if (expiry != nullptr && expiry->is_int64()) expires_at = Timestamp{expiry->get_int64()};
  std::string user = call.principal->user;
  ASSIGN_OR_CO_RETURN(auto issued, co_await services.accounts.create_token(std::move(user), std::move(name),
                                                                           expires_at, actor_of(call)));
  JsonWriter json;
  json.begin_object().key("token");
  access::write_token(json, issued.token);
  co_return Response::json(201, json.field("secret", issued.secret).end_object().take());
}

Task<Result<Response>> delete_token(const NativeServices& services, const Call& call) {
  std::string id(call.request.param("id"));
  const access::Token* token = call.snapshot->token(id);
  bool own = token != nullptr && !call.principal->user.empty() && token->user == call.principal->user;
  if (token == nullptr || (!own && !call.may(access::Capability::kManageUsers))) {
    co_return Failure(Error::not_found("there is no such token"));
  }
  CO_RETURN_IF_ERROR(co_await services.accounts.delete_token(std::move(id), actor_of(call)));
  co_return Response{{204, {}}, ""};
}

Task<Result<Response>> list_sessions(const NativeServices& services, const Call& call) {
  bool everybodys = call.query.text("of") == "all" && call.may(access::Capability::kManageUsers);
  Timestamp now = services.clock.now();
  JsonWriter json;
  json.begin_object().key("sessions").begin_array();
  for (const access::Session& session : call.snapshot->data().sessions) {
    bool own = !call.principal->user.empty() && session.user == call.principal->user;
    if (session.expires_at <= now || !(own || everybodys)) continue;
    json.begin_object().field("id", session.id).field("user", session.user);
    json.field("created_at_us", session.created_at.us).field("expires_at_us", session.expires_at.us);
    json.end_object();
  }
  co_return Response::json(200, json.end_array().end_object().take());
}

Task<Result<Response>> end_session(const NativeServices& services, const Call& call) {
  std::string id(call.request.param("id"));
  const access::Session* session = call.snapshot->session(id);
  bool own = session != nullptr && !call.principal->user.empty() && session->user == call.principal->user;
  if (session == nullptr || (!own && !call.may(access::Capability::kManageUsers))) {
    co_return Failure(Error::not_found("there is no such session"));
  }
  CO_RETURN_IF_ERROR(co_await services.accounts.end_session(std::move(id), actor_of(call)));
  co_return Response{{204, {}}, ""};
}

}  // namespace penstock::api::native
