#pragma once

#include <libpq-fe.h>

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/result.h"
#include "storage/database/postgresql_url.h"
#include "storage/database/postgresql_values.h"

namespace penstock::database {

struct PostgresqlTimeouts {
  int64_t connect_ms;
  int64_t statement_ms;  // then the server ends a statement; connect_ms later the server itself is given up
};

// One thing that a server is asked.
struct PostgresqlCommand {
  enum class Kind : uint8_t {
    kRun,      // `text` is a statement without values
    kPrepare,  // `text` becomes a prepared statement with this name
    kExecute,  // the prepared statement of this name
  };
  Kind kind = Kind::kRun;
  std::string text{};
  std::string name{};
  const PostgresqlParameters* parameters = nullptr;  // kPrepare: their types
};

// Of the commands that succeeded; and what went wrong with the next, after which the server ran nothing.
struct PostgresqlReply {
  std::vector<PostgresqlResult> results;
  PostgresqlResult refused;         // by the server
  std::optional<std::string> lost;  // the connection broke: why
};

// A connection to a server, and nothing of what goes on in it. Never blocks for longer than its time limits,
// but for a name server's. One thread.
class PostgresqlLink {
 public:
  // kUnavailable, with the server's reason. The session is ready: UTF-8, time limits.
  static Result<std::unique_ptr<PostgresqlLink>> connect(const PostgresqlUrl& url,
                                                         PostgresqlTimeouts timeouts);

  // Sends all commands and waits for all answers: one round trip.
  PostgresqlReply exchange(std::span<const PostgresqlCommand> commands);

  bool is_broken() const { return broken_; }
  // Broken because the server was silent for too long, not because it went away.
  bool is_silent() const { return silent_; }
  // The server has a transaction open, be it one that failed.
  bool in_transaction() const { return PQtransactionStatus(handle_.get()) != PQTRANS_IDLE; }
  int server_version() const { return PQserverVersion(handle_.get()); }  // 150002 is 15.2

 private:
  struct Finish {
    void operator()(PGconn* handle) const { PQfinish(handle); }
  };
  PostgresqlLink(PGconn* handle, PostgresqlTimeouts timeouts) : handle_(handle), timeouts_(timeouts) {}

  Result<void> finish_connecting(const PostgresqlUrl& url);
  Result<void> prepare_session(const PostgresqlUrl& url);
  bool send(const PostgresqlCommand& command);
  std::optional<std::string> receive(PostgresqlReply& reply, int64_t deadline_us);
  bool wait_until_readable(int64_t deadline_us);
  std::string last_message() const { return PQerrorMessage(handle_.get()); }

  std::unique_ptr<PGconn, Finish> handle_;
  PostgresqlTimeouts timeouts_;
  bool broken_ = false;
  bool silent_ = false;
};

}  // namespace penstock::database
