#include "http/request_target.h"

#include <algorithm>
#include <optional>

#include "core/text.h"

namespace penstock::http {
namespace {

Error bad(std::string_view what) {
  return Error::invalid("target", "the request target " + std::string(what));
}

std::optional<int> hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return std::nullopt;
}

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }

Result<std::string> percent_decode(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    auto high = i + 2 < text.size() ? hex_value(text[i + 1]) : std::nullopt;
    auto low = high ? hex_value(text[i + 2]) : std::nullopt;
    if (!low) return Failure(bad("holds a '%' without two hex digits"));
    out += static_cast<char>(*high << 4 | *low);
    i += 2;
  }
  return out;
}

Result<std::string> normalise_path(std::string_view raw) {
  ASSIGN_OR_RETURN(std::string decoded, percent_decode(raw));
  if (std::ranges::any_of(decoded, is_control)) return Failure(bad("holds a control character"));
  if (!is_valid_utf8(decoded)) return Failure(bad("is not UTF-8"));
  std::string path;
  path.reserve(decoded.size());
  for (size_t at = 0; at < decoded.size();) {
    size_t end = std::min(decoded.find('/', at + 1), decoded.size());
    std::string_view segment = std::string_view(decoded).substr(at, end - at);
    if (segment == "/." || segment == "/..") return Failure(bad("holds a '.' or '..' segment"));
    if (segment != "/" || end == decoded.size()) path += segment;
    at = end;
  }
  return path;
}

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
}

}  // namespace

Result<RequestTarget> parse_target(std::string_view method, std::string_view target) {
  RequestTarget parts;
  auto foreign = [](char c) {
    return static_cast<unsigned char>(c) <= 0x20 || static_cast<unsigned char>(c) >= 0x7F;
  };
  if (std::ranges::any_of(target, foreign)) return Failure(bad("holds a byte that must be percent-encoded"));
  if (target.find('#') != std::string_view::npos) return Failure(bad("holds a fragment"));
  if (method == "OPTIONS" && target == "*") {
    parts.path = "*";
    return parts;
  }
  for (std::string_view scheme : {"http://", "https://"}) {
    if (!equals_ignoring_case(target.substr(0, scheme.size()), scheme)) continue;
    target.remove_prefix(scheme.size());
    size_t end = std::min(target.find_first_of("/?"), target.size());
    parts.authority = target.substr(0, end);
    if (parts.authority.empty()) return Failure(bad("names no host"));
    target.remove_prefix(end);
    if (target.empty() || target.front() == '?') parts.path = "/";
    break;
  }
  bool rooted = target.starts_with('/') || !parts.path.empty();
  if (!rooted) return Failure(bad("must begin with '/'"));
  size_t question = target.find('?');
  if (question != std::string_view::npos) parts.query = target.substr(question + 1);
  if (parts.path.empty()) {
    ASSIGN_OR_RETURN(parts.path, normalise_path(target.substr(0, question)));
  }
  return parts;
}

Result<HostPort> parse_host(std::string_view text) {
  Error refused = Error::invalid("host", "the Host header is not a host name or address");
  HostPort parts;
  std::string lower = to_lower(text);
  std::string_view rest = lower;
  if (rest.starts_with('[')) {
    size_t end = rest.find(']');
    if (end == std::string_view::npos) return Failure(std::move(refused));
    parts.host = rest.substr(1, end - 1);
    auto is_address = [](char c) { return hex_value(c) || c == ':' || c == '.'; };
    if (!std::ranges::all_of(parts.host, is_address)) return Failure(std::move(refused));
    rest.remove_prefix(end + 1);
  } else {
    size_t colon = std::min(rest.find(':'), rest.size());
    parts.host = rest.substr(0, colon);
    if (!std::ranges::all_of(parts.host, is_name_character)) return Failure(std::move(refused));
    rest.remove_prefix(colon);
  }
  if (!rest.empty()) {
    parts.port = rest.substr(1);
    auto port = parse_int(parts.port);
    bool digits = std::ranges::all_of(parts.port, [](char c) { return c >= '0' && c <= '9'; });
    if (rest.front() != ':' || !digits || !port || *port > 65535) return Failure(std::move(refused));
  }
  if (parts.host.empty()) return Failure(std::move(refused));
  return parts;
}

}  // namespace penstock::http
