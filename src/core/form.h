#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

// Queries and forms: application/x-www-form-urlencoded (WHATWG URL, §5).
namespace penstock {

// One name or value, decoded. A percent sign that begins no pair of hexadecimal digits stands for itself.
std::string form_decode(std::string_view text);

// Every pair, decoded, in order; one without "=" has an empty value.
std::vector<std::pair<std::string, std::string>> form_pairs(std::string_view form);

}  // namespace penstock
