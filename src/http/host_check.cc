#include "http/host_check.h"

#include <algorithm>

#include "core/text.h"
#include "http/request_target.h"

namespace penstock::http {
namespace {

bool is_loopback(std::string_view host) {
  return host == "localhost" || host == "127.0.0.1" || host == "::1";
}

Error denied(std::string message, std::string reason) {
  return Error{
      .code = ErrorCode::kPermissionDenied, .message = std::move(message), .reason = std::move(reason)};
}

// Behind a proxy that ends TLS the schemes differ, so default ports count as none.
std::string_view significant_port(std::string_view port) { return port == "80" || port == "443" ? "" : port; }

bool is_same_origin(std::string_view origin, const HostPort& host) {
  size_t scheme = origin.starts_with("http://") ? 7 : origin.starts_with("https://") ? 8 : 0;
  if (scheme == 0) return false;
  auto parts = parse_host(origin.substr(scheme));
  return parts && parts->host == host.host && significant_port(parts->port) == significant_port(host.port);
}

}  // namespace

std::optional<Error> check_host(const Request& request, const std::vector<std::string>& allowed_hosts,
                                std::string_view bound_address) {
  auto host = parse_host(request.headers.get("host"));
  if (!host) return std::move(host).error();
  bool listed = std::ranges::any_of(
      allowed_hosts, [&](const std::string& allowed) { return equals_ignoring_case(allowed, host->host); });
  if (!listed && !is_loopback(host->host) && host->host != bound_address) {
    return denied("this server does not answer for host '" + host->host + "'; add it to allowed_hosts",
                  "host_not_allowed");
  }
  bool harmless = request.method == "GET" || request.method == "HEAD" || request.method == "OPTIONS";
  if (!harmless && request.headers.has("origin") && !is_same_origin(request.headers.get("origin"), *host)) {
    return denied("pages of another origin may not send this request", "origin_not_allowed");
  }
  return std::nullopt;
}

}  // namespace penstock::http
