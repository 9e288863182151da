#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "core/result.h"

namespace penstock {

// A SHA-256 digest (FIPS 180-4); as text always "sha256:" + 64 lower-case hex digits.
struct Digest {
  std::array<std::byte, 32> bytes{};
  auto operator<=>(const Digest&) const = default;

  static Digest of(std::string_view content);
  static Result<Digest> parse(std::string_view text);  // with or without the "sha256:" prefix
  std::string text() const;
  std::string hex() const;
};

// Computes a digest piece by piece. One thread.
class Hasher {
 public:
  Hasher();
  ~Hasher();
  Hasher(Hasher&&) noexcept;
  Hasher& operator=(Hasher&&) noexcept;
  void update(std::span<const std::byte> bytes);
  Digest finish();  // once

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace penstock
