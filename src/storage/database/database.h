#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/blocking_pool.h"
#include "core/result.h"
#include "core/task.h"

namespace penstock::database {

using Blob = std::vector<std::byte>;
// A bound value or a column: NULL, integer, real, text or bytes.
using Value = std::variant<std::monostate, int64_t, double, std::string, Blob>;

// One result row; reads check the type and name the column in errors (kInternal: a schema bug).
class Row {
 public:
  virtual ~Row() = default;
  virtual int64_t integer(int column) const = 0;
  virtual double real(int column) const = 0;
  virtual std::string_view text(int column) const = 0;  // valid until the next row
  virtual std::span<const std::byte> blob(int column) const = 0;
  virtual bool is_null(int column) const = 0;
};

// One connection inside a read or a write. SQL is portable (SQLite and PostgreSQL), written once as a named
// constant, with $1, $2 ... for values; it is prepared once per connection and kept.
class Connection {
 public:
  virtual ~Connection() = default;
  // Runs a statement; returns the number of rows changed. Unique violations are kConflict.
  virtual Result<int64_t> execute(std::string_view sql, std::span<const Value> values = {}) = 0;
  // Calls `on_row` for each row until it returns false.
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

// A numbered step of the schema. Applied once, in order, each in its own transaction; never edited afterwards.
struct Migration {
  int number;
  std::string_view name;
  std::string_view sql;  // one or more statements
};

struct DatabaseOptions {
  std::filesystem::path path;     // DATA/penstock.db
  size_t readers = 2;
  size_t queue_max = 4096;        // waiting calls; one more is kRateLimited
  size_t batch_max = 512;         // writes that share one transaction at the most
};

// Rows that change. Reads run on their own connections in parallel; all writes go through one thread that puts
// concurrent ones into one transaction (each in its own savepoint, so that one's failure is only its own).
class Database {
 public:
  static Result<std::unique_ptr<Database>> open_sqlite(DatabaseOptions options,
                                                       std::span<const Migration> migrations);
  virtual ~Database() = default;

  // `work` runs on a reader's or on the writer's thread; it must not block on anything else. A write has been
  // committed when its result arrives.
  template <class T>
  Task<Result<T>> read(std::function<Result<T>(Connection&)> work) {
    return submit<T>(Access::kRead, std::move(work));
  }
  template <class T>
  Task<Result<T>> write(std::function<Result<T>(Connection&)> work) {
    return submit<T>(Access::kWrite, std::move(work));
  }
  // The same for callers without an event loop (start-up, command line).
  virtual Result<void> read_now(const std::function<Result<void>(Connection&)>& work) = 0;
  virtual Result<void> write_now(const std::function<Result<void>(Connection&)>& work) = 0;

 protected:
  enum class Access : uint8_t { kRead, kWrite };
  // `work` is called with a connection, then `done` with what it returned (or with why it was not run or not
  // committed), on a database thread.
  virtual void enqueue(Access access, std::function<Result<void>(Connection&)> work,
                       std::function<void(Result<void>)> done) = 0;

 private:
  template <class T>
  Task<Result<T>> submit(Access access, std::function<Result<T>(Connection&)> work);
};

}  // namespace penstock::database
