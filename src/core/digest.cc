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

// Looked up once: EVP_sha256() would be resolved anew for every digest.
const EVP_MD* sha256() {
  static const EVP_MD* algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  return algorithm;
}

struct Context {
  Context() = default;
  ~Context() { EVP_MD_CTX_free(context); }
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  void begin() { check(EVP_DigestInit_ex2(context, sha256(), nullptr)); }
  void update(std::span<const std::byte> bytes) {
    check(EVP_DigestUpdate(context, bytes.data(), bytes.size()));
  }
  Digest finish() {
    Digest digest;
    check(EVP_DigestFinal_ex(context, reinterpret_cast<unsigned char*>(digest.bytes.data()), nullptr));
    return digest;
  }

  EVP_MD_CTX* context = EVP_MD_CTX_new();
};

}  // namespace

struct Hasher::State : Context {};

Hasher::Hasher() : state_(std::make_unique<State>()) { state_->begin(); }
Hasher::~Hasher() = default;
Hasher::Hasher(Hasher&&) noexcept = default;
Hasher& Hasher::operator=(Hasher&&) noexcept = default;

void Hasher::update(std::span<const std::byte> bytes) { state_->update(bytes); }

Digest Hasher::finish() { return state_->finish(); }

Digest Digest::of(std::string_view content) {
  thread_local Context context;  // every request's key comes here
  context.begin();
  context.update(std::as_bytes(std::span(content)));
  return context.finish();
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
