#pragma once

#include "core/result.h"
#include "storage/duckdb/duckdb_api.h"

namespace penstock::duckdb {

// The loaded library, on the first call that asks for it; it stays for the life of the process. Looked for
// beside the program, then where the build fetched it. kUnavailable where it is not there, cannot be loaded,
// or is of another version than the one whose interface duckdb_api.h declares. Thread-safe.
Result<const Api*> library();

}  // namespace penstock::duckdb
