#pragma once

#include <string_view>

namespace penstock::app {

// What this binary was built from.
std::string_view version();   // "0.1.0"
std::string_view commit();    // "1291f56", or "unknown" outside a checkout
std::string_view compiler();  // "clang 19.1.7"

}  // namespace penstock::app
