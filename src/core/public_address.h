#pragma once

#include <string_view>

namespace penstock {

// Whether an IP address, as text, belongs to the internet at large: not to a private network, this machine, a
// link, documentation, multicast or anything else of IANA's special-purpose registries (RFC 6890). IPv6
// addresses that carry an IPv4 one (mapped, NAT64, 6to4) are judged by that. False for what is no address.
bool is_public_address(std::string_view address);

// Whether it is an IP address at all.
bool is_ip_address(std::string_view address);

}  // namespace penstock
