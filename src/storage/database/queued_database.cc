#include "storage/database/queued_database.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <exception>
#include <iterator>
#include <mutex>
#include <string>

#include "core/blocking_pool.h"
#include "core/log.h"
#include "core/text.h"

namespace penstock::database {
namespace {

constexpr size_t kValueBytesMax = 1'000'000'000;  // SQLite's limit; PostgreSQL's is 2^30

using Work = std::function<Result<void>(Connection&)>;
using Done = std::function<void(Result<void>)>;

struct Job {
  Work work;
  Done done;
};

// The connection that work sees: what all engines refuse alike is refused here, whichever one is in use.
class WorkConnection : public Connection {
 public:
  explicit WorkConnection(Connection& engine) : engine_(engine) {}

  Result<int64_t> execute(std::string_view sql, std::span<const Value> values) override {
    RETURN_IF_ERROR(check(sql, values));
    return kept(engine_.execute(sql, values));
  }
  Result<void> query(std::string_view sql, std::span<const Value> values,
                     const std::function<bool(const Row&)>& on_row) override {
    RETURN_IF_ERROR(check(sql, values));
    return kept(engine_.query(sql, values, on_row));
  }

  // The first statement's that failed: PostgreSQL runs nothing after it.
  const std::optional<Error>& failure() const { return failure_; }

 private:
  Result<void> check(std::string_view sql, std::span<const Value> values) {
    if (failure_) return Failure(*failure_);
    for (size_t i = 0; i < values.size() && !failure_; ++i) {
      failure_ = fault_of(values[i]);
      if (failure_) failure_->message += ": $" + std::to_string(i + 1) + " in: " + std::string(sql);
    }
    if (failure_) return Failure(*failure_);
    return {};
  }

  static std::optional<Error> fault_of(const Value& value) {
    const auto* text = std::get_if<std::string>(&value);
    const auto* blob = std::get_if<Blob>(&value);
    size_t size = text != nullptr ? text->size() : blob != nullptr ? blob->size() : 0;
    if (size > kValueBytesMax) {
      return Error{.code = ErrorCode::kTooLarge,
                   .message = "a value of " + std::to_string(size) + " bytes is too large for the database"};
    }
    if (text == nullptr || (is_valid_utf8(*text) && !text->contains('\0'))) return std::nullopt;
    return Error::invalid({}, "text must be UTF-8 without zero bytes");
  }

  template <class T>
  Result<T> kept(Result<T> outcome) {
    if (!outcome && !failure_) failure_ = outcome.error();
    return outcome;
  }

  Connection& engine_;
  std::optional<Error> failure_;
};

Result<void> run_guarded(const Work& work, Connection& engine) {
  WorkConnection connection(engine);
  std::string what = "an unknown exception";
  try {
    Result<void> outcome = work(connection);
    if (outcome && connection.failure()) return Failure(*connection.failure());
    return outcome;
  } catch (const std::exception& thrown) {
    what = thrown.what();
  } catch (...) {
    // Not ours to know; the statement above names it.
  }
  log_error("database work threw", {{"what", what}});
  return Failure(Error::internal("database work threw: " + what));
}

// A read sees one state of the database, however many statements it has.
Result<void> run_read(Session& session, const Work& work) {
  RETURN_IF_ERROR(session.begin());
  Result<void> outcome = run_guarded(work, session);
  session.rollback();
  return outcome;
}

// Runs the jobs' work in one transaction.
class WriteBatch {
 public:
  explicit WriteBatch(Session& session) : session_(session) {}

  // One outcome for each job. Where the transaction as a whole fails, no work has left a trace and every job
  // that had gone well has the transaction's error.
  std::vector<Result<void>> run(const std::vector<Job>& jobs) {
    std::vector<Result<void>> outcomes;
    Result<void> transaction = session_.begin();
    for (const Job& job : jobs) {
      if (!transaction) break;
      outcomes.push_back(run_one(job.work));
      if (!session_.in_transaction()) transaction = Failure(lost(outcomes.back()));
    }
    if (transaction) transaction = session_.commit();
    if (transaction) return outcomes;
    session_.rollback();
    outcomes.resize(jobs.size());
    for (Result<void>& outcome : outcomes) {
      if (outcome) outcome = Failure(transaction.error());
    }
    return outcomes;
  }

 private:
  Result<void> run_one(const Work& work) {
    RETURN_IF_ERROR(session_.set_savepoint());
    Result<void> outcome = run_guarded(work, session_);
    if (!session_.in_transaction()) return outcome;
    RETURN_IF_ERROR(outcome ? session_.keep_since_savepoint() : session_.undo_to_savepoint());
    return outcome;
  }

  static Error lost(const Result<void>& outcome) {
    return outcome ? Error::internal("the database rolled the transaction back") : outcome.error();
  }

  Session& session_;
};

class QueuedDatabase : public Database {
 public:
  QueuedDatabase(std::unique_ptr<Session> writer, std::vector<std::unique_ptr<Session>> readers,
                 QueueLimits limits, EngineIdentity identity)
      : limits_(limits),
        identity_(std::move(identity)),
        writer_(std::move(writer)),
        idle_readers_(std::move(readers)),
        read_pool_({.name = "database read", .threads = idle_readers_.size(), .queue_max = limits.queue_max}),
        write_thread_({.name = "database write", .threads = 1, .queue_max = 1}) {}

  Result<void> read_now(const Work& work) override { return run_now(Access::kRead, work); }
  Result<void> write_now(const Work& work) override { return run_now(Access::kWrite, work); }
  Result<std::string> describe() override {
    std::string version;
    RETURN_IF_ERROR(read_now([&](Connection& connection) {
      return connection.query(identity_.select_version, {}, [&](const Row& row) {
        version = row.text(0);
        return false;
      });
    }));
    return std::string(identity_.name) + " " + version + ", " + identity_.place;
  }
  std::string problem() const override {
    std::lock_guard lock(mutex_);
    return problem_;
  }

 protected:
  void enqueue(Access access, Work work, Done done) override {
    auto job = std::make_shared<Job>(std::move(work), std::move(done));
    bool queued = access == Access::kRead ? read_pool_.post([this, job] { read(*job); }) : queue_write(*job);
    if (!queued) job->done(Failure(full_error()));
  }

 private:
  Error full_error() const {
    return Error{
        .code = ErrorCode::kRateLimited,
        .message = "the database queue is full (" + std::to_string(limits_.queue_max) + " calls waiting)",
        .retry_after_ms = 1000};
  }

  void read(const Job& job) {
    std::unique_ptr<Session> session;
    {
      std::lock_guard lock(mutex_);
      session = std::move(idle_readers_.back());  // as many as the pool has threads
      idle_readers_.pop_back();
    }
    Result<void> outcome = run_read(*session, job.work);
    {
      std::lock_guard lock(mutex_);
      idle_readers_.push_back(std::move(session));
      note(outcome);
    }
    job.done(std::move(outcome));
  }

  // Under mutex_.
  void note(const Result<void>& outcome) {
    using enum ErrorCode;
    ErrorCode code = outcome ? kInternal : outcome.error().code;
    bool at_fault = code == kUnavailable || code == kStorageFull || code == kCorrupt;
    if (outcome) problem_.clear();
    if (at_fault) problem_ = outcome.error().message;
  }

  bool queue_write(Job& job) {
    std::lock_guard lock(mutex_);
    if (writes_.size() >= limits_.queue_max) return false;
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
      {
        std::lock_guard lock(mutex_);
        for (const Result<void>& outcome : outcomes) note(outcome);
      }
      for (size_t i = 0; i < jobs.size(); ++i) jobs[i].done(std::move(outcomes[i]));
    }
  }

  std::vector<Job> take_writes() {
    std::lock_guard lock(mutex_);
    auto end = writes_.begin() + static_cast<ptrdiff_t>(std::min(limits_.batch_max, writes_.size()));
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

  const QueueLimits limits_;
  const EngineIdentity identity_;
  std::unique_ptr<Session> writer_;  // used by the writer's thread only

  mutable std::mutex mutex_;
  std::vector<std::unique_ptr<Session>> idle_readers_;
  std::deque<Job> writes_;
  bool writing_ = false;  // write_all runs, or is about to
  std::string problem_;

  BlockingPool read_pool_;  // the pools come last: their threads use everything above
  BlockingPool write_thread_;
};

}  // namespace

std::unique_ptr<Database> make_queued_database(std::unique_ptr<Session> writer,
                                               std::vector<std::unique_ptr<Session>> readers,
                                               QueueLimits limits, EngineIdentity identity) {
  return std::make_unique<QueuedDatabase>(std::move(writer), std::move(readers), limits, std::move(identity));
}

}  // namespace penstock::database
