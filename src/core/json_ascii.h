#pragma once

#include <string>
#include <string_view>

namespace penstock {

// `text` as a JSON string with every character beyond ASCII as \uXXXX, as Python's json.dumps writes it.
std::string json_quoted_ascii(std::string_view text);

}  // namespace penstock
