#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string_view>

namespace penstock {

// HMAC-SHA-256 (RFC 2104, FIPS 198-1).
std::array<std::byte, 32> hmac_sha256(std::span<const std::byte> key, std::string_view text);

}  // namespace penstock
