#include "core/http_client.h"

#include "core/text.h"

namespace penstock {
namespace {

Error bad_url(std::string_view url, std::string_view why) {
  return Error::invalid("url", "'" + std::string(url) + "' " + std::string(why) +
                                   "; write http://host:port, https://host or unix:/path");
}

}  // namespace

Result<Endpoint> Endpoint::parse(std::string_view url) {
  Endpoint endpoint;
  if (url.starts_with("unix:")) {
    endpoint.unix_path = url.substr(5);
    if (endpoint.unix_path.empty()) return Failure(bad_url(url, "names no socket"));
    return endpoint;
  }
  std::string_view rest;
  if (url.starts_with("http://")) {
    rest = url.substr(7);
    endpoint.port = 80;
  } else if (url.starts_with("https://")) {
    rest = url.substr(8);
    endpoint.tls = true;
    endpoint.port = 443;
  } else {
    return Failure(bad_url(url, "has no known scheme"));
  }
  if (rest.find_first_of("@?# \t\r\n") != std::string_view::npos) {
    return Failure(bad_url(url, "holds a user, query, fragment or space"));
  }
  size_t slash = rest.find('/');
  std::string_view authority = rest.substr(0, slash);
  if (slash != std::string_view::npos) endpoint.prefix = rest.substr(slash);
  while (endpoint.prefix.ends_with('/')) endpoint.prefix.pop_back();
  size_t colon = authority.rfind(':');
  bool bracketed = authority.starts_with('[');
  if (colon != std::string_view::npos && (!bracketed || authority[colon - 1] == ']')) {
    auto port = parse_int(authority.substr(colon + 1));
    if (!port || *port < 1 || *port > 65535) return Failure(bad_url(url, "has no valid port"));
    endpoint.port = static_cast<uint16_t>(*port);
    authority = authority.substr(0, colon);
  }
  if (bracketed && authority.ends_with(']')) authority = authority.substr(1, authority.size() - 2);
  if (authority.empty()) return Failure(bad_url(url, "names no host"));
  endpoint.host = authority;
  return endpoint;
}

std::string Endpoint::text() const {
  if (!unix_path.empty()) return "unix:" + unix_path;
  bool bracket = host.find(':') != std::string::npos;
  return (tls ? "https://" : "http://") + (bracket ? "[" + host + "]" : host) + ":" + std::to_string(port) +
         prefix;
}

Task<Result<std::string>> read_all(HttpAnswer& answer, size_t bytes_max) {
  std::string body;
  while (true) {
    ASSIGN_OR_CO_RETURN(std::string_view piece, co_await answer.read());
    if (piece.empty()) co_return body;
    if (body.size() + piece.size() > bytes_max) {
      co_return Failure(
          Error{.code = ErrorCode::kTooLarge,
                .message = "the answer is larger than " + std::to_string(bytes_max) + " bytes"});
    }
    body.append(piece);
  }
}

}  // namespace penstock
