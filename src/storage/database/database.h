#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "core/await_callback.h"
#include "core/result.h"
#include "core/task.h"

namespace penstock::database {

using Blob = std::vector<std::byte>;
// A bound value or a column: NULL, integer, real, text or bytes.
using Value = std::variant<std::monostate, int64_t, double, std::string, Blob>;

// One result row. A read of another type than the column holds, NULL included, is a bug of the caller: it
// ends the query with kInternal, naming the column. `real` also reads integers.
class Row {
 public:
  virtual ~Row() = default;
  virtual int64_t integer(int column) const = 0;
  virtual double real(int column) const = 0;
  virtual std::string_view text(int column) const = 0;  // valid until the next row
  virtual std::span<const std::byte> blob(int column) const = 0;
  virtual bool is_null(int column) const = 0;
};

// One connection inside a read or a write; valid only there. SQL is portable (the README lists what both
// SQLite and PostgreSQL take), one statement written once as a named constant, with $1, $2 ... for values, as
// many as are passed; it is prepared once per connection and kept. Transactions are the Database's: no BEGIN,
// COMMIT or ROLLBACK here.
//
// Errors: kConflict for a violated UNIQUE, PRIMARY KEY or FOREIGN KEY, kInvalidArgument for text that is not
// UTF-8 or holds a zero byte, kStorageFull, kCorrupt, kTooLarge, kUnavailable with retry_after_ms when the
// database cannot be reached or another process keeps it locked, kDeadlineExceeded for a statement that took
// too long, kInternal for anything else (a bug in the statement). Nothing runs after a statement that failed:
// later ones return the same error, and so does the work, whatever it makes of it.
class Connection {
 public:
  virtual ~Connection() = default;
  // Runs a statement; returns the number of rows changed.
  virtual Result<int64_t> execute(std::string_view sql, std::span<const Value> values = {}) = 0;
  // Calls `on_row` for each row until it returns false. `on_row` may use the connection.
  virtual Result<void> query(std::string_view sql, std::span<const Value> values,
                             const std::function<bool(const Row&)>& on_row) = 0;
};

// Maps one row to a value, so that stores read `rows<Model>(connection, kSelectAll, {}, read_model)`.
template <class T>
Result<std::vector<T>> rows(Connection& connection, std::string_view sql, std::span<const Value> values,
                            T (*read)(const Row&)) {
  std::vector<T> out;
  RETURN_IF_ERROR(connection.query(sql, values, [&](const Row& row) {
    out.push_back(read(row));
    return true;
  }));
  return out;
}

// A numbered step of the schema. Applied once, in order, each in its own transaction; never edited
// afterwards, which a checksum enforces. Every table is STRICT.
struct Migration {
  int number;
  std::string_view name;
  std::string_view sql;  // one or more statements
};

struct DatabaseOptions {
  std::filesystem::path path;  // DATA/penstock.db
  size_t readers = 2;
  size_t queue_max = 4096;  // waiting calls; one more is kRateLimited
  size_t batch_max = 512;   // writes that share one transaction at the most
};

struct PostgresqlOptions {
  std::string url;  // as libpq reads it, sslmode and all: "postgresql://penstock:secret@db:5432/penstock"
  size_t readers = 4;
  size_t queue_max = 4096;  // as above
  size_t batch_max = 512;
  int64_t connect_timeout_ms = 5'000;
  int64_t statement_timeout_ms = 30'000;  // waiting for other processes' writes included
};

// Error::reason of a write whose commit may have been made or not: the server was lost meanwhile.
inline constexpr std::string_view kOutcomeUnknown = "outcome_unknown";

// Rows that change. Reads run on their own connections in parallel, each on one consistent state; all writes
// go through one thread that puts concurrent ones into one transaction (each in its own savepoint, so that
// one's failure is only its own), and take turns with those of other processes: nothing changes what a write
// has read until it is committed. Thread-safe. What was committed survives `kill -9`; with SQLite a power
// loss may take the last few commits.
class Database {
 public:
  // Opens or makes the file and brings its schema up to date. kConflict, with what to do, if the schema is
  // newer than `migrations`, or if a migration was edited, removed or put between applied ones: then nothing
  // is changed. A migration that fails leaves the schema as it was before it. kCorrupt if the file is not a
  // sound database.
  static Result<std::unique_ptr<Database>> open_sqlite(DatabaseOptions options,
                                                       std::span<const Migration> migrations);
  // The same on a PostgreSQL server (13 or newer), which several processes may share. kInvalidArgument for a
  // URL that is none, kUnavailable where the server cannot be reached or refuses. Later, a lost connection
  // ends the reads and the write batch in progress with kUnavailable and is made anew for the next; while
  // that fails, calls are refused at once, with growing pauses between attempts. A connection lost during a
  // commit is made anew to ask what became of it; where that fails too, the error's reason is
  // kOutcomeUnknown.
  static Result<std::unique_ptr<Database>> open_postgresql(PostgresqlOptions options,
                                                           std::span<const Migration> migrations);
  virtual ~Database() = default;  // runs what is queued

  // `work` runs on a reader's or on the writer's thread; it must not block on anything else. A write has been
  // committed when its result arrives; one that returns an error or throws (kInternal) leaves no trace. A
  // full queue is kRateLimited with retry_after_ms, and `work` has not run. `work` is not cancelled when the
  // caller is.
  template <class T>
  Task<Result<T>> read(std::function<Result<T>(Connection&)> work) {
    return submit<T>(Access::kRead, std::move(work));
  }
  template <class T>
  Task<Result<T>> write(std::function<Result<T>(Connection&)> work) {
    return submit<T>(Access::kWrite, std::move(work));
  }
  // The same for callers without an event loop (start-up, command line). Never from within `work`.
  virtual Result<void> read_now(const std::function<Result<void>(Connection&)>& work) = 0;
  virtual Result<void> write_now(const std::function<Result<void>(Connection&)>& work) = 0;

  // What it is and where, for a person: "SQLite 3.40.1, /srv/penstock/penstock.db". Asks it, and blocks.
  virtual Result<std::string> describe() = 0;
  // Why the last call failed, if that was the database's fault: not reachable, full, damaged. Empty once one
  // has gone well. Does not block.
  virtual std::string problem() const = 0;

 protected:
  enum class Access : uint8_t { kRead, kWrite };
  // `work` is called with a connection, then `done` once with what it returned, or with why it was not run or
  // not committed; on a database thread, but where the queue is full on the caller's.
  virtual void enqueue(Access access, std::function<Result<void>(Connection&)> work,
                       std::function<void(Result<void>)> done) = 0;

 private:
  template <class T>
  Task<Result<T>> submit(Access access, std::function<Result<T>(Connection&)> work);
};

template <class T>
Task<Result<T>> Database::submit(Access access, std::function<Result<T>(Connection&)> work) {
  constexpr bool kHasValue = !std::is_void_v<T>;
  // Kept here rather than in the coroutine, which may be destroyed while the work runs.
  auto value = std::make_shared<std::optional<std::conditional_t<kHasValue, T, std::monostate>>>();
  auto keep_value = [work = std::move(work), value](Connection& connection) -> Result<void> {
    Result<T> outcome = work(connection);
    if (!outcome) return Failure(std::move(outcome).error());
    if constexpr (kHasValue) value->emplace(std::move(*outcome));
    return {};
  };
  auto start = [this, access, &keep_value](std::function<void(Result<void>)> done) {
    enqueue(access, std::move(keep_value), std::move(done));
  };
  CO_RETURN_IF_ERROR(co_await await_callback<Result<void>>(start));
  if constexpr (kHasValue) {
    co_return std::move(**value);
  } else {
    co_return Result<void>{};
  }
}

}  // namespace penstock::database
