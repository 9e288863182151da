#include "access/key_text.h"

#include <algorithm>
#include <array>
#include <utility>

namespace penstock::access {
namespace {

constexpr std::string_view kDigits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr std::array<std::string_view, 4> kPrefixes = {"sk-ps-", "pt-ps-", "ss-ps-", "su-ps-"};
constexpr size_t kPrefixBytes = 6;
constexpr size_t kTextBytes =
    kPrefixBytes + KeyText::kIdBytes + 1 + KeyText::kSecretBytes + 1 + KeyText::kChecksumBytes;

bool is_base62(std::string_view text) {
  return std::ranges::all_of(text, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
  });
}

// FNV-1a, 64 bits (RFC 9923), in base62: against typing errors, not against anybody.
std::string checksum(std::string_view text) {
  uint64_t hash = 14'695'981'039'346'656'037U;
  for (char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1'099'511'628'211U;
  std::string digits(KeyText::kChecksumBytes, '0');
  for (char& digit : digits) {
    digit = kDigits[hash % kDigits.size()];
    hash /= kDigits.size();
  }
  return digits;
}

}  // namespace

std::string_view secret_prefix(SecretKind kind) { return kPrefixes[std::to_underlying(kind)]; }

std::optional<KeyText> KeyText::parse(SecretKind kind, std::string_view text) {
  if (text.size() != kTextBytes || !text.starts_with(secret_prefix(kind))) return std::nullopt;
  KeyText parsed;
  parsed.id = text.substr(kPrefixBytes, kIdBytes);
  parsed.secret = text.substr(kPrefixBytes + kIdBytes + 1, kSecretBytes);
  std::string_view covered = text.substr(0, kTextBytes - kChecksumBytes - 1);
  bool dashes = text[kPrefixBytes + kIdBytes] == '-' && text[covered.size()] == '-';
  if (!dashes || !is_base62(parsed.id) || !is_base62(parsed.secret)) return std::nullopt;
  if (text.substr(covered.size() + 1) != checksum(covered)) return std::nullopt;
  return parsed;
}

std::string random_base62(Random& random, size_t count) {
  constexpr uint64_t kFair = 248;  // the largest multiple of 62 in a byte; what lies above would be unfair
  std::string text;
  text.reserve(count);
  while (text.size() < count) {
    uint64_t bits = random.next_u64();
    for (int i = 0; i < 8 && text.size() < count; ++i, bits >>= 8) {
      uint64_t byte = bits & 0xff;
      if (byte < kFair) text += kDigits[byte % kDigits.size()];
    }
  }
  return text;
}

std::string make_key_text(SecretKind kind, Random& random, std::string_view id) {
  std::string text(secret_prefix(kind));
  text += id.empty() ? random_base62(random, KeyText::kIdBytes) : std::string(id);
  text += '-';
  text += random_base62(random, KeyText::kSecretBytes);
  std::string sum = checksum(text);
  return text + '-' + sum;
}

}  // namespace penstock::access
