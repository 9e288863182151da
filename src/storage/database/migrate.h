#pragma once

#include <span>

#include "storage/database/database.h"
#include "storage/database/sqlite_connection.h"

namespace penstock::database {

// Brings the schema up to date; errors as promised by Database::open_sqlite. `name` is the database's, for
// errors.
Result<void> migrate(SqliteConnection& connection, std::span<const Migration> migrations,
                     std::string_view name);

}  // namespace penstock::database
