#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/clock.h"
#include "core/random.h"

namespace penstock {

// A UUID version 7 (RFC 9562 §5.7): 48 bits of Unix milliseconds, then random bits, so that ids sort by time.
struct Uuid {
  std::array<uint8_t, 16> bytes{};
  auto operator<=>(const Uuid&) const = default;

  static Uuid v7(const Clock& clock, Random& random);
  static std::optional<Uuid> parse(std::string_view text);  // 36 characters, hex in either case
  std::string text() const;                                 // lower case, with dashes
  int64_t unix_ms() const;
};

}  // namespace penstock
