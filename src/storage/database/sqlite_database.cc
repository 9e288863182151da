#include <algorithm>
#include <condition_variable>
#include <deque>
#include <exception>
#include <iterator>
#include <mutex>
#include <string>
#include <system_error>

#include "core/blocking_pool.h"
#include "core/log.h"
#include "storage/database/database.h"
#include "storage/database/migrate.h"
#include "storage/database/sqlite_connection.h"

namespace penstock::database {
namespace {

using Work = std::function<Result<void>(Connection&)>;
using Done = std::function<void(Result<void>)>;

struct Job {
  Work work;
  Done done;
};

Result<void> run_guarded(const Work& work, Connection& connection) {
  std::string what = "an unknown exception";
  try {
    return work(connection);
  } catch (const std::exception& thrown) {
    what = thrown.what();
  } catch (...) {
    // Not ours to know; the statement above names it.
  }
  log_error("database work threw", {{"what", what}});
  return Failure(Error::internal("database work threw: " + what));
}

// A read sees one state of the database, however many statements it has.
Result<void> run_read(SqliteConnection& connection, const Work& work) {
  RETURN_IF_ERROR(connection.control("BEGIN"));
  Result<void> outcome = run_guarded(work, connection);
  if (connection.in_transaction()) (void)connection.control("ROLLBACK");
  return outcome;
}

// Runs the jobs' work in one transaction.
class WriteBatch {
 public:
  explicit WriteBatch(SqliteConnection& connection) : connection_(connection) {}

  // One outcome for each job. Where the transaction as a whole fails, no work has left a trace and every job
  // that had gone well has the transaction's error.
  std::vector<Result<void>> run(const std::vector<Job>& jobs) {
    std::vector<Result<void>> outcomes;
    Result<void> transaction = connection_.control("BEGIN IMMEDIATE");
    for (const Job& job : jobs) {
      if (!transaction) break;
      outcomes.push_back(run_one(job.work));
      // SQLite gives the whole transaction up for a full disk or a read error.
      if (!connection_.in_transaction()) transaction = Failure(lost(outcomes.back()));
    }
    if (transaction) transaction = connection_.control("COMMIT");
    if (transaction) return outcomes;
    if (connection_.in_transaction()) (void)connection_.control("ROLLBACK");
    outcomes.resize(jobs.size());
    for (Result<void>& outcome : outcomes) {
      if (outcome) outcome = Failure(transaction.error());
    }
    return outcomes;
  }

 private:
  Result<void> run_one(const Work& work) {
    RETURN_IF_ERROR(connection_.control("SAVEPOINT one_write"));
    Result<void> outcome = run_guarded(work, connection_);
    if (!connection_.in_transaction()) return outcome;
    if (!outcome) RETURN_IF_ERROR(connection_.control("ROLLBACK TO one_write"));
    RETURN_IF_ERROR(connection_.control("RELEASE one_write"));
    return outcome;
  }

  static Error lost(const Result<void>& outcome) {
    return outcome ? Error::internal("the database rolled the transaction back") : outcome.error();
  }

  SqliteConnection& connection_;
};

class SqliteDatabase : public Database {
 public:
  SqliteDatabase(const DatabaseOptions& options, std::unique_ptr<SqliteConnection> writer,
                 std::vector<std::unique_ptr<SqliteConnection>> readers)
      : writes_max_(options.queue_max),
        batch_max_(options.batch_max),
        writer_(std::move(writer)),
        idle_readers_(std::move(readers)),
        read_pool_(
            {.name = "database read", .threads = idle_readers_.size(), .queue_max = options.queue_max}),
        write_thread_({.name = "database write", .threads = 1, .queue_max = 1}) {}

  Result<void> read_now(const Work& work) override { return run_now(Access::kRead, work); }
  Result<void> write_now(const Work& work) override { return run_now(Access::kWrite, work); }

 protected:
  void enqueue(Access access, Work work, Done done) override {
    auto job = std::make_shared<Job>(std::move(work), std::move(done));
    bool queued = access == Access::kRead ? read_pool_.post([this, job] { read(*job); }) : queue_write(*job);
    if (!queued) job->done(Failure(full_error()));
  }

 private:
  Error full_error() const {
    return Error{.code = ErrorCode::kRateLimited,
                 .message = "the database queue is full (" + std::to_string(writes_max_) + " calls waiting)",
                 .retry_after_ms = 1000};
  }

  void read(const Job& job) {
    std::unique_ptr<SqliteConnection> connection;
    {
      std::lock_guard lock(mutex_);
      connection = std::move(idle_readers_.back());  // as many as the pool has threads
      idle_readers_.pop_back();
    }
    Result<void> outcome = run_read(*connection, job.work);
    {
      std::lock_guard lock(mutex_);
      idle_readers_.push_back(std::move(connection));
    }
    job.done(std::move(outcome));
  }

  bool queue_write(Job& job) {
    std::lock_guard lock(mutex_);
    if (writes_.size() >= writes_max_) return false;
    writes_.push_back(std::move(job));
    if (!std::exchange(writing_, true)) write_thread_.post([this] { write_all(); });
    return true;
  }

  // On the writer's thread, until nothing waits. What arrives during one transaction forms the next batch.
  void write_all() {
    WriteBatch batch(*writer_);
    while (true) {
      std::vector<Job> jobs = take_writes();
      if (jobs.empty()) return;
      std::vector<Result<void>> outcomes = batch.run(jobs);
      for (size_t i = 0; i < jobs.size(); ++i) jobs[i].done(std::move(outcomes[i]));
    }
  }

  std::vector<Job> take_writes() {
    std::lock_guard lock(mutex_);
    auto end = writes_.begin() + static_cast<ptrdiff_t>(std::min(batch_max_, writes_.size()));
    std::vector<Job> jobs(std::make_move_iterator(writes_.begin()), std::make_move_iterator(end));
    writes_.erase(writes_.begin(), end);
    writing_ = !jobs.empty();
    return jobs;
  }

  Result<void> run_now(Access access, const Work& work) {
    std::mutex mutex;
    std::condition_variable changed;
    std::optional<Result<void>> outcome;
    enqueue(access, work, [&](Result<void> result) {
      std::lock_guard lock(mutex);
      outcome = std::move(result);
      changed.notify_one();
    });
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return outcome.has_value(); });
    return std::move(*outcome);
  }

  const size_t writes_max_;
  const size_t batch_max_;
  std::unique_ptr<SqliteConnection> writer_;  // used by the writer's thread only

  std::mutex mutex_;
  std::vector<std::unique_ptr<SqliteConnection>> idle_readers_;
  std::deque<Job> writes_;
  bool writing_ = false;  // write_all runs, or is about to

  BlockingPool read_pool_;  // the pools come last: their threads use everything above
  BlockingPool write_thread_;
};

}  // namespace

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
  std::vector<std::unique_ptr<SqliteConnection>> readers;
  for (size_t i = 0; i < options.readers; ++i) {
    ASSIGN_OR_RETURN(auto reader, SqliteConnection::open(options.path, SqliteConnection::Mode::kRead));
    readers.push_back(std::move(reader));
  }
  return std::make_unique<SqliteDatabase>(options, std::move(writer), std::move(readers));
}

}  // namespace penstock::database
