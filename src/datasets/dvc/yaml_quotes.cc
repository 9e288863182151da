#include "datasets/dvc/yaml_quotes.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/text.h"

namespace penstock::datasets::dvc {
namespace {

std::u32string decoded(std::string_view text) {
  std::u32string out;
  while (!text.empty()) {
    size_t length = std::max<size_t>(1, utf8_sequence_length(text));
    char32_t c = static_cast<unsigned char>(text[0]);
    if (length > 1) c &= 0xFFU >> (length + 1);
    for (size_t i = 1; i < length; ++i) c = c << 6 | (static_cast<unsigned char>(text[i]) & 0x3F);
    out += c;
    text.remove_prefix(length);
  }
  return out;
}

void append(std::string& out, std::u32string_view text) {
  for (char32_t c : text) {
    if (c < 0x80) {
      out += static_cast<char>(c);
      continue;
    }
    int rest = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
    out += static_cast<char>((0xF00U >> rest & 0xFF) | c >> 6 * rest);
    while (rest-- > 0) out += static_cast<char>(0x80 | (c >> 6 * rest & 0x3F));
  }
}

bool stands_as_it_is(char32_t c) {
  if (c == U'"' || c == U'\\' || c == 0x85 || c == 0x2028 || c == 0x2029 || c == 0xFEFF) return false;
  return (c >= 0x20 && c <= 0x7E) || (c >= 0xA0 && c <= 0xD7FF) || (c >= 0xE000 && c <= 0xFFFD) ||
         c >= 0x10000;
}

std::string escape(char32_t c) {
  constexpr std::u32string_view kFrom = U"\a\b\t\n\v\f\r\x1b\"\\\x85\xA0\x2028\x2029";
  constexpr std::string_view kTo = "abtnvfre\"\\N_LP";
  if (c == 0) return "\\0";
  if (size_t at = kFrom.find(c); at != std::u32string_view::npos) return std::string{'\\', kTo[at]};
  auto code = static_cast<uint32_t>(c);
  return code <= 0xFF ? fmt::format("\\x{:02X}", code) : fmt::format("\\u{:04X}", code);
}

// Whether a fold before `end` must say with a backslash that its line break is no space.
bool fold_needs_backslash(std::u32string_view text, size_t start, size_t end) {
  size_t space = text.find(U' ', end);
  if (space == std::u32string_view::npos) return true;
  size_t line = text.substr(0, space).find(U'\n', end);
  if (line != std::u32string_view::npos) space = line;
  if (space + 1 >= text.size()) return true;
  char32_t next = text[space + 1];
  if (text[space] == U'\n' && next != U' ') return true;
  std::u32string_view word = text.substr(end, space - end);
  bool quotes = word.contains(U'"') || word.contains(U'\'');
  return quotes || next == U' ' || next == U'\n' || text.substr(end - 1, 2) == U"  " || start == end;
}

}  // namespace

std::string double_quoted(std::string_view plain, size_t column, size_t indent, size_t width) {
  std::u32string whole = decoded(plain);
  std::u32string_view text = whole;
  std::string out = "\"";
  ++column;
  size_t start = 0;
  for (size_t end = 0; end <= text.size(); ++end) {
    bool at_end = end == text.size();
    if (at_end || !stands_as_it_is(text[end])) {
      if (start < end) {
        append(out, text.substr(start, end - start));
        column += end - start;
        start = end;
      }
      if (!at_end) {
        std::string escaped = escape(text[end]);
        column += escaped.size();
        out += escaped;
        start = end + 1;
      }
    }
    bool inside = end > 0 && end + 1 < text.size();
    size_t pending = start < end ? end - start : 0;
    if (!inside || (text[end] != U' ' && start < end) || column + end - start <= width || width == plain.npos)
      continue;
    bool backslash = fold_needs_backslash(text, start, end);
    append(out, text.substr(start, pending));
    if (backslash) out += '\\';
    start = std::max(start, end);
    out += '\n';
    out.append(indent, ' ');
    column = indent;
    if (text[start] == U' ') {
      if (backslash) {
        out += '\\';
        ++column;
      } else {
        ++start;
      }
    }
  }
  return out + "\"";
}

}  // namespace penstock::datasets::dvc
