#include "storage/database/sqlite_connection.h"

#include <string>

#include "storage/database/column_mismatch.h"
#include "storage/database/pattern.h"
#include "storage/database/sqlite_error.h"

namespace penstock::database {
namespace {

constexpr int kBusyTimeoutMs = 5000;  // another process, e.g. a command beside the server, may hold the lock

// Why each: docs of the pragmas at https://www.sqlite.org/pragma.html
constexpr std::string_view kWriterPragmas =
    "PRAGMA journal_mode=WAL;"              // readers do not wait for the writer, nor it for them
    "PRAGMA synchronous=NORMAL;"            // a commit is one write(2); fsync at checkpoints only
    "PRAGMA journal_size_limit=67108864;";  // give the disk back after a burst
constexpr std::string_view kReaderPragmas = "PRAGMA query_only=ON;";
constexpr std::string_view kCommonPragmas =
    "PRAGMA foreign_keys=ON;"
    "PRAGMA mmap_size=268435456;"  // reads without a copy
    "PRAGMA cache_size=-16384;"    // KiB
    "PRAGMA temp_store=MEMORY;"
    "PRAGMA case_sensitive_like=ON;"  // as in PostgreSQL
    "PRAGMA trusted_schema=OFF;";     // a crafted file cannot run functions from its schema

constexpr std::string_view kSelectLoose =
    "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND strict = 0"
    " AND name NOT LIKE 'sqlite~_%' ESCAPE '~'";

std::string_view type_name(int type) {
  switch (type) {
    case SQLITE_INTEGER:
      return "INTEGER";
    case SQLITE_FLOAT:
      return "REAL";
    case SQLITE_TEXT:
      return "TEXT";
    case SQLITE_BLOB:
      return "BLOB";
    default:
      return "NULL";
  }
}

class SqliteRow : public Row {
 public:
  explicit SqliteRow(sqlite3_stmt* statement) : statement_(statement) {}

  int64_t integer(int column) const override {
    expect(column, SQLITE_INTEGER);
    return sqlite3_column_int64(statement_, column);
  }
  double real(int column) const override {
    if (type(column) != SQLITE_INTEGER) expect(column, SQLITE_FLOAT);
    return sqlite3_column_double(statement_, column);
  }
  std::string_view text(int column) const override {
    expect(column, SQLITE_TEXT);
    const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
    return {text, static_cast<size_t>(sqlite3_column_bytes(statement_, column))};
  }
  std::span<const std::byte> blob(int column) const override {
    expect(column, SQLITE_BLOB);
    const auto* bytes = static_cast<const std::byte*>(sqlite3_column_blob(statement_, column));
    return {bytes, static_cast<size_t>(sqlite3_column_bytes(statement_, column))};
  }
  bool is_null(int column) const override { return type(column) == SQLITE_NULL; }

 private:
  int type(int column) const {
    int columns = sqlite3_data_count(statement_);
    if (column < 0 || column >= columns) throw ColumnMismatch::absent(column, columns);
    return sqlite3_column_type(statement_, column);
  }
  void expect(int column, int wanted) const {
    int found = type(column);
    if (found == wanted) return;
    throw ColumnMismatch::other_type(column, sqlite3_column_name(statement_, column), type_name(found),
                                     type_name(wanted));
  }

  sqlite3_stmt* statement_;
};

}  // namespace

Result<std::unique_ptr<SqliteConnection>> SqliteConnection::open(const std::filesystem::path& path,
                                                                 Mode mode) {
  int flags = mode == Mode::kWrite ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY;
  sqlite3* raw = nullptr;
  // NOMUTEX: a connection is used by one thread at a time.
  int code =
      sqlite3_open_v2(path.c_str(), &raw, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
  Handle handle(raw);
  std::string what = "cannot open database " + path.string();
  if (code != SQLITE_OK) return Failure(sqlite_error(raw, code, what));
  std::unique_ptr<SqliteConnection> connection(new SqliteConnection(std::move(handle), mode));
  if (Result<void> configured = connection->configure(); !configured) {
    Error error = configured.error();
    error.message = what + ": " + error.message;
    return Failure(std::move(error));
  }
  return connection;
}

Result<void> SqliteConnection::configure() {
  sqlite3_busy_timeout(handle_.get(), kBusyTimeoutMs);
  sqlite3_db_config(handle_.get(), SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  RETURN_IF_ERROR(run_script(mode_ == Mode::kWrite ? kWriterPragmas : kReaderPragmas));
  RETURN_IF_ERROR(run_script(kCommonPragmas));
  RETURN_IF_ERROR(add_regexp(handle_.get()));
  sqlite3_set_authorizer(handle_.get(), &SqliteConnection::authorize, this);
  return {};
}

// Asked when a statement is prepared.
int SqliteConnection::authorize(void* self, int action, const char*, const char*, const char*, const char*) {
  bool ends_transactions = action == SQLITE_TRANSACTION || action == SQLITE_SAVEPOINT;
  if (ends_transactions && !static_cast<SqliteConnection*>(self)->controlling_) return SQLITE_DENY;
  return action == SQLITE_ATTACH ? SQLITE_DENY : SQLITE_OK;
}

Result<int64_t> SqliteConnection::execute(std::string_view sql, std::span<const Value> values) {
  return run(statements_, sql, values);
}

Result<void> SqliteConnection::control(std::string_view sql) {
  controlling_ = true;
  Result<int64_t> outcome = run(control_statements_, sql, {});
  controlling_ = false;
  if (!outcome) return Failure(std::move(outcome).error());
  return {};
}

Result<int64_t> SqliteConnection::run(StatementCache& statements, std::string_view sql,
                                      std::span<const Value> values) {
  ASSIGN_OR_RETURN(StatementCache::Lease statement, statements.get(sql));
  RETURN_IF_ERROR(statement.bind(values));
  int64_t changes_before = sqlite3_total_changes64(handle_.get());
  int code = SQLITE_ROW;
  while (code == SQLITE_ROW) code = sqlite3_step(statement.handle());
  if (code != SQLITE_DONE) return Failure(sqlite_error(handle_.get(), code, sql));
  // sqlite3_changes64 keeps the count of an earlier statement where this one changes no rows (e.g. DDL).
  bool changed = sqlite3_total_changes64(handle_.get()) != changes_before;
  return changed ? sqlite3_changes64(handle_.get()) : 0;
}

Result<void> SqliteConnection::query(std::string_view sql, std::span<const Value> values,
                                     const std::function<bool(const Row&)>& on_row) {
  ASSIGN_OR_RETURN(StatementCache::Lease statement, statements_.get(sql));
  RETURN_IF_ERROR(statement.bind(values));
  SqliteRow row(statement.handle());
  try {
    int code = sqlite3_step(statement.handle());
    while (code == SQLITE_ROW) {
      if (!on_row(row)) return {};
      code = sqlite3_step(statement.handle());
    }
    if (code != SQLITE_DONE) return Failure(sqlite_error(handle_.get(), code, sql));
  } catch (const ColumnMismatch& mismatch) {
    return Failure(Error::internal(std::string(mismatch.what()) + " in: " + std::string(sql)));
  }
  return {};
}

Result<void> SqliteConnection::begin() {
  return control(mode_ == Mode::kWrite ? "BEGIN IMMEDIATE" : "BEGIN");
}

Result<void> SqliteConnection::commit() { return control("COMMIT"); }

void SqliteConnection::rollback() {
  if (in_transaction()) (void)control("ROLLBACK");
}

Result<void> SqliteConnection::set_savepoint() { return control("SAVEPOINT one_write"); }

Result<void> SqliteConnection::keep_since_savepoint() { return control("RELEASE one_write"); }

Result<void> SqliteConnection::undo_to_savepoint() {
  RETURN_IF_ERROR(control("ROLLBACK TO one_write"));
  return control("RELEASE one_write");
}

Result<void> SqliteConnection::execute_script(std::string_view sql) {
  RETURN_IF_ERROR(run_script(sql));
  std::string loose;
  RETURN_IF_ERROR(query(kSelectLoose, {}, [&](const Row& row) {
    loose = row.text(0);
    return false;
  }));
  if (loose.empty()) return {};
  return Failure(Error::internal("table " + loose + " is not STRICT"));
}

Result<void> SqliteConnection::run_script(std::string_view sql) {
  std::string text(sql);
  int code = sqlite3_exec(handle_.get(), text.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return Failure(sqlite_error(handle_.get(), code, "script failed"));
  return {};
}

}  // namespace penstock::database
