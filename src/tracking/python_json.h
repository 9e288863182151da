#pragma once

#include <string>

#include "core/json.h"

namespace penstock::tracking {

enum class KeyOrder : uint8_t { kAsGiven, kSorted };

// JSON as Python's json.dumps writes it: ", " and ": ", ASCII only, 1.0 for a whole double. MLflow hashes
// such text, so it must be the same byte for byte.
std::string python_json(const Json& value, KeyOrder order = KeyOrder::kAsGiven);

}  // namespace penstock::tracking
