#include "access/id_token.h"

#include <algorithm>

#include "core/text.h"

namespace penstock::access {
namespace {

Error refused(std::string_view why) {
  return Error{.code = ErrorCode::kUnauthenticated,
               .message = "the identity provider's token is not accepted: " + std::string(why),
               .reason = "invalid_id_token"};
}

std::string number_at(const Json& key, std::string_view name) {
  return decode_base64url(string_at(key, name)).value_or("");
}

// Header, claims and signature; empty if there are not three.
std::vector<std::string_view> parts_of(std::string_view token) {
  std::vector<std::string_view> parts = split(token, '.');
  return token.size() <= kTokenBytesMax && parts.size() == 3 ? parts : std::vector<std::string_view>{};
}

Result<Json> object_of(std::string_view part) {
  auto text = decode_base64url(part);
  auto json =
      text ? parse_json(*text, {.bytes_max = kTokenBytesMax, .depth_max = 16}) : Failure(refused("no JSON"));
  if (!json || !json->is_object()) return Failure(refused("it is not made of JSON objects"));
  return json;
}

bool names_audience(const Json& claims, std::string_view client_id) {
  const Json* audience = find(claims, "aud");
  if (audience == nullptr) return false;
  if (audience->is_string()) return audience->get_string() == client_id;
  if (!audience->is_array()) return false;
  return std::ranges::any_of(audience->get_array(), [&](const Json& one) {
    return one.is_string() && std::string_view(one.get_string()) == client_id;
  });
}

// More audiences than one need to say who asked (§3.1.3.7 points 4 and 5).
bool is_for_another(const Json& claims, std::string_view client_id) {
  const Json* audience = find(claims, "aud");
  const Json* party = find(claims, "azp");
  if (party != nullptr) return !party->is_string() || std::string_view(party->get_string()) != client_id;
  return audience != nullptr && audience->is_array() && audience->get_array().size() > 1;
}

std::optional<int64_t> time_us_at(const Json& claims, std::string_view name) {
  const Json* time = find(claims, name);
  if (time == nullptr || !time->is_number()) return std::nullopt;
  double seconds = time->to_number<double>();
  if (seconds < 0 || seconds > 1e11) return std::nullopt;
  return static_cast<int64_t>(seconds * 1e6);
}

}  // namespace

Result<KeySet> KeySet::parse(std::string_view text) {
  auto json = parse_json(text, {.bytes_max = 1 << 20, .depth_max = 16});
  const Json* list = json ? penstock::find(*json, "keys") : nullptr;
  if (list == nullptr || !list->is_array()) {
    return Failure(
        Error{.code = ErrorCode::kUpstream, .message = "the identity provider's keys are unreadable"});
  }
  KeySet set;
  for (const Json& key : list->get_array()) {
    std::string_view use = string_at(key, "use");
    if (set.keys_.size() >= kKeysMax || (!use.empty() && use != "sig")) continue;
    Result<PublicKey> parsed = Failure(Error::invalid("", "another kind"));
    if (string_at(key, "kty") == "RSA") parsed = PublicKey::rsa(number_at(key, "n"), number_at(key, "e"));
    if (string_at(key, "kty") == "EC" && string_at(key, "crv") == "P-256") {
      parsed = PublicKey::p256(number_at(key, "x"), number_at(key, "y"));
    }
    if (parsed) set.keys_.emplace_back(string_at(key, "kid"), std::move(*parsed));
  }
  return set;
}

const PublicKey* KeySet::find(std::string_view id, SignatureKind kind) const {
  const PublicKey* found = nullptr;
  for (const auto& [known, key] : keys_) {
    if (key.kind() != kind || (!id.empty() && known != id)) continue;
    if (found != nullptr) return nullptr;  // which one, nobody said
    found = &key;
  }
  return found;
}

Result<TokenHeader> read_token_header(std::string_view token) {
  auto parts = parts_of(token);
  if (parts.empty()) return Failure(refused("it does not have three parts"));
  ASSIGN_OR_RETURN(Json header, object_of(parts[0]));
  if (find(header, "crit") != nullptr) return Failure(refused("it has critical extensions"));
  std::string_view algorithm = string_at(header, "alg");
  TokenHeader read{.kind = SignatureKind::kRs256, .key_id = std::string(string_at(header, "kid"))};
  if (algorithm == "ES256") read.kind = SignatureKind::kEs256;
  if (algorithm != "RS256" && algorithm != "ES256")
    return Failure(refused("it is not signed by RS256 or ES256"));
  return read;
}

Result<Json> verify_id_token(std::string_view token, const PublicKey& key, const TokenExpectation& expected) {
  ASSIGN_OR_RETURN(TokenHeader header, read_token_header(token));
  auto parts = parts_of(token);
  auto signature = decode_base64url(parts[2]);
  std::string_view message = token.substr(0, parts[0].size() + 1 + parts[1].size());
  if (header.kind != key.kind() || !signature || !key.verifies(message, *signature)) {
    return Failure(refused("the signature does not fit"));
  }
  ASSIGN_OR_RETURN(Json claims, object_of(parts[1]));
  if (string_at(claims, "iss") != expected.issuer) return Failure(refused("another issuer made it"));
  if (!names_audience(claims, expected.client_id)) return Failure(refused("it is not for this client"));
  if (is_for_another(claims, expected.client_id)) return Failure(refused("another client asked for it"));
  auto expires_us = time_us_at(claims, "exp");
  auto issued_us = time_us_at(claims, "iat");
  auto valid_us = time_us_at(claims, "nbf");
  int64_t late_us = expected.now.us + TokenExpectation::kSkewUs;
  if (!expires_us || *expires_us + TokenExpectation::kSkewUs <= expected.now.us) {
    return Failure(refused("it has expired"));
  }
  if (!issued_us || *issued_us > late_us || (valid_us && *valid_us > late_us)) {
    return Failure(refused("it is not valid yet"));
  }
  if (expected.nonce.empty() || string_at(claims, "nonce") != expected.nonce) {
    return Failure(refused("its nonce is not that of this login"));
  }
  if (string_at(claims, "sub").empty()) return Failure(refused("it names nobody"));
  return claims;
}

}  // namespace penstock::access
