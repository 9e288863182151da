#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "access/access_store.h"
#include "access/config.h"
#include "access/snapshot.h"
#include "core/clock.h"
#include "core/http_message.h"
#include "core/result.h"
#include "core/task.h"
#include "storage/database/database.h"

namespace penstock::access {

// Knows who exists and recognises callers. What it knows comes from penstock.yaml and from the database, as
// of the last `reload`; everybody works with the same immutable snapshot. Thread-safe.
class Directory {
 public:
  // `database` and `clock` outlive it. Knows the configuration alone until the first reload.
  Directory(AccessConfig config, database::Database& database, const Clock& clock, Anonymous anonymous);

  static constexpr int64_t kRefreshMs = 2'000;  // how often `app/` refreshes it, for changes made elsewhere

  // Reads the database anew, if anything has changed there. Blocking: for start-up and for pools.
  Result<void> reload();
  // The same for event loops.
  Task<Result<void>> refresh();
  // Changes rows of this folder in one transaction. What it did counts here once this has returned.
  template <class T>
  Task<Result<T>> change(std::function<Result<T>(database::Connection&)> work);
  // Takes over another configuration at once.
  void configure(AccessConfig config);

  // Calls `watcher` with the present snapshot and with each later one, just before it takes effect. It must
  // be quick and must not call the directory. One watcher; it outlives all changes.
  using Watcher = std::function<void(const std::shared_ptr<const Snapshot>&)>;
  void watch(Watcher watcher);

  std::shared_ptr<const Snapshot> snapshot() const { return snapshot_.load(std::memory_order_acquire); }

  // The principal's id of whoever sent these headers: a key or token in `Authorization: Bearer ...` or
  // `x-api-key`, or a session's cookie. kUnauthenticated says how to send one, never what was sent. No lock,
  // no I/O, about 1 µs. Without accounts and configured keys, what is no key of ours is not looked at (SDKs
  // always send something), and the caller is "".
  Result<std::string> authenticate(const Headers& headers) const;

 private:
  Result<std::string> by_secret(const Snapshot& snapshot, std::string_view text) const;
  Result<std::string> by_key(const Snapshot& snapshot, std::string_view text) const;
  Result<std::string> by_token(const Snapshot& snapshot, std::string_view text) const;
  Result<std::string> by_session(const Snapshot& snapshot, std::string_view text) const;
  void publish();
  struct Reading {
    int64_t change = 0;
    std::optional<AccessData> data;  // nothing: `change` is known already
  };
  Result<Reading> read(database::Connection& connection) const;
  void take_over(Reading reading);

  database::Database& database_;
  const Clock& clock_;
  const Anonymous anonymous_;
  std::mutex mutex_;  // of the four below
  AccessConfig config_;
  AccessData stored_;
  Watcher watcher_;
  std::atomic<int64_t> change_{-1};  // of stored_
  std::atomic<std::shared_ptr<const Snapshot>> snapshot_;
};

template <class T>
Task<Result<T>> Directory::change(std::function<Result<T>(database::Connection&)> work) {
  std::function<Result<T>(database::Connection&)> counted =
      [work = std::move(work)](database::Connection& connection) -> Result<T> {
    Result<T> outcome = work(connection);
    if (outcome) RETURN_IF_ERROR(count_change(connection));
    return outcome;
  };
  Result<T> outcome = co_await database_.write<T>(std::move(counted));
  if (outcome) CO_RETURN_IF_ERROR(co_await refresh());
  co_return outcome;
}

// The value of a cookie; empty if absent (RFC 6265 §5.4).
std::string_view cookie_of(const Headers& headers, std::string_view name);

inline constexpr std::string_view kSessionCookie = "penstock_session";

}  // namespace penstock::access
