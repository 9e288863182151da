#pragma once

#include <bit>
#include <cstring>
#include <span>
#include <string_view>

// Integers in files are little-endian.
namespace penstock::journal {

static_assert(std::endian::native == std::endian::little, "byte_order.h needs swapping here");

template <class T>
void store(char* at, T value) {
  std::memcpy(at, &value, sizeof value);
}

template <class T>
T load(const char* at) {
  T value{};
  std::memcpy(&value, at, sizeof value);
  return value;
}

template <class Bytes>
std::string_view view(const Bytes& bytes) {
  return {bytes.data(), bytes.size()};
}

}  // namespace penstock::journal
