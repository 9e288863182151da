#include "http/field_rules.h"

#include <algorithm>
#include <functional>

#include "core/text.h"

namespace penstock::http {

std::string_view FieldRules::check(std::string_view name, std::string_view value) {
  if (++count_ > count_max_) return "there are too many header fields";
  if (is_folded(name, value)) return "a header field is folded over several lines";
  if (equals_ignoring_case(name, "content-length")) {
    if (++lengths_ > 1) return "Content-Length is repeated";
    auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    if (value.empty() || !std::ranges::all_of(value, is_digit)) return "Content-Length is not a number";
  }
  if (equals_ignoring_case(name, "transfer-encoding")) {
    if (++encodings_ > 1) return "Transfer-Encoding is repeated";
    if (!equals_ignoring_case(value, "chunked")) return "Transfer-Encoding is not 'chunked'";
  }
  if (lengths_ > 0 && encodings_ > 0) return "Content-Length and Transfer-Encoding exclude each other";
  return {};
}

// Beast joins the lines of a folded value in a buffer of its own; only an empty first line is skipped in
// place.
bool FieldRules::is_folded(std::string_view name, std::string_view value) const {
  std::less<> before;
  const char* end = input_.data() + input_.size();
  if (before(value.data(), input_.data()) || before(end, value.data() + value.size())) return true;
  return std::find(name.data() + name.size(), value.data(), '\r') != value.data();
}

std::string_view describe(const boost::beast::error_code& failure) {
  using boost::beast::http::error;
  struct Row {
    error code;
    std::string_view text;
  };
  static constexpr Row kRows[] = {
      {error::bad_line_ending, "a line does not end in CR LF"},
      {error::bad_method, "the method is not a token"},
      {error::bad_target, "the request target holds a space or a control character"},
      {error::bad_version, "the version is not HTTP/1.0 or HTTP/1.1"},
      {error::bad_status, "the status is not three digits"},
      {error::bad_reason, "the reason phrase holds a control character"},
      {error::bad_field, "a header field's name is not a token"},
      {error::bad_value, "a header field's value holds a control character"},
      {error::bad_content_length, "Content-Length is not one number, or contradicts Transfer-Encoding"},
      {error::multiple_content_length, "Content-Length is repeated"},
      {error::bad_transfer_encoding, "Transfer-Encoding is repeated, or contradicts Content-Length"},
      {error::bad_chunk, "a chunk's size is malformed"},
      {error::bad_chunk_extension, "a chunk extension is malformed"},
      {error::bad_obs_fold, "a header field is folded over several lines"},
  };
  for (const Row& row : kRows) {
    if (failure == row.code) return row.text;
  }
  return "the message is malformed";
}

bool is_safe_extension(std::string_view extension) {
  auto is_plain = [](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != 0x7F; };
  return std::ranges::all_of(extension, [&](char c) { return is_plain(c) || c == '\t'; });
}

}  // namespace penstock::http
