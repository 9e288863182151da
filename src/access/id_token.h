#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.h"
#include "core/result.h"
#include "core/signature.h"
#include "core/units.h"

namespace penstock::access {

// The keys of an identity provider by their ids (RFC 7517).
class KeySet {
 public:
  static constexpr size_t kKeysMax = 50;

  // Keys of other kinds and uses are passed over. kUpstream if the text is no key set.
  static Result<KeySet> parse(std::string_view json);

  // The key with that id and kind; without an id, the only one of its kind. Null if there is none.
  const PublicKey* find(std::string_view id, SignatureKind kind) const;

 private:
  std::vector<std::pair<std::string, PublicKey>> keys_;
};

// What an ID token must say (OpenID Connect Core §3.1.3.7).
struct TokenExpectation {
  std::string issuer;
  std::string client_id;
  std::string nonce;
  Timestamp now;
  static constexpr int64_t kSkewUs = 60'000'000;  // of the provider's clock
};

// The algorithm and key id that a token names, before anything is verified. kUnauthenticated for any other
// algorithm than RS256 and ES256, "none" above all.
struct TokenHeader {
  SignatureKind kind;
  std::string key_id;
};
Result<TokenHeader> read_token_header(std::string_view token);

// The claims of a token with this key's signature that says what it must. kUnauthenticated says which check
// failed, never the token.
Result<Json> verify_id_token(std::string_view token, const PublicKey& key, const TokenExpectation& expected);

inline constexpr size_t kTokenBytesMax = 64 << 10;

}  // namespace penstock::access
