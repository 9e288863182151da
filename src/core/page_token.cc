#include "core/page_token.h"

#include <algorithm>
#include <span>

#include "core/text.h"

namespace penstock {
namespace {

constexpr size_t kTokenBytesMax = 64 << 10;

// In MLflow's words, whose decoder leaves out what is not base64.
Failure no_token(std::string_view token) {
  bool has_base64 = std::ranges::any_of(token, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '+' || c == '/';
  });
  return Failure(Error::invalid("page_token", has_base64 ? "Invalid page token, could not base64-decode"
                                                         : "Invalid page token, decoded value=b''"));
}

}  // namespace

std::string make_page_token(const JsonArray& keys) {
  std::string text = to_json(keys);
  return base64url(std::as_bytes(std::span(text)));
}

Result<JsonArray> read_page_token(std::string_view token, size_t count) {
  auto text = token.size() <= kTokenBytesMax ? decode_base64url(token) : std::nullopt;
  auto json =
      text ? parse_json(*text, {.bytes_max = kTokenBytesMax, .depth_max = 2}) : Result<Json>(no_token(token));
  if (!json || !json->is_array()) return no_token(token);
  if (json->get_array().size() == count) return std::move(json->get_array());
  return Failure(Error::invalid("page_token",
                                "Invalid page token: it must be the next_page_token of a page of the same "
                                "search with the same order"));
}

}  // namespace penstock
