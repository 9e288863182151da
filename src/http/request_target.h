#pragma once

#include <string>
#include <string_view>

#include "core/result.h"

namespace penstock::http {

// The parts of a request target (RFC 9112 §3.2).
struct RequestTarget {
  std::string path;       // decoded; "//" collapsed; "*" for OPTIONS *
  std::string query;      // raw
  std::string authority;  // of the absolute form "http://host:port/path"; empty otherwise
};

// kInvalidArgument for what two readers could take for different resources: "%2e", "." or ".." segments,
// broken percent signs, control characters, bytes that are not UTF-8; and for a target of another form.
Result<RequestTarget> parse_target(std::string_view method, std::string_view target);

// A Host value or the authority of an Origin, in lower case.
struct HostPort {
  std::string host;  // IPv6 without brackets
  std::string port;  // digits; empty if none
};

// kInvalidArgument unless `text` is a name or an address with an optional port (RFC 3986 §3.2, without user
// info).
Result<HostPort> parse_host(std::string_view text);

}  // namespace penstock::http
