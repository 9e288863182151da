#pragma once

#include <string>
#include <string_view>

#include "core/result.h"

namespace penstock::http {

// The content of a body that came with this Content-Encoding (RFC 9110 §8.4): "gzip", "deflate" (with or
// without zlib's frame) or "identity"; without it the body itself. kInvalidArgument for any other, and for
// bytes that are not whole; kTooLarge beyond `bytes_max`, so that a small body cannot fill the memory.
Result<std::string> decode_content(std::string_view encoding, std::string_view body, size_t bytes_max);

}  // namespace penstock::http
