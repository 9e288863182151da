#include "core/md5.h"

#include <openssl/evp.h>

#include <cstdlib>

namespace penstock {
namespace {

void check(int ok) {
  if (ok != 1) std::abort();  // only out of memory or a broken libcrypto
}

}  // namespace

struct Md5Hasher::State {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  State() { begin(); }
  ~State() { EVP_MD_CTX_free(context); }
  void begin() const { check(EVP_DigestInit_ex(context, EVP_md5(), nullptr)); }
};

Md5Hasher::Md5Hasher() : state_(std::make_unique<State>()) {}
Md5Hasher::~Md5Hasher() = default;
Md5Hasher::Md5Hasher(Md5Hasher&&) noexcept = default;
Md5Hasher& Md5Hasher::operator=(Md5Hasher&&) noexcept = default;

void Md5Hasher::update(std::span<const std::byte> bytes) {
  check(EVP_DigestUpdate(state_->context, bytes.data(), bytes.size()));
}

Md5 Md5Hasher::finish() {
  Md5 digest;
  check(EVP_DigestFinal_ex(state_->context, reinterpret_cast<unsigned char*>(digest.data()), nullptr));
  state_->begin();
  return digest;
}

Md5 md5_of(std::string_view content) {
  Md5Hasher hasher;
  hasher.update(std::as_bytes(std::span(content)));
  return hasher.finish();
}

}  // namespace penstock
