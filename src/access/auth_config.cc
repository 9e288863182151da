#include "access/auth_config.h"

namespace penstock::access {
namespace {

constexpr std::string_view kCallbackPath = "/api/v1/login/oidc/callback";

bool is_https_or_local(const std::string& url) {
  auto endpoint = Endpoint::parse(url);
  if (!endpoint || !endpoint->unix_path.empty()) return false;
  return endpoint->tls || endpoint->host == "127.0.0.1" || endpoint->host == "localhost" ||
         endpoint->host == "::1";
}

ConfigSchema role(std::string description) {
  return ConfigSchema::string(std::move(description))
      .one_of({"viewer", "annotator", "developer", "admin", "owner"});
}

}  // namespace

ConfigSchema auth_schema() {
  ConfigSchema oidc = ConfigSchema::object(
      {{"name", ConfigSchema::string("On the login page (default: Single sign-on)")},
       {"issuer", ConfigSchema::string("The provider's issuer URL, exactly as it calls itself").required()},
       {"client_id", ConfigSchema::string("As registered with the provider").required()},
       {"client_secret", ConfigSchema::secret("As registered; absent: a public client")},
       {"redirect_url",
        ConfigSchema::string("https://HOST/api/v1/login/oidc/callback, as registered").required()},
       {"scopes", ConfigSchema::list(ConfigSchema::string("A scope"), "Default: openid email profile")},
       {"groups_claim", ConfigSchema::string("The claim that lists groups (default groups)")},
       {"roles", ConfigSchema::map(role("The role of its members"), "By group; the highest counts")},
       {"default_role", role("Of whoever is in none of these groups; absent: they may not come in")}},
      "Log in through an OpenID provider");
  return ConfigSchema::object({{"oidc", std::move(oidc)}}, "How people log in");
}

Result<std::optional<OidcConfig>> read_auth(const ConfigNode& auth) {
  const ConfigNode* oidc = auth.find("oidc");
  if (oidc == nullptr) return std::nullopt;
  OidcConfig config{.name = oidc->string_at("name", "Single sign-on"),
                    .issuer = oidc->string_at("issuer"),
                    .client_id = oidc->string_at("client_id"),
                    .redirect_url = oidc->string_at("redirect_url")};
  if (!is_https_or_local(config.issuer))
    return Failure(oidc->find("issuer")->error("must be an https:// URL"));
  if (!is_https_or_local(config.redirect_url) || !config.redirect_url.ends_with(kCallbackPath)) {
    return Failure(oidc->find("redirect_url")
                       ->error("must be https://HOST/api/v1/login/oidc/callback, HOST as people see it"));
  }
  if (const ConfigNode* secret = oidc->find("client_secret")) config.client_secret = secret->scalar();
  if (const ConfigNode* scopes = oidc->find("scopes")) {
    config.scopes = {"openid"};
    for (const ConfigNode& scope : scopes->items()) {
      if (scope.scalar() != "openid") config.scopes.push_back(scope.scalar());
    }
  }
  config.groups_claim = oidc->string_at("groups_claim", config.groups_claim);
  if (const ConfigNode* roles = oidc->find("roles")) {
    for (const auto& [group, node] : roles->members()) {
      config.roles[group] = parse_role(node.scalar()).value_or(Role::kNone);
    }
  }
  config.default_role = parse_role(oidc->string_at("default_role", "none")).value_or(Role::kNone);
  return config;
}

}  // namespace penstock::access
