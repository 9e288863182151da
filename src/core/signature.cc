#include "core/signature.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include <string>
#include <tuple>

namespace penstock {
namespace {

constexpr int kRsaBitsMin = 2048;
constexpr int kRsaBitsMax = 8192;
constexpr size_t kNumberBytes = 32;  // of P-256

template <auto kFree>
struct Deleter {
  template <class T>
  void operator()(T* object) const {
    kFree(object);
  }
};
using Number = std::unique_ptr<BIGNUM, Deleter<BN_free>>;
using Key = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Deleter<EVP_PKEY_CTX_free>>;
using Builder = std::unique_ptr<OSSL_PARAM_BLD, Deleter<OSSL_PARAM_BLD_free>>;
using Parameters = std::unique_ptr<OSSL_PARAM, Deleter<OSSL_PARAM_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Deleter<EVP_MD_CTX_free>>;
using EcSignature = std::unique_ptr<ECDSA_SIG, Deleter<ECDSA_SIG_free>>;

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

Number number_of(std::string_view big_endian) {
  return Number(BN_bin2bn(bytes_of(big_endian), static_cast<int>(big_endian.size()), nullptr));
}

Key key_of(const char* type, OSSL_PARAM_BLD* builder) {
  Parameters parameters(OSSL_PARAM_BLD_to_param(builder));
  KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  EVP_PKEY* key = nullptr;
  if (!parameters || !context || EVP_PKEY_fromdata_init(context.get()) != 1) return nullptr;
  if (EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1) return nullptr;
  return Key(key);
}

// r and s as the DER that libcrypto reads; empty if they are not that.
std::string der_of(std::string_view signature) {
  if (signature.size() != 2 * kNumberBytes) return {};
  EcSignature parsed(ECDSA_SIG_new());
  Number r = number_of(signature.substr(0, kNumberBytes));
  Number s = number_of(signature.substr(kNumberBytes));
  if (!parsed || !r || !s || ECDSA_SIG_set0(parsed.get(), r.get(), s.get()) != 1) return {};
  std::ignore = r.release();
  std::ignore = s.release();
  unsigned char* der = nullptr;
  int size = i2d_ECDSA_SIG(parsed.get(), &der);
  if (size <= 0) return {};
  std::string text(reinterpret_cast<const char*>(der), static_cast<size_t>(size));
  OPENSSL_free(der);
  return text;
}

}  // namespace

struct PublicKey::State {
  Key key;
};

Result<PublicKey> PublicKey::rsa(std::string_view modulus, std::string_view exponent) {
  constexpr size_t kModulusBytesMax = kRsaBitsMax / 8;
  constexpr size_t kExponentBytesMax = 8;
  Error invalid = Error::invalid("", "not an RSA key of 2048 to 8192 bits");
  if (modulus.size() > kModulusBytesMax || exponent.size() > kExponentBytesMax) return Failure(invalid);
  Number n = number_of(modulus);
  Number e = number_of(exponent);
  Builder builder(OSSL_PARAM_BLD_new());
  if (!n || !e || !builder || BN_num_bits(n.get()) < kRsaBitsMin) return Failure(invalid);
  if (OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) != 1 ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) != 1) {
    return Failure(invalid);
  }
  Key key = key_of("RSA", builder.get());
  if (!key) return Failure(invalid);
  return PublicKey(SignatureKind::kRs256, std::make_shared<const State>(State{std::move(key)}));
}

Result<PublicKey> PublicKey::p256(std::string_view x, std::string_view y) {
  Error invalid = Error::invalid("", "not a point on P-256");
  Builder builder(OSSL_PARAM_BLD_new());
  if (x.size() != kNumberBytes || y.size() != kNumberBytes || !builder) return Failure(invalid);
  std::string point = "\x04" + std::string(x) + std::string(y);
  if (OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0) != 1 ||
      OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()) !=
          1) {
    return Failure(invalid);
  }
  Key key = key_of("EC", builder.get());
  if (!key) return Failure(invalid);
  return PublicKey(SignatureKind::kEs256, std::make_shared<const State>(State{std::move(key)}));
}

bool PublicKey::verifies(std::string_view message, std::string_view signature) const {
  std::string der = kind_ == SignatureKind::kEs256 ? der_of(signature) : std::string(signature);
  DigestContext context(EVP_MD_CTX_new());
  if (der.empty() || !context) return false;
  if (EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, state_->key.get()) != 1)
    return false;
  return EVP_DigestVerify(context.get(), bytes_of(der), der.size(), bytes_of(message), message.size()) == 1;
}

}  // namespace penstock
