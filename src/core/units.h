#pragma once

#include <compare>
#include <cstdint>

namespace penstock {

// A point in time: microseconds since the Unix epoch, UTC.
struct Timestamp {
  int64_t us = 0;
  auto operator<=>(const Timestamp&) const = default;
};

// An amount of money in nano-USD (1 USD = 1e9).
struct Money {
  int64_t nano_usd = 0;
  auto operator<=>(const Money&) const = default;
  Money operator+(Money other) const { return {nano_usd + other.nano_usd}; }
};

// How a token count came to be known.
enum class TokenSource : uint8_t { kNone, kCounted, kProvider };

// Tokens of one request in exclusive kinds: their sum is what was processed. (OpenAI's prompt_tokens is
// input + cached_input + cache_write + image; its completion_tokens is output + reasoning.)
struct TokenCounts {
  int64_t input = 0;
  int64_t cached_input = 0;
  int64_t cache_write = 0;     // kept for minutes (Anthropic: 5 minutes)
  int64_t cache_write_1h = 0;  // kept for an hour
  int64_t output = 0;
  int64_t reasoning = 0;
  int64_t audio = 0;
  int64_t image = 0;
  TokenSource source = TokenSource::kNone;

  bool operator==(const TokenCounts&) const = default;
};

}  // namespace penstock
