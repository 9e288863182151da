#pragma once

#include <list>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "storage/database/postgresql_link.h"
#include "storage/database/session.h"

namespace penstock::database {

// Names of the prepared statements of one connection, the most recently used kStatementsMax.
class PreparedNames {
 public:
  static constexpr size_t kStatementsMax = 256;

  const std::string* find(const std::string& key);  // nullptr if it is not prepared
  void add(const std::string& key, std::string name);
  std::string unused_name() { return "s" + std::to_string(++made_); }
  // The name of a statement to give up, which is forgotten here, once there are too many; else empty.
  std::string take_surplus();
  void clear();

 private:
  struct Entry {
    std::string key;
    std::string name;
  };
  std::list<Entry> by_age_;  // most recently used first
  std::map<std::string_view, std::list<Entry>::iterator> by_key_;
  uint64_t made_ = 0;
};

// A session on a PostgreSQL server, over connections that may break: the first statement of a transaction
// makes a new one. What begins a transaction or a savepoint is sent along with the statement that follows.
class PostgresqlSession : public Session {
 public:
  enum class Mode : uint8_t { kRead, kWrite };

  PostgresqlSession(PostgresqlUrl url, PostgresqlTimeouts timeouts, Mode mode);

  // Connects at once. kUnavailable.
  Result<void> connect();

  Result<int64_t> execute(std::string_view sql, std::span<const Value> values = {}) override;
  Result<void> query(std::string_view sql, std::span<const Value> values,
                     const std::function<bool(const Row&)>& on_row) override;

  Result<void> begin() override;
  Result<void> commit() override;
  void rollback() override;
  bool in_transaction() const override { return in_transaction_; }
  Result<void> set_savepoint() override;
  Result<void> keep_since_savepoint() override;
  Result<void> undo_to_savepoint() override;
  Result<void> execute_script(std::string_view sql) override;

 private:
  Result<PostgresqlResult> run(std::string_view sql, std::span<const Value> values);
  Result<PostgresqlResult> run_once(std::string_view sql, std::span<const Value> values);
  Result<PostgresqlResult> take_reply(PostgresqlReply reply, size_t commands, std::string_view sql);
  Result<void> connect_unless_connected();
  Result<void> settle_commit(Error failure, const std::string& transaction);
  Result<std::string> status_of(const std::string& transaction);
  Error failure_of(const PostgresqlReply& reply, std::string_view what) const;

  const PostgresqlUrl url_;
  const PostgresqlTimeouts timeouts_;
  const Mode mode_;

  std::unique_ptr<PostgresqlLink> link_;
  PreparedNames prepared_;
  int64_t next_attempt_us_ = 0;  // to connect
  int64_t pause_ms_ = 0;         // after the last attempt, which failed; 0 if it did not
  Error last_failure_;
  bool reachable_ = true;  // as the log knows it

  bool in_transaction_ = false;
  bool started_ = false;                   // the server knows of the transaction
  std::vector<std::string_view> pending_;  // control statements that go before the next statement
  std::string transaction_id_;             // the server's number of it, for settle_commit
};

}  // namespace penstock::database
