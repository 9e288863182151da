#pragma once

#include <filesystem>
#include <memory>

#include "storage/database/database.h"

namespace penstock::database {

// Opens an SQLite file that another program made, to read from it on one thread. Nothing in it is changed.
// kNotFound where it is absent, kCorrupt where it is no database.
Result<std::unique_ptr<Connection>> open_foreign_sqlite(const std::filesystem::path& path);

}  // namespace penstock::database
