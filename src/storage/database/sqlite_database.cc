#include <string>
#include <system_error>

#include "storage/database/database.h"
#include "storage/database/migrate.h"
#include "storage/database/queued_database.h"
#include "storage/database/sqlite_connection.h"

namespace penstock::database {

Result<std::unique_ptr<Database>> Database::open_sqlite(DatabaseOptions options,
                                                        std::span<const Migration> migrations) {
  if (options.readers == 0 || options.queue_max == 0 || options.batch_max == 0) {
    return Failure(Error::invalid("database", "readers, queue_max and batch_max must be at least 1"));
  }
  std::error_code error;
  if (options.path.has_parent_path()) std::filesystem::create_directories(options.path.parent_path(), error);
  if (error) {
    return Failure(
        Error::from_errno(error.value(), "cannot make directory " + options.path.parent_path().string()));
  }
  ASSIGN_OR_RETURN(auto writer, SqliteConnection::open(options.path, SqliteConnection::Mode::kWrite));
  RETURN_IF_ERROR(migrate(*writer, migrations, options.path.string()));
  std::vector<std::unique_ptr<Session>> readers;
  for (size_t i = 0; i < options.readers; ++i) {
    ASSIGN_OR_RETURN(auto reader, SqliteConnection::open(options.path, SqliteConnection::Mode::kRead));
    readers.push_back(std::move(reader));
  }
  return make_queued_database(
      std::move(writer), std::move(readers), {.queue_max = options.queue_max, .batch_max = options.batch_max},
      {.name = "SQLite", .select_version = "SELECT sqlite_version()", .place = options.path.string()});
}

}  // namespace penstock::database
