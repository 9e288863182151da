#include "storage/database/foreign_sqlite.h"

#include <string>
#include <system_error>

#include "storage/database/sqlite_connection.h"

namespace penstock::database {

Result<std::unique_ptr<Connection>> open_foreign_sqlite(const std::filesystem::path& path) {
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) {
    return Failure(Error::not_found("there is no file " + path.string()));
  }
  ASSIGN_OR_RETURN(auto connection, SqliteConnection::open(path, SqliteConnection::Mode::kRead));
  return std::unique_ptr<Connection>(std::move(connection));
}

}  // namespace penstock::database
