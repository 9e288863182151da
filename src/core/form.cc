#include "core/form.h"

#include "core/text.h"

namespace penstock {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::string form_decode(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 && hex_digit(text[i + 2]) >= 0) {
      out += static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
      i += 2;
    } else {
      out += text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

std::vector<std::pair<std::string, std::string>> form_pairs(std::string_view form) {
  std::vector<std::pair<std::string, std::string>> pairs;
  if (form.empty()) return pairs;
  for (std::string_view pair : split(form, '&')) {
    if (pair.empty()) continue;
    size_t equals = pair.find('=');
    std::string_view value = equals == std::string_view::npos ? "" : pair.substr(equals + 1);
    pairs.emplace_back(form_decode(pair.substr(0, equals)), form_decode(value));
  }
  return pairs;
}

}  // namespace penstock
