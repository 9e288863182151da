#include "core/json_ascii.h"

#include <cstdint>

#include "core/json_writer.h"
#include "core/text.h"

namespace penstock {

std::string json_quoted_ascii(std::string_view text) {
  std::string quoted = json_quoted(text);
  std::string out;
  out.reserve(quoted.size());
  auto append_unit = [&out](uint32_t unit) {
    constexpr std::string_view kHex = "0123456789abcdef";
    out += "\\u";
    for (int shift : {12, 8, 4, 0}) out += kHex[(unit >> shift) & 15];
  };
  for (std::string_view rest = quoted; !rest.empty();) {
    size_t length = utf8_sequence_length(rest);
    if (length <= 1) {
      out += rest[0];
      rest.remove_prefix(1);
      continue;
    }
    uint32_t code = static_cast<unsigned char>(rest[0]) & (0x7F >> length);
    for (size_t i = 1; i < length; ++i) code = code << 6 | (static_cast<unsigned char>(rest[i]) & 0x3F);
    if (code < 0x10000) {
      append_unit(code);
    } else {  // a pair of surrogates (RFC 8259 §7)
      append_unit(0xD800 + ((code - 0x10000) >> 10));
      append_unit(0xDC00 + ((code - 0x10000) & 0x3FF));
    }
    rest.remove_prefix(length);
  }
  return out;
}

}  // namespace penstock
