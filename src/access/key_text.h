#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/digest.h"
#include "core/random.h"

namespace penstock::access {

// What a secret opens. Stands first in its text, so that a scanner of leaked secrets knows ours.
enum class SecretKind : uint8_t { kKey, kToken, kSession, kSetup };

// The text of a secret: "sk-ps-<id, 12>-<secret, 43>-<checksum, 6>", all base62 (docs/formats/key_text.md).
// The id finds the row, the 256 bits of the secret prove it, the checksum tells a mistyped text without a
// look at any row. Only the digest of the secret is ever stored.
struct KeyText {
  static constexpr size_t kIdBytes = 12;
  static constexpr size_t kSecretBytes = 43;
  static constexpr size_t kChecksumBytes = 6;

  std::string_view id;  // both point into the parsed text
  std::string_view secret;

  // Nothing if `text` has another shape, kind or checksum.
  static std::optional<KeyText> parse(SecretKind kind, std::string_view text);
  Digest digest() const { return Digest::of(secret); }
};

// "sk-ps-", "pt-ps-", "ss-ps-", "su-ps-".
std::string_view secret_prefix(SecretKind kind);

// A new text. With an `id`, a new secret for that one.
std::string make_key_text(SecretKind kind, Random& random, std::string_view id = {});

// `count` characters of 0-9A-Za-z, each equally likely.
std::string random_base62(Random& random, size_t count);

}  // namespace penstock::access
