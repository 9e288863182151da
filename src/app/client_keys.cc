#include "app/client_keys.h"

#include "core/text.h"

namespace penstock::app {
namespace {

// The scheme's name counts without case (RFC 9110 §11.1).
std::string_view sent_key(const Headers& headers) {
  constexpr std::string_view kScheme = "bearer ";
  std::string_view authorization = headers.get("authorization");
  if (authorization.size() > kScheme.size() &&
      equals_ignoring_case(authorization.substr(0, kScheme.size()), kScheme)) {
    return trim(authorization.substr(kScheme.size()));
  }
  return headers.get("x-api-key");
}

bool equal_in_constant_time(const Digest& a, const Digest& b) {
  std::byte difference{0};
  for (size_t i = 0; i < a.bytes.size(); ++i) difference |= a.bytes[i] ^ b.bytes[i];
  return difference == std::byte{0};
}

Error refused(std::string_view reason, std::string message) {
  return Error{
      .code = ErrorCode::kUnauthenticated, .message = std::move(message), .reason = std::string(reason)};
}

}  // namespace

Result<std::string> ClientKeys::principal(const Headers& headers) const {
  if (keys_.empty()) return std::string();
  std::string_view key = sent_key(headers);
  if (key.empty()) {
    return Failure(
        refused("missing_api_key", "no API key was sent; send the header 'Authorization: Bearer KEY'"));
  }
  Digest digest = Digest::of(key);
  const gateway::ClientKey* found = nullptr;
  for (const gateway::ClientKey& known : keys_) {
    if (equal_in_constant_time(known.digest, digest)) found = &known;
  }
  if (found == nullptr) return Failure(refused("invalid_api_key", "the API key is not valid"));
  return found->name;
}

}  // namespace penstock::app
