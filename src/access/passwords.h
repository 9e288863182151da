#pragma once

#include <string>
#include <string_view>

#include "core/random.h"
#include "core/result.h"

namespace penstock::access {

// Argon2id (RFC 9106) with the parameters of OWASP's password storage sheet: 19 MiB, 2 passes, 1 lane. Takes
// tens of milliseconds: call both on a pool. The text holds parameters and salt: "$argon2id$v=19$m=...".
Result<std::string> hash_password(std::string_view password, Random& random);
bool password_matches(std::string_view password, const std::string& hash);

// As long to check as a real one; nobody has it. For addresses that no account has, so that the time of an
// answer does not tell who has one.
const std::string& nobodys_hash();

// 12 to 256 bytes, not only one character. kInvalidArgument naming "password".
Result<void> check_password(std::string_view password);

}  // namespace penstock::access
