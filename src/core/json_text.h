#pragma once

#include <cstdint>
#include <string>

#include "core/json.h"

namespace penstock {

enum class JsonLayout : uint8_t { kCompact, kIndented };

// A document as text for people and other programs: numbers in their shortest form (0.1, not 1E-1), by lines
// with two spaces of indentation if asked for. to_json() is faster, and writes floats with an exponent.
std::string json_text(const Json& value, JsonLayout layout = JsonLayout::kCompact);

}  // namespace penstock
