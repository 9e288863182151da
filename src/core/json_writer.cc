#include "core/json_writer.h"

#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>

#include "core/text.h"

namespace penstock {
namespace {

void append_escaped(std::string& out, unsigned char c) {
  constexpr std::string_view kHex = "0123456789abcdef";
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    case '\b':
      out += "\\b";
      return;
    case '\f':
      out += "\\f";
      return;
    default:
      break;
  }
  out += "\\u00";
  out += kHex[c >> 4];
  out += kHex[c & 15];
}

bool is_plain(unsigned char c) { return c >= 0x20 && c < 0x80 && c != '"' && c != '\\'; }

// Length of the run at the start of `text` that a JSON string holds as it is: ASCII but for controls, quote
// and backslash. Eight bytes at a time, because recorded bodies pass here on the request path.
size_t plain_run(std::string_view text) {
  static_assert(std::endian::native == std::endian::little);
  constexpr uint64_t kOnes = 0x0101010101010101;
  constexpr uint64_t kHighs = 0x8080808080808080;
  // Marks the bytes below `limit` (at most 0x80); what stands above the first of them may be marked wrongly.
  auto below = [](uint64_t word, uint64_t limit) { return (word - kOnes * limit) & ~word & kHighs; };
  size_t i = 0;
  for (; i + 8 <= text.size(); i += 8) {
    uint64_t word;
    std::memcpy(&word, text.data() + i, 8);
    uint64_t special =
        (word & kHighs) | below(word, 0x20) | below(word ^ kOnes * '"', 1) | below(word ^ kOnes * '\\', 1);
    if (special != 0) return i + static_cast<size_t>(std::countr_zero(special)) / 8;
  }
  while (i < text.size() && is_plain(static_cast<unsigned char>(text[i]))) ++i;
  return i;
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  size_t kept = 0;  // start of the run that needs no change
  for (size_t i = plain_run(text); i < text.size(); i += plain_run(text.substr(i))) {
    auto c = static_cast<unsigned char>(text[i]);
    size_t length = c < 0x80 ? 0 : utf8_sequence_length(text.substr(i));
    if (length > 0) {
      i += length;
      continue;
    }
    out += text.substr(kept, i - kept);
    if (c < 0x80) {
      append_escaped(out, c);
    } else {
      out += "\xEF\xBF\xBD";
    }
    kept = ++i;
  }
  out += text.substr(kept);
  out += '"';
}

std::string json_quoted(std::string_view text) {
  std::string out;
  out.reserve(text.size() + 2);
  append_json_string(out, text);
  return out;
}

void append_json_number(std::string& out, double value) {
  if (!std::isfinite(value)) {
    out += "null";
    return;
  }
  std::array<char, 32> buffer;
  auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
  out.append(buffer.data(), end);
}

}  // namespace penstock
