#pragma once

#include <string>
#include <vector>

#include "storage/database/database.h"

namespace penstock::database {

struct CopiedTable {
  std::string name;
  int64_t rows = 0;
};

// Takes every row of `from`, on SQLite, to `to`, on PostgreSQL, in one transaction: all or nothing. All three
// have the same schema, `as_made` freshly: kConflict, naming it, for a table of `to` with more rows than it
// has there. Blocking.
Result<std::vector<CopiedTable>> copy_rows(Database& from, Database& to, Database& as_made);

}  // namespace penstock::database
