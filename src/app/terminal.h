#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.h"
#include "core/units.h"

namespace penstock::app {

// Colour and progress are for people: only on a terminal, and not when NO_COLOR is set.
bool is_terminal(int fd);

enum class Style : uint8_t { kBold, kDim, kRed, kGreen, kYellow };
// `text` in a style on standard output, plain where that is no terminal.
std::string styled(std::string_view text, Style style);

// Rows in aligned columns, the first row being the head. Columns in `right` are aligned to the right.
std::string table(const std::vector<std::vector<std::string>>& rows, const std::vector<size_t>& right = {});

std::string bytes_text(int64_t bytes);     // "93.8 MiB"
std::string time_text(Timestamp time);     // "2026-11-24 18:20:16Z"
std::string money_text(int64_t nano_usd);  // "$0.000123"

}  // namespace penstock::app
