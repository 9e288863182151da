#include "core/uuid.h"

namespace penstock {
namespace {

constexpr std::string_view kHex = "0123456789abcdef";

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool dash_before(size_t byte) { return byte == 4 || byte == 6 || byte == 8 || byte == 10; }

}  // namespace

Uuid Uuid::v7(const Clock& clock, Random& random) {
  Uuid id;
  uint64_t ms = static_cast<uint64_t>(clock.now().us / 1000);
  uint64_t high = random.next_u64();
  uint64_t low = random.next_u64();
  for (size_t i = 0; i < 6; ++i) id.bytes[i] = static_cast<uint8_t>(ms >> (8 * (5 - i)));
  id.bytes[6] = static_cast<uint8_t>(0x70 | (high & 0x0f));
  id.bytes[7] = static_cast<uint8_t>(high >> 8);
  for (size_t i = 8; i < 16; ++i) id.bytes[i] = static_cast<uint8_t>(low >> (8 * (i - 8)));
  id.bytes[8] = static_cast<uint8_t>(0x80 | (id.bytes[8] & 0x3f));
  return id;
}

std::optional<Uuid> Uuid::parse(std::string_view text) {
  if (text.size() != 36) return std::nullopt;
  Uuid id;
  size_t at = 0;
  for (size_t i = 0; i < 16; ++i) {
    if (dash_before(i) && text[at++] != '-') return std::nullopt;
    int high = hex_value(text[at++]);
    int low = hex_value(text[at++]);
    if (high < 0 || low < 0) return std::nullopt;
    id.bytes[i] = static_cast<uint8_t>(high * 16 + low);
  }
  return id;
}

std::string Uuid::text() const {
  std::string out(36, '-');
  size_t at = 0;
  for (size_t i = 0; i < 16; ++i) {
    if (dash_before(i)) ++at;
    out[at++] = kHex[bytes[i] >> 4];
    out[at++] = kHex[bytes[i] & 15];
  }
  return out;
}

int64_t Uuid::unix_ms() const {
  int64_t ms = 0;
  for (size_t i = 0; i < 6; ++i) ms = ms << 8 | bytes[i];
  return ms;
}

}  // namespace penstock
