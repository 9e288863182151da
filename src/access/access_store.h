#pragma once

#include <span>

#include "access/snapshot.h"
#include "core/result.h"
#include "storage/database/database.h"

namespace penstock::access {

// Tables of this folder: numbers 10 to 19.
std::span<const database::Migration> migrations();

// Everything a snapshot needs, as of now: no ended session, no expired token.
Result<AccessData> read_access(database::Connection& connection, Timestamp now);

// The number of changes made so far, by any server: while it stands still there is nothing to read anew.
Result<int64_t> read_change(database::Connection& connection);
Result<void> count_change(database::Connection& connection);

}  // namespace penstock::access
