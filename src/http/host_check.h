#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/http_message.h"

namespace penstock::http {

// Keeps foreign web pages out of a server that trusts its network: see ServerOptions::check_host.
// `bound_address` is the connection's own local address ("192.168.1.5", "::1"; empty for a Unix socket).
// kPermissionDenied with reason "host_not_allowed" or "origin_not_allowed".
std::optional<Error> check_host(const Request& request, const std::vector<std::string>& allowed_hosts,
                                std::string_view bound_address);

}  // namespace penstock::http
