#include "engine/hangul.h"

#include <cstdint>

#include "core/text.h"

namespace penstock::engine {
namespace {

// The names of the algorithm's constants in Unicode §3.12.2 are SBase, LBase, VBase, TBase, VCount, TCount.
constexpr uint32_t kSyllableFirst = 0xAC00;
constexpr uint32_t kSyllableLast = 0xD7A3;
constexpr uint32_t kLeadFirst = 0x1100;
constexpr uint32_t kVowelFirst = 0x1161;
constexpr uint32_t kTailBefore = 0x11A7;  // "no tail", one before the first
constexpr uint32_t kVowels = 21;
constexpr uint32_t kTails = 28;

constexpr size_t kUtf8Bytes = 3;  // of every code point here

uint32_t code_point(std::string_view three_bytes) {
  auto bits = [&](size_t i) { return static_cast<uint32_t>(static_cast<unsigned char>(three_bytes[i])); };
  return (bits(0) & 0x0F) << 12 | (bits(1) & 0x3F) << 6 | (bits(2) & 0x3F);
}

void append(std::string& text, uint32_t code_point) {
  text += static_cast<char>(0xE0 | code_point >> 12);
  text += static_cast<char>(0x80 | (code_point >> 6 & 0x3F));
  text += static_cast<char>(0x80 | (code_point & 0x3F));
}

}  // namespace

std::string decompose_hangul(std::string_view text) {
  std::string decomposed;
  decomposed.reserve(text.size());
  while (!text.empty()) {
    const size_t length = utf8_sequence_length(text);
    const uint32_t code = length == kUtf8Bytes ? code_point(text) : 0;
    if (code < kSyllableFirst || code > kSyllableLast) {
      const size_t bytes = length == 0 ? 1 : length;  // what is no UTF-8 stays as it is
      decomposed += text.substr(0, bytes);
      text.remove_prefix(bytes);
      continue;
    }
    const uint32_t index = code - kSyllableFirst;
    append(decomposed, kLeadFirst + index / (kVowels * kTails));
    append(decomposed, kVowelFirst + index % (kVowels * kTails) / kTails);
    if (const uint32_t tail = index % kTails; tail != 0) append(decomposed, kTailBefore + tail);
    text.remove_prefix(kUtf8Bytes);
  }
  return decomposed;
}

}  // namespace penstock::engine
