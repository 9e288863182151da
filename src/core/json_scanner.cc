#include "core/json_scanner.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>

#include "core/json_block.h"

namespace penstock {
namespace {

constexpr size_t kHexDigits = 4;  // of \uXXXX

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_high_surrogate(uint32_t unit) { return unit >= 0xD800 && unit <= 0xDBFF; }
bool is_low_surrogate(uint32_t unit) { return unit >= 0xDC00 && unit <= 0xDFFF; }

int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// The UTF-16 unit of "\uXXXX" at the start of `text`; nullopt if there is none.
std::optional<uint32_t> unit_of(std::string_view text) {
  if (text.size() < 2 + kHexDigits || text[0] != '\\' || text[1] != 'u') return std::nullopt;
  uint32_t unit = 0;
  for (char c : text.substr(2, kHexDigits)) {
    int digit = hex_value(c);
    if (digit < 0) return std::nullopt;
    unit = unit << 4 | static_cast<uint32_t>(digit);
  }
  return unit;
}

// What a one-letter escape stands for; zero: there is no such escape.
constexpr std::array<char, 128> make_escapes() {
  std::array<char, 128> escapes{};
  constexpr std::string_view kPairs = "\"\"\\\\//b\bf\fn\nr\rt\t";
  for (size_t i = 0; i < kPairs.size(); i += 2) escapes[static_cast<size_t>(kPairs[i])] = kPairs[i + 1];
  return escapes;
}
constexpr std::array<char, 128> kEscapes = make_escapes();

char escaped(char letter) {
  auto index = static_cast<unsigned char>(letter);
  return index < kEscapes.size() ? kEscapes[index] : '\0';
}

void append_utf8(std::string& out, uint32_t code) {
  auto tail = [&](int shift) { out += static_cast<char>(0x80 | (code >> shift & 0x3F)); };
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xC0 | code >> 6);
    tail(0);
  } else if (code < 0x10000) {
    out += static_cast<char>(0xE0 | code >> 12);
    tail(6);
    tail(0);
  } else {
    out += static_cast<char>(0xF0 | code >> 18);
    tail(12);
    tail(6);
    tail(0);
  }
}

// Appends what the escape at the start of `text` stands for, and returns its length.
size_t append_escape(std::string& out, std::string_view text) {
  constexpr size_t kUnitBytes = 2 + kHexDigits;
  std::optional<uint32_t> unit = unit_of(text);
  if (!unit) {
    if (text.size() > 1 && escaped(text[1]) != '\0') out += escaped(text[1]);
    return std::min<size_t>(2, text.size());
  }
  std::optional<uint32_t> low = is_high_surrogate(*unit) ? unit_of(text.substr(kUnitBytes)) : std::nullopt;
  if (low && is_low_surrogate(*low)) {
    append_utf8(out, 0x10000 + ((*unit - 0xD800) << 10) + (*low - 0xDC00));
    return 2 * kUnitBytes;
  }
  append_utf8(out, is_high_surrogate(*unit) || is_low_surrogate(*unit) ? 0xFFFD : *unit);
  return kUnitBytes;
}

}  // namespace

bool JsonScanner::fail(const char* why) {
  if (why_ == nullptr) why_ = why;
  return false;
}

std::string JsonScanner::problem() const {
  return "at byte " + std::to_string(at_ - begin_) + ": " + (why_ == nullptr ? "unexpected text" : why_);
}

void JsonScanner::skip_space() {
  while (at_ != end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\r' || *at_ == '\t')) ++at_;
}

bool JsonScanner::at_end() {
  skip_space();
  return at_ == end_;
}

bool JsonScanner::take(char c) {
  skip_space();
  if (at_ == end_ || *at_ != c) return false;
  ++at_;
  return true;
}

std::string_view JsonScanner::string() {
  skip_space();
  const char* from = at_;
  return skip_string() ? std::string_view(from, static_cast<size_t>(at_ - from)) : std::string_view{};
}

std::string_view JsonScanner::value() {
  skip_space();
  const char* from = at_;
  return skip_value() ? std::string_view(from, static_cast<size_t>(at_ - from)) : std::string_view{};
}

bool JsonScanner::skip_value() {
  uint64_t objects = 0;  // the innermost level in the lowest bit: set for an object
  static_assert(kDepthMax <= 64);
  int depth = 0;
  while (true) {
    skip_space();
    if (at_ == end_) return fail("a value is missing");
    if (*at_ == '{' || *at_ == '[') {
      bool is_object = *at_++ == '{';
      if (!take(is_object ? '}' : ']')) {
        if (depth == kDepthMax) return fail("the nesting is too deep");
        ++depth;
        objects = objects << 1 | (is_object ? 1 : 0);
        if (is_object && !skip_key()) return false;
        continue;
      }
    } else if (*at_ == '"') {
      if (!skip_string()) return false;
    } else if (!(*at_ == 't'   ? skip_literal("true")
                 : *at_ == 'f' ? skip_literal("false")
                 : *at_ == 'n' ? skip_literal("null")
                               : skip_number())) {
      return false;
    }
    // A value has ended, and with it perhaps those around it.
    while (depth > 0 && !take(',')) {
      if (!take((objects & 1) != 0 ? '}' : ']')) return fail("a comma or an end is missing");
      objects >>= 1;
      --depth;
    }
    if (depth == 0) return true;
    if ((objects & 1) != 0 && !skip_key()) return false;
  }
}

bool JsonScanner::skip_key() {
  skip_space();
  return skip_string() && (take(':') || fail("a colon is missing"));
}

bool JsonScanner::skip_string() {
  if (at_ == end_ || *at_ != '"') return fail("a string is missing");
  ++at_;
  while (true) {
    skip_plain();
    if (at_ == end_) return fail("a string has no end");
    if (*at_ == '"') {
      ++at_;
      return true;
    }
    if (*at_ != '\\') return fail("a control character stands in a string");
    if (end_ - at_ > 1 && escaped(at_[1]) != '\0') {
      at_ += 2;
    } else if (!skip_unit_escape()) {
      return fail("an escape in a string is malformed");
    }
  }
}

// To the next byte of a string that is special, or to the end.
void JsonScanner::skip_plain() {
  while (end_ - at_ >= static_cast<ptrdiff_t>(JsonBlock::kBytes)) {
    uint32_t marks = JsonBlock(at_).marks();
    if (marks != 0) {
      at_ += std::countr_zero(marks);
      return;
    }
    at_ += JsonBlock::kBytes;
  }
  while (at_ != end_ && !is_json_special(*at_)) ++at_;
}

// \uXXXX, or two that are one character.
bool JsonScanner::skip_unit_escape() {
  std::string_view rest(at_, static_cast<size_t>(end_ - at_));
  std::optional<uint32_t> unit = unit_of(rest);
  if (!unit || is_low_surrogate(*unit)) return false;
  at_ += 2 + kHexDigits;
  if (!is_high_surrogate(*unit)) return true;
  std::optional<uint32_t> low = unit_of(rest.substr(2 + kHexDigits));
  if (!low || !is_low_surrogate(*low)) return false;
  at_ += 2 + kHexDigits;
  return true;
}

bool JsonScanner::skip_digits() {
  const char* from = at_;
  while (at_ != end_ && is_digit(*at_)) ++at_;
  return at_ != from || fail("a number is malformed");
}

bool JsonScanner::skip_number() {
  if (*at_ != '-' && !is_digit(*at_)) return fail("this is no value");
  if (*at_ == '-') ++at_;
  bool leads_with_zero = at_ != end_ && *at_ == '0';
  const char* from = at_;
  if (!skip_digits()) return false;
  if (leads_with_zero && at_ - from > 1) return fail("a number begins with a zero");
  if (at_ != end_ && *at_ == '.') {
    ++at_;
    if (!skip_digits()) return false;
  }
  if (at_ != end_ && (*at_ == 'e' || *at_ == 'E')) {
    ++at_;
    if (at_ != end_ && (*at_ == '+' || *at_ == '-')) ++at_;
    if (!skip_digits()) return false;
  }
  return true;
}

bool JsonScanner::skip_literal(std::string_view literal) {
  if (!std::string_view(at_, static_cast<size_t>(end_ - at_)).starts_with(literal)) {
    return fail("this is no value");
  }
  at_ += literal.size();
  return true;
}

void append_json_unescaped(std::string& out, std::string_view inner) {
  while (true) {
    size_t slash = inner.find('\\');
    out += inner.substr(0, slash);
    if (slash == std::string_view::npos) return;
    inner.remove_prefix(slash);
    inner.remove_prefix(append_escape(out, inner));
  }
}

}  // namespace penstock
