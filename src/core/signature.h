#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "core/result.h"

namespace penstock {

// The signatures of JSON Web Tokens that identity providers use (RFC 7518 §3.3, §3.4).
enum class SignatureKind : uint8_t {
  kRs256,  // RSASSA-PKCS1-v1_5 with SHA-256, keys of 2048 to 8192 bits
  kEs256,  // ECDSA on P-256 with SHA-256; a signature is r and s, 32 bytes each
};

// A public key that checks signatures. Immutable; any thread.
class PublicKey {
 public:
  // Big-endian numbers, as a JSON Web Key has them (RFC 7518 §6). kInvalidArgument if they make no key.
  static Result<PublicKey> rsa(std::string_view modulus, std::string_view exponent);
  static Result<PublicKey> p256(std::string_view x, std::string_view y);

  SignatureKind kind() const { return kind_; }
  bool verifies(std::string_view message, std::string_view signature) const;

 private:
  struct State;
  PublicKey(SignatureKind kind, std::shared_ptr<const State> state) : kind_(kind), state_(std::move(state)) {}
  SignatureKind kind_;
  std::shared_ptr<const State> state_;
};

}  // namespace penstock
