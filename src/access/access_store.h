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

}  // namespace penstock::access
