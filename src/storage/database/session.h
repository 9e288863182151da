#pragma once

#include "storage/database/database.h"

namespace penstock::database {

// A connection as the threads behind Database drive it: one transaction at a time, in it one savepoint at a
// time. One thread.
class Session : public Connection {
 public:
  // Starts a transaction. A writer's keeps all other processes' writers waiting until it ends. kUnavailable
  // where they hold on to the database for too long, or where the engine cannot be reached; an engine may say
  // so later, from the first statement.
  virtual Result<void> begin() = 0;
  // Where it fails, nothing was kept, unless the error's reason is kOutcomeUnknown.
  virtual Result<void> commit() = 0;
  virtual void rollback() = 0;  // nothing to do without a transaction
  // False also after the engine has given the transaction up on its own: a full disk, a lost connection.
  virtual bool in_transaction() const = 0;

  virtual Result<void> set_savepoint() = 0;
  virtual Result<void> keep_since_savepoint() = 0;
  virtual Result<void> undo_to_savepoint() = 0;  // also after a statement failed

  // The statements of a migration, inside a transaction. kInternal for a table that is not STRICT.
  virtual Result<void> execute_script(std::string_view sql) = 0;
};

}  // namespace penstock::database
