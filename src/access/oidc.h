#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "access/id_token.h"
#include "access/roles.h"
#include "core/clock.h"
#include "core/http_client.h"
#include "core/random.h"
#include "core/task.h"

namespace penstock::access {

// `auth.oidc` of penstock.yaml.
struct OidcConfig {
  std::string name;  // on the button: "Company login"
  std::string issuer;
  std::string client_id;
  std::string client_secret;  // empty: a public client
  std::string redirect_url;   // https://penstock.example/api/v1/login/oidc/callback
  std::vector<std::string> scopes = {"openid", "email", "profile"};
  std::string groups_claim = "groups";
  std::map<std::string, Role> roles;  // by group; the highest counts
  Role default_role = Role::kNone;    // of whoever is in none of them; kNone: may not come in
  bool operator==(const OidcConfig&) const = default;
};

// Where the browser goes, and what it must bring back in a cookie.
struct OidcStart {
  std::string location;
  std::string cookie;  // state, nonce and verifier of this one login
};

// Whom the provider vouches for.
struct Identity {
  std::string subject;  // "<issuer> <sub>"
  std::string email;    // empty unless the provider has verified it
  std::string name;
  Role role = Role::kNone;  // by the groups
};

// Login through an OpenID provider: authorisation code with PKCE (RFC 7636), state and nonce; RS256 and ES256
// by the provider's published keys, which are fetched anew when a token names an unknown one. Thread-safe.
class Oidc {
 public:
  static constexpr int64_t kDiscoveryMs = 3'600'000;  // how long its description is believed
  static constexpr int64_t kKeysPauseMs = 10'000;     // between two fetches of keys for unknown ids
  static constexpr int64_t kKeysMs = 3'600'000;
  static constexpr int64_t kTimeoutMs = 15'000;
  static constexpr size_t kAnswerBytesMax = 1 << 20;

  // `client` and the others outlive it.
  Oidc(OidcConfig config, HttpClient& client, const Clock& clock, Random& random)
      : config_(std::move(config)), client_(client), clock_(clock), random_(random) {}

  const std::string& name() const { return config_.name; }

  Task<Result<OidcStart>> start();
  // `state`, `code` and `issuer` (RFC 9207; may be empty) came in the query, `cookie` with the request.
  // kUnauthenticated if any of it does not belong to this login; kPermissionDenied for whoever has no role.
  Task<Result<Identity>> finish(std::string state, std::string code, std::string issuer, std::string cookie);

 private:
  struct Provider {
    std::string authorization;
    Endpoint token;
    std::optional<Endpoint> user_info;
    Endpoint keys;
    bool secret_in_body = false;
    int64_t read_us = 0;
  };
  struct Keys {
    KeySet set;
    int64_t read_us = 0;
  };

  Task<Result<std::shared_ptr<const Provider>>> provider();
  Task<Result<PublicKey>> key_for(const Provider& provider, const TokenHeader& header);
  Task<Result<std::string>> fetch_token(const Provider& provider, std::string code, std::string verifier,
                                        std::string& access_token);
  Task<Result<void>> add_user_info(const Provider& provider, const std::string& access_token, Json& claims);
  Task<Result<std::string>> call(Endpoint endpoint, std::string method, Headers headers, std::string body);
  Result<Identity> identity_of(const Json& claims) const;

  const OidcConfig config_;
  HttpClient& client_;
  const Clock& clock_;
  Random& random_;
  std::mutex mutex_;
  std::shared_ptr<const Provider> provider_;
  std::shared_ptr<const Keys> keys_;
};

}  // namespace penstock::access
