#include "access/passwords.h"

#include <argon2.h>

#include <array>
#include <cstdint>
#include <cstring>

namespace penstock::access {
namespace {

constexpr uint32_t kMemoryKib = 19'456;
constexpr uint32_t kPasses = 2;
constexpr uint32_t kLanes = 1;
constexpr size_t kSaltBytes = 16;
constexpr size_t kHashBytes = 32;
constexpr size_t kEncodedBytesMax = 256;
constexpr size_t kPasswordBytesMin = 12;
constexpr size_t kPasswordBytesMax = 256;

}  // namespace

Result<std::string> hash_password(std::string_view password, Random& random) {
  std::array<uint64_t, kSaltBytes / 8> salt{};
  for (uint64_t& word : salt) word = random.next_u64();
  std::array<char, kEncodedBytesMax> encoded{};
  int failure = argon2id_hash_encoded(kPasses, kMemoryKib, kLanes, password.data(), password.size(),
                                      salt.data(), kSaltBytes, kHashBytes, encoded.data(), encoded.size());
  if (failure == ARGON2_OK) return std::string(encoded.data());
  return Failure(Error::internal(std::string("argon2id: ") + argon2_error_message(failure)));
}

bool password_matches(std::string_view password, const std::string& hash) {
  if (password.size() > kPasswordBytesMax) return false;
  return argon2id_verify(hash.c_str(), password.data(), password.size()) == ARGON2_OK;
}

const std::string& nobodys_hash() {
  static const std::string kHash = [] {
    std::string unknown(32, '\0');
    for (char& c : unknown) c = static_cast<char>(system_random().next_u64());
    return hash_password(unknown, system_random()).value_or("");
  }();
  return kHash;
}

Result<void> check_password(std::string_view password) {
  bool one_character = !password.empty() && password.find_first_not_of(password[0]) == std::string_view::npos;
  if (password.size() >= kPasswordBytesMin && password.size() <= kPasswordBytesMax && !one_character)
    return {};
  return Failure(Error::invalid("password",
                                "'password' must be 12 to 256 bytes long, and more than one "
                                "character repeated"));
}

}  // namespace penstock::access
