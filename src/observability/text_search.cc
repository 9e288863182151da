#include "observability/text_search.h"

#include <algorithm>
#include <limits>

#include "core/json_writer.h"
#include "core/text.h"

namespace penstock::observability {
namespace {

constexpr auto kLower = [] {
  std::array<uint8_t, 256> table{};
  for (size_t c = 0; c < table.size(); ++c)
    table[c] = static_cast<uint8_t>(c >= 'A' && c <= 'Z' ? c + 32 : c);
  return table;
}();

uint8_t lower(char c) { return kLower[static_cast<uint8_t>(c)]; }

// As it stands between the quotes of a JSON string that keeps UTF-8.
std::string escaped(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out.substr(1, out.size() - 2);
}

void append_utf16(std::string& out, uint32_t unit) {
  constexpr std::string_view kHex = "0123456789abcdef";
  out += "\\u";
  for (int shift = 12; shift >= 0; shift -= 4) out += kHex[unit >> shift & 15];
}

uint32_t code_point(std::string_view sequence) {
  constexpr std::array<uint8_t, 5> kLeadMask = {0, 0x7F, 0x1F, 0x0F, 0x07};
  uint32_t point = static_cast<uint8_t>(sequence[0]) & kLeadMask[sequence.size()];
  for (char c : sequence.substr(1)) point = point << 6 | (static_cast<uint8_t>(c) & 0x3F);
  return point;
}

// `json` (valid UTF-8) with everything beyond ASCII written as UTF-16 escapes (RFC 8259 §7).
std::string ascii_only(std::string_view json) {
  std::string out;
  while (!json.empty()) {
    size_t length = std::max<size_t>(1, utf8_sequence_length(json));
    uint32_t point = code_point(json.substr(0, length));
    if (length == 1) {
      out += json[0];
    } else if (point < 0x10000) {
      append_utf16(out, point);
    } else {
      append_utf16(out, 0xD800 + ((point - 0x10000) >> 10));
      append_utf16(out, 0xDC00 + ((point - 0x10000) & 0x3FF));
    }
    json.remove_prefix(length);
  }
  return out;
}

}  // namespace

TextSearch::TextSearch(std::string_view needle) : needle_(to_lower(needle)) {
  auto length = static_cast<uint32_t>(std::min<size_t>(needle_.size(), std::numeric_limits<uint32_t>::max()));
  shift_.fill(length);
  for (uint32_t i = 0; i + 1 < length; ++i) shift_[static_cast<uint8_t>(needle_[i])] = length - 1 - i;
}

bool TextSearch::in(std::string_view haystack) const {
  if (needle_.empty()) return true;
  for (size_t at = 0; at + needle_.size() <= haystack.size();) {
    size_t last = needle_.size() - 1;
    uint8_t tail = lower(haystack[at + last]);
    if (tail == static_cast<uint8_t>(needle_[last]) &&
        std::equal(needle_.begin(), needle_.begin() + static_cast<ptrdiff_t>(last), haystack.begin() + at,
                   [](char wanted, char c) { return static_cast<uint8_t>(wanted) == lower(c); })) {
      return true;
    }
    at += shift_[tail];
  }
  return false;
}

JsonTextSearch::JsonTextSearch(std::string_view needle) {
  std::vector<std::string> spellings = {std::string(needle), escaped(needle)};
  spellings.push_back(ascii_only(spellings.back()));
  for (size_t i = 0; i < spellings.size(); ++i) {
    bool known = std::find(spellings.begin(), spellings.begin() + static_cast<ptrdiff_t>(i), spellings[i]) !=
                 spellings.begin() + static_cast<ptrdiff_t>(i);
    if (!known) spellings_.emplace_back(spellings[i]);
  }
}

bool JsonTextSearch::in(std::string_view json) const {
  return std::ranges::any_of(spellings_, [&](const TextSearch& spelling) { return spelling.in(json); });
}

}  // namespace penstock::observability
