#pragma once

#include <sqlite3.h>

#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/result.h"
#include "storage/database/database.h"

namespace penstock::database {

// One prepared statement.
struct Statement {
  struct Finalize {
    void operator()(sqlite3_stmt* handle) const { sqlite3_finalize(handle); }
  };
  std::string sql;
  std::unique_ptr<sqlite3_stmt, Finalize> handle;
  std::vector<size_t> values;  // for SQLite's parameter i + 1: which of the caller's values ($1 is 0)
  size_t value_count = 0;
  bool in_use = false;
};

// Prepared statements of one connection by their text, the most recently used kStatementsMax. One thread.
class StatementCache {
 public:
  static constexpr size_t kStatementsMax = 256;

  // A statement for the time of one execution. Destroying it resets the statement and unbinds its values.
  class Lease {
   public:
    explicit Lease(Statement* statement) : statement_(statement) { statement_->in_use = true; }
    explicit Lease(std::unique_ptr<Statement> own) : Lease(own.get()) { own_ = std::move(own); }
    Lease(Lease&& other) noexcept
        : statement_(std::exchange(other.statement_, nullptr)), own_(std::move(other.own_)) {}
    Lease& operator=(Lease&&) = delete;
    ~Lease();

    sqlite3_stmt* handle() const { return statement_->handle.get(); }
    // The values must live as long as the lease. kInternal if they are not as many as the statement names.
    Result<void> bind(std::span<const Value> values);

   private:
    Statement* statement_;
    std::unique_ptr<Statement> own_;  // one that is not in the cache, because its text is in use further out
  };

  explicit StatementCache(sqlite3* connection) : connection_(connection) {}

  // kInternal unless `sql` is one statement whose parameters are $1, $2, ...
  Result<Lease> get(std::string_view sql);

  size_t size() const { return by_sql_.size(); }

 private:
  Result<std::unique_ptr<Statement>> prepare(std::string_view sql);
  void drop_oldest();

  sqlite3* connection_;
  std::list<std::unique_ptr<Statement>> by_age_;  // most recently used first
  std::unordered_map<std::string_view, std::list<std::unique_ptr<Statement>>::iterator> by_sql_;
};

}  // namespace penstock::database
