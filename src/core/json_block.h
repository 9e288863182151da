#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#if defined(__SSE2__)
#include <immintrin.h>
#endif

namespace penstock {

// What ends or escapes a JSON string (RFC 8259 §7): a quote, a backslash or a control character.
inline bool is_json_special(char c) { return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\'; }

// Sixteen bytes of text, looked at together.
struct JsonBlock {
  static constexpr size_t kBytes = 16;

#if defined(__SSE2__)
  explicit JsonBlock(const char* at) : bytes(_mm_loadu_si128(reinterpret_cast<const __m128i*>(at))) {}

  void store(char* to) const { _mm_storeu_si128(reinterpret_cast<__m128i*>(to), bytes); }
  bool is_ascii() const { return _mm_movemask_epi8(bytes) == 0; }
  // A bit for each special byte, the first byte in the lowest.
  uint32_t marks() const {
    __m128i quotes = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'));
    __m128i slashes = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'));
    __m128i controls = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1F)), bytes);
    return static_cast<uint32_t>(_mm_movemask_epi8(_mm_or_si128(_mm_or_si128(quotes, slashes), controls)));
  }

  __m128i bytes;
#else
  explicit JsonBlock(const char* at) { std::memcpy(bytes, at, kBytes); }

  void store(char* to) const { std::memcpy(to, bytes, kBytes); }
  bool is_ascii() const {
    unsigned char all = 0;
    for (char c : bytes) all |= static_cast<unsigned char>(c);
    return all < 0x80;
  }
  uint32_t marks() const {
    uint32_t marks = 0;
    for (size_t i = 0; i < kBytes; ++i) marks |= static_cast<uint32_t>(is_json_special(bytes[i])) << i;
    return marks;
  }

  char bytes[kBytes];
#endif
};

}  // namespace penstock
