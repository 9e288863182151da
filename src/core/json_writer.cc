#include "core/json_writer.h"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>

#include "core/json_block.h"
#include "core/text.h"

namespace penstock {
namespace {

// The letter behind the backslash, 'u' where the code follows; zero: none is needed (RFC 8259 §7).
constexpr std::array<char, 256> make_letters() {
  std::array<char, 256> letters{};
  for (size_t control = 0; control < 0x20; ++control) letters[control] = 'u';
  constexpr std::string_view kPairs = "\"\"\\\\\nn\rr\tt\bb\ff";
  for (size_t i = 0; i < kPairs.size(); i += 2) letters[static_cast<size_t>(kPairs[i])] = kPairs[i + 1];
  return letters;
}
constexpr std::array<char, 256> kLetters = make_letters();
constexpr size_t kEscapeMax = 6;  // bytes that one byte may become

char* write_escaped(char* to, char c) {
  constexpr std::string_view kHex = "0123456789abcdef";
  auto byte = static_cast<unsigned char>(c);
  char letter = kLetters[byte];
  if (letter == '\0') {
    *to++ = c;
    return to;
  }
  *to++ = '\\';
  *to++ = letter;
  if (letter == 'u') {
    for (char digit : {'0', '0', kHex[byte >> 4], kHex[byte & 15]}) *to++ = digit;
  }
  return to;
}

// Writes a block of text and returns where it ends. As many bytes again are read behind the block, and
// written behind that end, where other things follow later.
char* write_block(char* to, const char* at, const JsonBlock& block) {
  block.store(to);
  size_t done = 0;
  for (uint32_t marks = block.marks(); marks != 0; marks &= marks - 1) {
    auto special = static_cast<size_t>(std::countr_zero(marks));
    JsonBlock(at + done).store(to);
    to = write_escaped(to + (special - done), at[special]);
    done = special + 1;
  }
  if (done > 0) JsonBlock(at + done).store(to);
  return to + (JsonBlock::kBytes - done);
}

struct Escaped {
  char* end = nullptr;
  bool ascii = true;
};

// Writes `text` to `to`, where there is room for kEscapeMax bytes for each of its bytes and a block more. By
// blocks, because recorded bodies pass here on the request path.
Escaped write_escaped(char* to, std::string_view text) {
  constexpr size_t kReadAhead = 2 * JsonBlock::kBytes;  // see write_block
  bool ascii = true;
  const char* at = text.data();
  const char* end = at + text.size();
  for (; static_cast<size_t>(end - at) >= kReadAhead; at += JsonBlock::kBytes) {
    JsonBlock block(at);
    ascii = ascii && block.is_ascii();
    to = write_block(to, at, block);
  }
  for (; at != end; ++at) {
    ascii = ascii && static_cast<unsigned char>(*at) < 0x80;
    to = write_escaped(to, *at);
  }
  return {to, ascii};
}

// Appends `text` piece by piece, so that the room for escapes stays small. True: it was ASCII.
bool append_escaped(std::string& out, std::string_view text) {
  constexpr size_t kPiece = 1'024;
  bool ascii = true;
  while (!text.empty()) {
    std::string_view piece = text.substr(0, kPiece);
    size_t before = out.size();
    size_t room = before + piece.size() * kEscapeMax + 2 * JsonBlock::kBytes;
    if (out.capacity() < room) out.reserve(std::max(room, before + text.size() + text.size() / 8));
    out.resize_and_overwrite(room, [&](char* data, size_t) {
      Escaped written = write_escaped(data + before, piece);
      ascii = ascii && written.ascii;
      return static_cast<size_t>(written.end - data);
    });
    text.remove_prefix(piece.size());
  }
  return ascii;
}

// Names and most values: short, and nothing in them to be escaped.
constexpr size_t kShortBytes = 64;
bool append_if_plain(std::string& out, std::string_view text) {
  for (char c : text) {
    if (is_json_special(c) || static_cast<unsigned char>(c) >= 0x80) return false;
  }
  size_t before = out.size();
  size_t after = before + text.size() + 2;
  out.resize_and_overwrite(after, [&](char* data, size_t) {
    data[before] = '"';
    std::memcpy(data + before + 1, text.data(), text.size());
    data[after - 1] = '"';
    return after;
  });
  return true;
}

// What is not UTF-8 becomes U+FFFD, byte by byte.
void append_repaired(std::string& out, std::string_view text) {
  while (!text.empty()) {
    std::string_view valid = valid_utf8_prefix(text);
    append_escaped(out, valid);
    text.remove_prefix(valid.size());
    if (text.empty()) break;
    out += "\xEF\xBF\xBD";
    text.remove_prefix(1);
  }
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  if (text.size() <= kShortBytes && append_if_plain(out, text)) return;
  out += '"';
  size_t before = out.size();
  bool ascii = append_escaped(out, text);
  if (!ascii && !simdjson::validate_utf8(text)) {
    out.resize(before);
    append_repaired(out, text);
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
