#pragma once

#include <sqlite3.h>

#include <filesystem>
#include <memory>

#include "storage/database/session.h"
#include "storage/database/statement_cache.h"

namespace penstock::database {

// One connection to an SQLite file in WAL mode. One thread at a time.
class SqliteConnection : public Session {
 public:
  enum class Mode : uint8_t { kRead, kWrite };

  // kWrite makes the file if it is absent; kRead needs one that a writer has open.
  static Result<std::unique_ptr<SqliteConnection>> open(const std::filesystem::path& path, Mode mode);

  Result<int64_t> execute(std::string_view sql, std::span<const Value> values = {}) override;
  Result<void> query(std::string_view sql, std::span<const Value> values,
                     const std::function<bool(const Row&)>& on_row) override;

  Result<void> begin() override;
  Result<void> commit() override;
  void rollback() override;
  bool in_transaction() const override { return sqlite3_get_autocommit(handle_.get()) == 0; }
  Result<void> set_savepoint() override;
  Result<void> keep_since_savepoint() override;
  Result<void> undo_to_savepoint() override;
  Result<void> execute_script(std::string_view sql) override;

 private:
  struct Close {
    void operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
  };
  using Handle = std::unique_ptr<sqlite3, Close>;

  SqliteConnection(Handle handle, Mode mode)
      : mode_(mode),
        handle_(std::move(handle)),
        statements_(handle_.get()),
        control_statements_(handle_.get()) {}
  Result<void> configure();
  // Several statements without values.
  Result<void> run_script(std::string_view sql);
  // Transactions and savepoints, which work is refused.
  Result<void> control(std::string_view sql);
  Result<int64_t> run(StatementCache& statements, std::string_view sql, std::span<const Value> values);
  static int authorize(void* self, int action, const char*, const char*, const char*, const char*);

  const Mode mode_;
  Handle handle_;
  StatementCache statements_;
  StatementCache control_statements_;  // apart, so that work cannot get at them by their text
  bool controlling_ = false;           // control() prepares a statement
};

}  // namespace penstock::database
