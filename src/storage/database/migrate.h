#pragma once

#include <span>

#include "storage/database/database.h"
#include "storage/database/session.h"

namespace penstock::database {

// Brings the schema up to date; errors as promised by Database::open_sqlite. Several processes may do so at
// once. `name` is the database's, for errors.
Result<void> migrate(Session& session, std::span<const Migration> migrations, std::string_view name);

}  // namespace penstock::database
