#include "core/json_writer.h"

#include <simdjson.h>

#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>

#include "core/text.h"

namespace penstock {
namespace {

// Writes the escape of a control character, a quote or a backslash (RFC 8259 §7), at most kEscapeMax bytes.
constexpr size_t kEscapeMax = 6;
char* write_escape(char* to, unsigned char c) {
  constexpr std::string_view kHex = "0123456789abcdef";
  constexpr std::string_view kShort = "\"\"\\\\\nn\rr\tt\bb\ff";  // pairs: the character, its letter
  *to++ = '\\';
  for (size_t i = 0; i < kShort.size(); i += 2) {
    if (static_cast<unsigned char>(kShort[i]) != c) continue;
    *to++ = kShort[i + 1];
    return to;
  }
  for (char digit : {'u', '0', '0', kHex[c >> 4], kHex[c & 15]}) *to++ = digit;
  return to;
}

bool needs_escape(unsigned char c) { return c < 0x20 || c == '"' || c == '\\'; }

// Marks, by the highest bit, the first of eight bytes that needs an escape; what stands behind it may be
// marked wrongly.
uint64_t escape_marks(uint64_t word) {
  constexpr uint64_t kOnes = 0x0101010101010101;
  constexpr uint64_t kHighs = 0x8080808080808080;
  auto below = [](uint64_t w, uint64_t limit) { return (w - kOnes * limit) & ~w & kHighs; };
  return below(word, 0x20) | below(word ^ kOnes * '"', 1) | below(word ^ kOnes * '\\', 1);
}

// Escapes `text` to `to`, where there is room for kEscapeMax bytes for each of its bytes and eight more.
// Eight bytes at a time, because recorded bodies pass here on the request path.
char* write_escaped(char* to, std::string_view text) {
  static_assert(std::endian::native == std::endian::little);
  constexpr size_t kWord = 8;
  size_t i = 0;
  while (i + kWord <= text.size()) {
    uint64_t word;
    std::memcpy(&word, text.data() + i, kWord);
    std::memcpy(to, &word, kWord);
    uint64_t marks = escape_marks(word);
    if (marks == 0) {
      to += kWord;
      i += kWord;
      continue;
    }
    size_t plain = static_cast<size_t>(std::countr_zero(marks)) / 8;
    i += plain;
    to = write_escape(to + plain, static_cast<unsigned char>(text[i++]));
  }
  for (; i < text.size(); ++i) {
    auto c = static_cast<unsigned char>(text[i]);
    if (needs_escape(c)) {
      to = write_escape(to, c);
    } else {
      *to++ = text[i];
    }
  }
  return to;
}

// Appends well-formed UTF-8, piece by piece, so that the room for escapes stays small.
void append_escaped(std::string& out, std::string_view text) {
  constexpr size_t kPiece = 512;
  out.reserve(out.size() + text.size() + text.size() / 8);
  while (!text.empty()) {
    std::string_view piece = text.substr(0, kPiece);
    size_t before = out.size();
    out.resize_and_overwrite(before + piece.size() * kEscapeMax + 8, [&](char* data, size_t) {
      return static_cast<size_t>(write_escaped(data + before, piece) - data);
    });
    text.remove_prefix(piece.size());
  }
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  if (simdjson::validate_utf8(text)) {
    append_escaped(out, text);
  } else {
    while (!text.empty()) {
      std::string_view valid = valid_utf8_prefix(text);
      append_escaped(out, valid);
      text.remove_prefix(valid.size());
      if (text.empty()) break;
      out += "\xEF\xBF\xBD";
      text.remove_prefix(1);
    }
  }
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
