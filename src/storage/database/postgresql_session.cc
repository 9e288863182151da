#include "storage/database/postgresql_session.h"

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>

#include "core/clock.h"
#include "core/log.h"
#include "core/random.h"
#include "storage/database/column_mismatch.h"
#include "storage/database/portable_sql.h"
#include "storage/database/postgresql_error.h"

namespace penstock::database {
namespace {

constexpr int64_t kPauseMinMs = 100;  // between attempts to connect
constexpr int64_t kPauseMaxMs = 2'000;
constexpr int64_t kSettlePauseMs = 100;

constexpr std::string_view kBeginRead = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
constexpr std::string_view kBeginWrite = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE";
// Writers of all processes take turns, as with SQLite: each statement sees what they committed, and none of
// them commits meanwhile. The number reads "penstock" in ASCII.
constexpr std::string_view kTakeTurn =
    "SELECT pg_advisory_xact_lock(8099000947049456491), CAST(pg_current_xact_id() AS text)";
constexpr size_t kTakeTurnAt = 1;  // of the commands that begin a write
constexpr std::string_view kSavepoint = "SAVEPOINT one_write";
constexpr std::string_view kRelease = "RELEASE SAVEPOINT one_write";
constexpr std::string_view kUndo = "ROLLBACK TO SAVEPOINT one_write";
constexpr std::string_view kStatusOf = "SELECT pg_xact_status(CAST($1 AS xid8))";

// A statement is prepared for the types of its values, too.
std::string key_of(std::string_view sql, std::span<const Value> values) {
  static constexpr std::string_view kTypes = "nirtb";
  std::string key(sql);
  key.push_back('\0');
  for (const Value& value : values) key.push_back(kTypes[value.index()]);
  return key;
}

int64_t changed_rows(PGresult* result) {
  std::string_view tag = PQcmdStatus(result);
  bool changes = tag.starts_with("INSERT") || tag.starts_with("UPDATE") || tag.starts_with("DELETE");
  return changes ? std::strtoll(PQcmdTuples(result), nullptr, 10) : 0;
}

}  // namespace

const std::string* PreparedNames::find(const std::string& key) {
  auto found = by_key_.find(key);
  if (found == by_key_.end()) return nullptr;
  by_age_.splice(by_age_.begin(), by_age_, found->second);
  return &by_age_.front().name;
}

void PreparedNames::add(const std::string& key, std::string name) {
  by_age_.push_front({key, std::move(name)});
  by_key_.emplace(by_age_.front().key, by_age_.begin());
}

std::string PreparedNames::take_surplus() {
  if (by_age_.size() < kStatementsMax) return {};
  std::string name = std::move(by_age_.back().name);
  by_key_.erase(by_age_.back().key);
  by_age_.pop_back();
  return name;
}

void PreparedNames::clear() {
  by_key_.clear();
  by_age_.clear();
}

PostgresqlSession::PostgresqlSession(PostgresqlUrl url, PostgresqlTimeouts timeouts, Mode mode)
    : url_(std::move(url)), timeouts_(timeouts), mode_(mode) {}

Result<void> PostgresqlSession::connect() {
  prepared_.clear();
  link_.reset();
  auto link = PostgresqlLink::connect(url_, timeouts_);
  if (link) {
    if (!std::exchange(reachable_, true)) log_info("the database is reachable again");
    pause_ms_ = 0;
    link_ = std::move(*link);
    return {};
  }
  last_failure_ = std::move(link).error();
  if (std::exchange(reachable_, false))
    log_warn("the database is not reachable", {{"why", last_failure_.message}});
  pause_ms_ = std::clamp(pause_ms_ * 2, kPauseMinMs, kPauseMaxMs);
  // Jitter, so that many sessions do not all come back at once.
  int64_t jitter_us =
      static_cast<int64_t>(system_random().next_u64() % static_cast<uint64_t>(pause_ms_ * 500));
  next_attempt_us_ = system_clock().monotonic_us() + pause_ms_ * 1000 - jitter_us;
  return Failure(last_failure_);
}

Result<void> PostgresqlSession::connect_unless_connected() {
  if (link_ && !link_->is_broken()) return {};
  int64_t wait_us = next_attempt_us_ - system_clock().monotonic_us();
  if (pause_ms_ == 0 || wait_us <= 0) return connect();
  Error error = last_failure_;
  error.retry_after_ms = wait_us / 1000 + 1;
  return Failure(std::move(error));
}

Result<int64_t> PostgresqlSession::execute(std::string_view sql, std::span<const Value> values) {
  ASSIGN_OR_RETURN(PostgresqlResult result, run(sql, values));
  return changed_rows(result.get());
}

Result<void> PostgresqlSession::query(std::string_view sql, std::span<const Value> values,
                                      const std::function<bool(const Row&)>& on_row) {
  ASSIGN_OR_RETURN(PostgresqlResult result, run(sql, values));
  PostgresqlRow row(result.get());
  try {
    for (int i = 0; i < PQntuples(result.get()); ++i) {
      row.move_to(i);
      if (!on_row(row)) return {};
    }
  } catch (const ColumnMismatch& mismatch) {
    return Failure(Error::internal(std::string(mismatch.what()) + " in: " + std::string(sql)));
  }
  return {};
}

Result<void> PostgresqlSession::execute_script(std::string_view sql) {
  for (std::string_view statement : split_statements(sql)) RETURN_IF_ERROR(execute(statement));
  return {};
}

Result<void> PostgresqlSession::begin() {
  in_transaction_ = true;
  started_ = false;
  pending_ = {mode_ == Mode::kRead ? kBeginRead : kBeginWrite};
  if (mode_ == Mode::kWrite) pending_.push_back(kTakeTurn);
  return {};
}

Result<void> PostgresqlSession::set_savepoint() {
  pending_.push_back(kSavepoint);
  return {};
}

Result<void> PostgresqlSession::keep_since_savepoint() {
  if (!pending_.empty() && pending_.back() == kSavepoint) {
    pending_.pop_back();  // nothing was done since
  } else {
    pending_.push_back(kRelease);
  }
  return {};
}

Result<void> PostgresqlSession::undo_to_savepoint() {
  bool untouched = !pending_.empty() && pending_.back() == kSavepoint;
  if (!untouched) pending_.push_back(kUndo);
  return keep_since_savepoint();
}

Result<void> PostgresqlSession::commit() {
  if (!started_) {
    rollback();
    return {};
  }
  std::vector<PostgresqlCommand> commands;
  for (std::string_view control : pending_) commands.push_back({.text = std::string(control)});
  commands.push_back({.text = "COMMIT"});
  PostgresqlReply reply = link_->exchange(commands);
  if (reply.lost) {
    rollback();
    return settle_commit(failure_of(reply, "COMMIT"), transaction_id_);
  }
  bool committed = !reply.refused && PQcmdStatus(reply.results.back().get()) == std::string_view("COMMIT");
  Error failure = committed       ? Error{}
                  : reply.refused ? failure_of(reply, "COMMIT")
                                  : Error::internal("the server rolled the transaction back");
  rollback();
  if (!committed) return Failure(std::move(failure));
  return {};
}

void PostgresqlSession::rollback() {
  if (started_ && !link_->is_broken() && link_->in_transaction()) {
    const PostgresqlCommand command{.text = "ROLLBACK"};
    (void)link_->exchange(
        {&command, 1});  // where it fails, the connection is gone, and with it the transaction
  }
  in_transaction_ = false;
  started_ = false;
  pending_.clear();
}

// Nothing has been done before a transaction's first statement, and servers close idle connections: it is
// sent again, once, over a new one.
Result<PostgresqlResult> PostgresqlSession::run(std::string_view sql, std::span<const Value> values) {
  if (!in_transaction_) return Failure(Error::internal("no transaction for: " + std::string(sql)));
  bool was_connected = link_ != nullptr && !link_->is_broken();
  bool first = !started_;
  auto outcome = run_once(sql, values);
  if (!outcome && first && was_connected && link_->is_broken() && !link_->is_silent()) {
    outcome = run_once(sql, values);
  }
  if (link_ == nullptr || link_->is_broken()) rollback();
  return outcome;
}

Result<PostgresqlResult> PostgresqlSession::run_once(std::string_view sql, std::span<const Value> values) {
  if (!started_) RETURN_IF_ERROR(connect_unless_connected());
  std::string key = key_of(sql, values);
  PostgresqlParameters parameters(values);
  std::vector<PostgresqlCommand> commands;
  for (std::string_view control : pending_) commands.push_back({.text = std::string(control)});
  const std::string* known = prepared_.find(key);
  std::string name = known != nullptr ? *known : prepared_.unused_name();
  if (known == nullptr) {
    ASSIGN_OR_RETURN(PostgresqlText text, to_postgresql(sql, values));
    if (std::string surplus = prepared_.take_surplus(); !surplus.empty()) {
      commands.push_back({.text = "DEALLOCATE " + surplus});
    }
    commands.push_back({.kind = PostgresqlCommand::Kind::kPrepare,
                        .text = std::move(text.sql),
                        .name = name,
                        .parameters = &parameters});
  }
  commands.push_back({.kind = PostgresqlCommand::Kind::kExecute, .name = name, .parameters = &parameters});
  PostgresqlReply reply = link_->exchange(commands);
  bool prepared = reply.results.size() >= commands.size() - 1;
  if (known == nullptr && prepared && !reply.lost) prepared_.add(key, std::move(name));
  return take_reply(std::move(reply), commands.size(), sql);
}

// The last command's result; keeps account of the transaction.
Result<PostgresqlResult> PostgresqlSession::take_reply(PostgresqlReply reply, size_t commands,
                                                       std::string_view sql) {
  if (reply.lost) return Failure(failure_of(reply, sql));
  bool begins = !std::exchange(started_, true) && mode_ == Mode::kWrite;
  if (reply.results.size() < pending_.size()) {  // not even the transaction or its savepoint came about
    Error failure = failure_of(reply, sql);
    rollback();
    return Failure(std::move(failure));
  }
  if (begins) transaction_id_ = PQgetvalue(reply.results[kTakeTurnAt].get(), 0, 1);
  pending_.clear();
  if (reply.results.size() < commands) return Failure(failure_of(reply, sql));
  return std::move(reply.results.back());
}

Error PostgresqlSession::failure_of(const PostgresqlReply& reply, std::string_view what) const {
  if (!reply.lost) return postgresql_error(reply.refused.get(), what);
  if (!reply.refused) return postgresql_lost(url_.label, *reply.lost);
  return postgresql_lost(url_.label, postgresql_error(reply.refused.get(), "the server ended it").message);
}

// The connection broke during a commit: was it made? As writers take turns, the server answers once the
// transaction has ended, one way or the other.
Result<void> PostgresqlSession::settle_commit(Error failure, const std::string& transaction) {
  int64_t deadline_us = system_clock().monotonic_us() + timeouts_.connect_ms * 1000;
  do {
    Result<std::string> status = status_of(transaction);
    if (status && *status == "committed") return {};
    if (status && *status == "aborted") return Failure(std::move(failure));
    std::this_thread::sleep_for(std::chrono::milliseconds(kSettlePauseMs));
  } while (system_clock().monotonic_us() < deadline_us);
  failure.message += ": the connection was lost during the commit, and whether it was made is not known";
  failure.reason = kOutcomeUnknown;
  return Failure(std::move(failure));
}

Result<std::string> PostgresqlSession::status_of(const std::string& transaction) {
  pause_ms_ = 0;
  RETURN_IF_ERROR(begin());
  const Value values[] = {transaction};
  auto result = run(kStatusOf, values);
  rollback();
  if (!result) return Failure(std::move(result).error());
  return std::string(PQgetvalue(result->get(), 0, 0));  // empty for NULL
}

}  // namespace penstock::database
