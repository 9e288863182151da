#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace penstock {

std::string_view trim(std::string_view text);                       // ASCII space, tab, CR, LF
std::string to_lower(std::string_view text);                        // ASCII only
bool equals_ignoring_case(std::string_view a, std::string_view b);  // ASCII only
std::vector<std::string_view> split(std::string_view text, char separator);

// A whole decimal number and nothing else; no sign accepted for unsigned use, no white space.
std::optional<int64_t> parse_int(std::string_view text);
// A finite decimal number, nothing else.
std::optional<double> parse_number(std::string_view text);

// Length in bytes (1-4) of the well-formed UTF-8 sequence that `text` starts with; 0 if it starts with none
// (RFC 3629: no surrogates, no overlong forms, at most U+10FFFF).
size_t utf8_sequence_length(std::string_view text);
bool is_valid_utf8(std::string_view text);
std::string_view valid_utf8_prefix(std::string_view text);  // the longest well-formed one
// The longest prefix of at most `bytes_max` bytes that does not cut a sequence.
std::string_view utf8_prefix(std::string_view text, size_t bytes_max);

std::string base64(std::span<const std::byte> bytes);                // RFC 4648 §4, padded
std::string base64url(std::span<const std::byte> bytes);             // RFC 4648 §5, without padding
std::optional<std::string> decode_base64url(std::string_view text);  // strict: no padding, no spare bits
std::string hex(std::span<const std::byte> bytes);                   // lower case

// Everything but letters, digits and -._~ as %XX (RFC 3986 §2.3), for a part of a URL or form.
std::string percent_encode(std::string_view text);

// Levenshtein distance, for "did you mean". O(a*b); meant for identifiers.
size_t edit_distance(std::string_view a, std::string_view b);
// The candidate nearest to `text` if it is near enough to be a likely typing error, else empty.
std::string_view nearest(std::string_view text, std::span<const std::string_view> candidates);

}  // namespace penstock
