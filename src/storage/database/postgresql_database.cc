#include "storage/database/database.h"
#include "storage/database/migrate.h"
#include "storage/database/postgresql_session.h"
#include "storage/database/queued_database.h"

namespace penstock::database {
namespace {

constexpr int64_t kMigrationTimeoutMs = 600'000;  // of one of its statements; others wait for it meanwhile

}  // namespace

Result<std::unique_ptr<Database>> Database::open_postgresql(PostgresqlOptions options,
                                                            std::span<const Migration> migrations) {
  if (options.readers == 0 || options.queue_max == 0 || options.batch_max == 0 ||
      options.connect_timeout_ms <= 0 || options.statement_timeout_ms <= 0) {
    return Failure(Error::invalid("state.database", "no limit of the database may be 0"));
  }
  using Mode = PostgresqlSession::Mode;
  ASSIGN_OR_RETURN(PostgresqlUrl url, parse_postgresql_url(options.url));
  {
    PostgresqlSession session(url, {options.connect_timeout_ms, kMigrationTimeoutMs}, Mode::kWrite);
    RETURN_IF_ERROR(session.connect());
    RETURN_IF_ERROR(migrate(session, migrations, url.label));
  }
  PostgresqlTimeouts timeouts{options.connect_timeout_ms, options.statement_timeout_ms};
  auto writer = std::make_unique<PostgresqlSession>(url, timeouts, Mode::kWrite);
  RETURN_IF_ERROR(writer->connect());
  std::vector<std::unique_ptr<Session>> readers;
  for (size_t i = 0; i < options.readers; ++i) {
    auto reader = std::make_unique<PostgresqlSession>(url, timeouts, Mode::kRead);
    RETURN_IF_ERROR(reader->connect());
    readers.push_back(std::move(reader));
  }
  return make_queued_database(std::move(writer), std::move(readers),
                              {.queue_max = options.queue_max, .batch_max = options.batch_max},
                              {.name = "PostgreSQL",
                               .select_version = "SELECT current_setting('server_version')",
                               .place = url.label});
}

}  // namespace penstock::database
