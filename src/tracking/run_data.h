#pragma once

#include <cstdint>
#include <span>

#include "core/result.h"
#include "storage/database/database.h"
#include "tracking/entities.h"

// What hangs on runs, which are told by their rows' numbers.
namespace penstock::tracking {

// Fills everything but `info` of `runs`, `rows` being their numbers, with a fixed number of statements for
// each 64 of them. Keys are in order.
Result<void> load_run_data(database::Connection& connection, std::span<const int64_t> rows,
                           std::span<Run> runs);

// Sets tags; of two with one key the last one counts.
Result<void> write_tags(database::Connection& connection, int64_t run, std::span<const Tag> tags);

}  // namespace penstock::tracking
