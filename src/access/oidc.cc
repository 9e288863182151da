#include "access/oidc.h"

#include <algorithm>
#include <utility>

#include "access/key_text.h"
#include "access/snapshot.h"
#include "core/digest.h"
#include "core/text.h"

namespace penstock::access {
namespace {

constexpr size_t kStateChars = 32;
constexpr size_t kVerifierChars = 64;  // RFC 7636 §4.1: 43 to 128

Error upstream(std::string message) {
  return Error{.code = ErrorCode::kUpstream, .message = "the identity provider " + std::move(message)};
}

Error not_this_login() {
  return Error{.code = ErrorCode::kUnauthenticated,
               .message = "this answer belongs to no login that this browser has begun; log in again",
               .reason = "invalid_state"};
}

bool is_local(const Endpoint& endpoint) {
  return endpoint.host == "127.0.0.1" || endpoint.host == "localhost" || endpoint.host == "::1";
}

// Only over TLS, but on this machine.
Result<Endpoint> endpoint_of(std::string_view url, std::string_view what) {
  auto endpoint = Endpoint::parse(url);
  if (endpoint && endpoint->unix_path.empty() && (endpoint->tls || is_local(*endpoint))) return *endpoint;
  return Failure(upstream("has no https URL as its " + std::string(what)));
}

bool equal(std::string_view a, std::string_view b) {
  return equal_in_constant_time(Digest::of(a), Digest::of(b));
}

std::string form(std::initializer_list<std::pair<std::string_view, std::string_view>> fields) {
  std::string text;
  for (const auto& [name, value] : fields) {
    if (!text.empty()) text += '&';
    text.append(name).append("=").append(percent_encode(value));
  }
  return text;
}

std::string basic(const OidcConfig& config) {
  std::string pair = percent_encode(config.client_id) + ":" + percent_encode(config.client_secret);
  return "Basic " + base64(std::as_bytes(std::span(pair)));
}

bool is_supported(const Json& description, std::string_view list, std::string_view value) {
  const Json* found = find(description, list);
  return found != nullptr && found->is_array() &&
         std::ranges::any_of(found->get_array(), [&](const Json& item) {
           return item.is_string() && std::string_view(item.get_string()) == value;
         });
}

}  // namespace

Task<Result<std::string>> Oidc::call(Endpoint endpoint, std::string method, Headers headers,
                                     std::string body) {
  std::string target = endpoint.prefix.empty() ? "/" : std::exchange(endpoint.prefix, {});
  HttpCall request{.method = method,
                   .target = target,
                   .headers = std::move(headers),
                   .body = body,
                   .timeouts = {.first_byte_ms = kTimeoutMs, .idle_ms = kTimeoutMs, .total_ms = kTimeoutMs}};
  request.headers.add("accept", "application/json");
  auto answer = co_await client_.send(endpoint, std::move(request));
  if (!answer) co_return Failure(upstream("cannot be reached: " + answer.error().message));
  ASSIGN_OR_CO_RETURN(std::string text, co_await read_all(**answer, kAnswerBytesMax));
  int status = (*answer)->head().status;
  if (status == 200) co_return text;
  co_return Failure(upstream("answered with status " + std::to_string(status)));
}

Task<Result<std::shared_ptr<const Oidc::Provider>>> Oidc::provider() {
  int64_t now_us = clock_.monotonic_us();
  {
    std::lock_guard lock(mutex_);
    if (provider_ && now_us - provider_->read_us < kDiscoveryMs * 1000) co_return provider_;
  }
  std::string issuer = config_.issuer;
  while (issuer.ends_with('/')) issuer.pop_back();
  ASSIGN_OR_CO_RETURN(Endpoint where, endpoint_of(issuer + "/.well-known/openid-configuration", "issuer"));
  ASSIGN_OR_CO_RETURN(std::string text, co_await call(where, "GET", {}, {}));
  auto json = parse_json(text, {.bytes_max = kAnswerBytesMax, .depth_max = 16});
  if (!json || string_at(*json, "issuer") != config_.issuer) {
    co_return Failure(upstream("describes itself as another issuer than " + config_.issuer));
  }
  auto found = std::make_shared<Provider>();
  found->authorization = string_at(*json, "authorization_endpoint");
  CO_RETURN_IF_ERROR(
      endpoint_of(found->authorization.substr(0, found->authorization.find('?')), "authorization_endpoint"));
  ASSIGN_OR_CO_RETURN(found->token, endpoint_of(string_at(*json, "token_endpoint"), "token_endpoint"));
  ASSIGN_OR_CO_RETURN(found->keys, endpoint_of(string_at(*json, "jwks_uri"), "jwks_uri"));
  if (!string_at(*json, "userinfo_endpoint").empty()) {
    ASSIGN_OR_CO_RETURN(found->user_info,
                        endpoint_of(string_at(*json, "userinfo_endpoint"), "userinfo_endpoint"));
  }
  constexpr std::string_view kMethods = "token_endpoint_auth_methods_supported";
  found->secret_in_body = is_supported(*json, kMethods, "client_secret_post") &&
                          !is_supported(*json, kMethods, "client_secret_basic");
  found->read_us = now_us;
  std::lock_guard lock(mutex_);
  provider_ = std::move(found);
  co_return provider_;
}

Task<Result<OidcStart>> Oidc::start() {
  ASSIGN_OR_CO_RETURN(std::shared_ptr<const Provider> provider, co_await this->provider());
  std::string state = random_base62(random_, kStateChars);
  std::string nonce = random_base62(random_, kStateChars);
  std::string verifier = random_base62(random_, kVerifierChars);
  std::string scope;
  for (const std::string& one : config_.scopes) scope += (scope.empty() ? "" : " ") + one;
  std::string challenge = base64url(Digest::of(verifier).bytes);
  std::string query = form({{"response_type", "code"},
                            {"client_id", config_.client_id},
                            {"redirect_uri", config_.redirect_url},
                            {"scope", scope},
                            {"state", state},
                            {"nonce", nonce},
                            {"code_challenge", challenge},
                            {"code_challenge_method", "S256"}});
  char separator = provider->authorization.contains('?') ? '&' : '?';
  co_return OidcStart{.location = provider->authorization + separator + query,
                      .cookie = state + "." + nonce + "." + verifier};
}

Task<Result<std::string>> Oidc::fetch_token(const Provider& provider, std::string code, std::string verifier,
                                            std::string& access_token) {
  std::string body = form({{"grant_type", "authorization_code"},
                           {"code", code},
                           {"redirect_uri", config_.redirect_url},
                           {"client_id", config_.client_id},
                           {"code_verifier", verifier}});
  Headers headers{{"content-type", "application/x-www-form-urlencoded"}};
  if (!config_.client_secret.empty() && provider.secret_in_body) {
    body += "&client_secret=" + percent_encode(config_.client_secret);
  } else if (!config_.client_secret.empty()) {
    headers.add("authorization", basic(config_));
  }
  ASSIGN_OR_CO_RETURN(std::string text,
                      co_await call(provider.token, "POST", std::move(headers), std::move(body)));
  auto json = parse_json(text, {.bytes_max = kAnswerBytesMax, .depth_max = 16});
  if (!json || string_at(*json, "id_token").empty()) co_return Failure(upstream("sent no ID token"));
  access_token = string_at(*json, "access_token");
  co_return std::string(string_at(*json, "id_token"));
}

Task<Result<PublicKey>> Oidc::key_for(const Provider& provider, const TokenHeader& header) {
  int64_t now_us = clock_.monotonic_us();
  std::shared_ptr<const Keys> known;
  {
    std::lock_guard lock(mutex_);
    known = keys_;
  }
  const PublicKey* key = known ? known->set.find(header.key_id, header.kind) : nullptr;
  int64_t age_ms = known ? (now_us - known->read_us) / 1000 : kKeysMs;
  bool stale = age_ms >= (key == nullptr ? kKeysPauseMs : kKeysMs);
  if (stale) {
    ASSIGN_OR_CO_RETURN(std::string text, co_await call(provider.keys, "GET", {}, {}));
    ASSIGN_OR_CO_RETURN(KeySet fresh, KeySet::parse(text));
    known = std::make_shared<const Keys>(Keys{.set = std::move(fresh), .read_us = now_us});
    key = known->set.find(header.key_id, header.kind);
    std::lock_guard lock(mutex_);
    keys_ = known;
  }
  if (key != nullptr) co_return *key;
  co_return Failure(Error{.code = ErrorCode::kUnauthenticated,
                          .message = "the token names a key that the identity provider does not publish",
                          .reason = "invalid_id_token"});
}

// Some providers tell address and groups only when asked.
Task<Result<void>> Oidc::add_user_info(const Provider& provider, const std::string& access_token,
                                       Json& claims) {
  bool complete = find(claims, "email") != nullptr &&
                  (config_.roles.empty() || find(claims, config_.groups_claim) != nullptr);
  if (complete || !provider.user_info || access_token.empty()) co_return Result<void>{};
  Headers headers{{"authorization", "Bearer " + access_token}};
  ASSIGN_OR_CO_RETURN(std::string text, co_await call(*provider.user_info, "GET", std::move(headers), {}));
  auto json = parse_json(text, {.bytes_max = kAnswerBytesMax, .depth_max = 16});
  if (!json || !json->is_object() || string_at(*json, "sub") != string_at(claims, "sub")) {
    co_return Failure(upstream("tells of somebody else than its token"));
  }
  for (const auto& member : json->get_object()) {
    if (find(claims, member.key()) == nullptr) claims.get_object()[member.key()] = member.value();
  }
  co_return Result<void>{};
}

Result<Identity> Oidc::identity_of(const Json& claims) const {
  Identity identity{.subject = config_.issuer + " " + std::string(string_at(claims, "sub")),
                    .name = std::string(utf8_prefix(string_at(claims, "name"), 128)),
                    .role = config_.default_role};
  if (bool_at(claims, "email_verified")) identity.email = to_lower(string_at(claims, "email"));
  const Json* groups = find(claims, config_.groups_claim);
  if (groups != nullptr && groups->is_array()) {
    for (const Json& group : groups->get_array()) {
      auto role =
          group.is_string() ? config_.roles.find(std::string(group.get_string())) : config_.roles.end();
      if (role != config_.roles.end()) identity.role = std::max(identity.role, role->second);
    }
  }
  return identity;
}

Task<Result<Identity>> Oidc::finish(std::string state, std::string code, std::string issuer,
                                    std::string cookie) {
  std::vector<std::string_view> kept = split(cookie, '.');
  if (kept.size() != 3 || kept[0].size() != kStateChars || !equal(kept[0], state) || code.empty()) {
    co_return Failure(not_this_login());
  }
  if (!issuer.empty() && issuer != config_.issuer) co_return Failure(not_this_login());
  ASSIGN_OR_CO_RETURN(std::shared_ptr<const Provider> provider, co_await this->provider());
  std::string access_token;
  ASSIGN_OR_CO_RETURN(std::string token,
                      co_await fetch_token(*provider, std::move(code), std::string(kept[2]), access_token));
  ASSIGN_OR_CO_RETURN(TokenHeader header, read_token_header(token));
  ASSIGN_OR_CO_RETURN(PublicKey key, co_await key_for(*provider, header));
  TokenExpectation expected{.issuer = config_.issuer,
                            .client_id = config_.client_id,
                            .nonce = std::string(kept[1]),
                            .now = clock_.now()};
  ASSIGN_OR_CO_RETURN(Json claims, verify_id_token(token, key, expected));
  CO_RETURN_IF_ERROR(co_await add_user_info(*provider, access_token, claims));
  co_return identity_of(claims);
}

}  // namespace penstock::access
