#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/units.h"

namespace penstock::registry {

// RFC 3339 in UTC with microseconds: "2026-11-25T01:02:03.000004Z".
std::string iso_time(Timestamp at);
// Also with an offset or another fraction; nullopt for anything else, and for years before 1970.
std::optional<Timestamp> parse_iso_time(std::string_view text);

}  // namespace penstock::registry
