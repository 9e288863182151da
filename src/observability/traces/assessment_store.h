#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string_view>

#include "core/result.h"
#include "observability/traces/trace.h"
#include "storage/database/database.h"

// Rows of assessments: table trace_assessments. Inside reads and writes of the database.
namespace penstock::traces {

// Adds it, or replaces the one of that id.
Result<void> write_assessment(database::Connection& connection, int64_t trace, const Assessment& assessment);
Result<std::optional<Assessment>> find_assessment(database::Connection& connection, int64_t trace,
                                                  std::string_view id);
// False where there is none.
Result<bool> set_valid(database::Connection& connection, int64_t trace, std::string_view id, bool valid);
Result<void> remove_assessment(database::Connection& connection, int64_t trace, std::string_view id);

// Calls `on_assessment` for each of these traces' assessments, oldest first within a trace; trace_id is left
// empty.
Result<void> read_assessments(database::Connection& connection, std::span<const int64_t> traces,
                              const std::function<void(int64_t trace, Assessment)>& on_assessment);

// The number that an assessment's value is compared and averaged by: of a number itself, of a boolean or
// yes/no 1 or 0; nullopt where it has none.
std::optional<double> number_of(const Assessment& assessment);

}  // namespace penstock::traces
