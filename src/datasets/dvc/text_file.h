#pragma once

#include <string>
#include <string_view>

namespace penstock::datasets::dvc {

// DVC 2's guess, from the first 512 bytes of a piece: no NUL, and at most 30 % that is not plain text.
bool looks_like_text(std::string_view piece);
// With CR LF as LF.
std::string without_carriage_returns(std::string_view text);

}  // namespace penstock::datasets::dvc
