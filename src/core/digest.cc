#include "core/digest.h"

#include <openssl/evp.h>

#include <cstdlib>

#include "core/text.h"

namespace penstock {
namespace {

constexpr std::string_view kPrefix = "sha256:";

int nibble(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

void check(int ok) {
  if (ok != 1) std::abort();  // only out of memory or a broken libcrypto
}

}  // namespace

struct Hasher::State {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  ~State() { EVP_MD_CTX_free(context); }
};

Hasher::Hasher() : state_(std::make_unique<State>()) {
  check(EVP_DigestInit_ex(state_->context, EVP_sha256(), nullptr));
}
Hasher::~Hasher() = default;
Hasher::Hasher(Hasher&&) noexcept = default;
Hasher& Hasher::operator=(Hasher&&) noexcept = default;

void Hasher::update(std::span<const std::byte> bytes) {
  check(EVP_DigestUpdate(state_->context, bytes.data(), bytes.size()));
}

Digest Hasher::finish() {
  Digest digest;
  check(EVP_DigestFinal_ex(state_->context, reinterpret_cast<unsigned char*>(digest.bytes.data()), nullptr));
  return digest;
}

Digest Digest::of(std::string_view content) {
  Hasher hasher;
  hasher.update(std::as_bytes(std::span(content)));
  return hasher.finish();
}

Result<Digest> Digest::parse(std::string_view text) {
  std::string_view digits = text.starts_with(kPrefix) ? text.substr(kPrefix.size()) : text;
  Digest digest;
  bool valid = digits.size() == 64;
  for (size_t i = 0; valid && i < 32; ++i) {
    int high = nibble(digits[2 * i]);
    int low = nibble(digits[2 * i + 1]);
    valid = high >= 0 && low >= 0;
    if (valid) digest.bytes[i] = static_cast<std::byte>(high * 16 + low);
  }
  if (!valid) return Failure(Error::invalid("digest", "not a SHA-256 digest: '" + std::string(text) + "'"));
  return digest;
}

std::string Digest::hex() const { return penstock::hex(bytes); }
std::string Digest::text() const { return std::string(kPrefix) + hex(); }

}  // namespace penstock
