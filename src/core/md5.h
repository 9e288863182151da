#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

namespace penstock {

// MD5 (RFC 1321): for formats that prescribe it as a name of content (DVC, S3). No protection against
// anybody.
using Md5 = std::array<std::byte, 16>;

// Computes a digest piece by piece; after finish() it begins anew. One thread.
class Md5Hasher {
 public:
  Md5Hasher();
  ~Md5Hasher();
  Md5Hasher(Md5Hasher&&) noexcept;
  Md5Hasher& operator=(Md5Hasher&&) noexcept;
  void update(std::span<const std::byte> bytes);
  Md5 finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

Md5 md5_of(std::string_view content);

}  // namespace penstock
