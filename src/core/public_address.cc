#include "core/public_address.h"

#include <arpa/inet.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>

namespace penstock {
namespace {

template <size_t size>
struct Block {
  std::array<uint8_t, size> prefix;
  int bits;
};

constexpr Block<4> kSpecialV4[] = {{{0, 0, 0, 0}, 8},      {{10, 0, 0, 0}, 8},     {{100, 64, 0, 0}, 10},
                                   {{127, 0, 0, 0}, 8},    {{169, 254, 0, 0}, 16}, {{172, 16, 0, 0}, 12},
                                   {{192, 0, 0, 0}, 24},   {{192, 0, 2, 0}, 24},   {{192, 88, 99, 0}, 24},
                                   {{192, 168, 0, 0}, 16}, {{198, 18, 0, 0}, 15},  {{198, 51, 100, 0}, 24},
                                   {{203, 0, 113, 0}, 24}, {{224, 0, 0, 0}, 4},    {{240, 0, 0, 0}, 4}};
constexpr Block<16> kGlobalV6 = {{0x20}, 3};  // 2000::/3 is all that is given to anybody
constexpr Block<16> kSpecialV6[] = {
    {{0x20, 0x01, 0x00}, 23}, {{0x20, 0x01, 0x0d, 0xb8}, 32}, {{0x3f, 0xff}, 20}};
constexpr Block<16> kMapped = {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, 96};
constexpr Block<16> kNat64 = {{0x00, 0x64, 0xff, 0x9b}, 96};
constexpr Block<16> k6to4 = {{0x20, 0x02}, 16};

template <size_t size>
bool is_in(const std::array<uint8_t, size>& address, const Block<size>& block) {
  for (int bit = 0; bit < block.bits; ++bit) {
    auto at = static_cast<size_t>(bit / 8);
    uint8_t mask = static_cast<uint8_t>(0x80U >> (bit % 8));
    if ((address[at] & mask) != (block.prefix[at] & mask)) return false;
  }
  return true;
}

bool is_public(const std::array<uint8_t, 4>& address) {
  for (const auto& block : kSpecialV4) {
    if (is_in(address, block)) return false;
  }
  return true;
}

std::array<uint8_t, 4> four_bytes(const std::array<uint8_t, 16>& address, size_t at) {
  return {address[at], address[at + 1], address[at + 2], address[at + 3]};
}

bool is_public(const std::array<uint8_t, 16>& address) {
  if (is_in(address, kMapped) || is_in(address, kNat64)) return is_public(four_bytes(address, 12));
  if (is_in(address, k6to4)) return is_public(four_bytes(address, 2));
  if (!is_in(address, kGlobalV6)) return false;
  for (const auto& block : kSpecialV6) {
    if (is_in(address, block)) return false;
  }
  return true;
}

template <size_t size>
std::optional<std::array<uint8_t, size>> parse(int family, std::string_view text) {
  std::array<uint8_t, size> bytes;
  if (inet_pton(family, std::string(text).c_str(), bytes.data()) != 1) return std::nullopt;
  return bytes;
}

}  // namespace

bool is_public_address(std::string_view address) {
  if (auto v4 = parse<4>(AF_INET, address)) return is_public(*v4);
  auto v6 = parse<16>(AF_INET6, address);
  return v6 && is_public(*v6);
}

bool is_ip_address(std::string_view address) {
  return parse<4>(AF_INET, address) || parse<16>(AF_INET6, address);
}

}  // namespace penstock
