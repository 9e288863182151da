#include "core/page_token.h"

#include <span>

#include "core/text.h"

namespace penstock {
namespace {

constexpr size_t kTokenBytesMax = 64 << 10;

}  // namespace

std::string make_page_token(const JsonArray& keys) {
  std::string text = to_json(keys);
  return base64url(std::as_bytes(std::span(text)));
}

Result<JsonArray> read_page_token(std::string_view token, size_t count) {
  auto text = token.size() <= kTokenBytesMax ? decode_base64url(token) : std::nullopt;
  if (!text) return Failure(Error::invalid("page_token", "Invalid page token, could not base64-decode"));
  auto json = parse_json(*text, {.bytes_max = kTokenBytesMax, .depth_max = 2});
  if (json && json->is_array() && json->get_array().size() == count) return std::move(json->get_array());
  return Failure(Error::invalid("page_token",
                                "Invalid page token: it must be the next_page_token of a page of the same "
                                "search with the same order"));
}

}  // namespace penstock
