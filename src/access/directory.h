#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>

#include "access/config.h"
#include "access/snapshot.h"
#include "core/clock.h"
#include "core/http_message.h"
#include "core/result.h"
#include "storage/database/database.h"

namespace penstock::access {

// Knows who exists and recognises callers. What it knows comes from penstock.yaml and from the database, as
// of the last `reload`; everybody works with the same immutable snapshot. Thread-safe.
class Directory {
 public:
  // `database` and `clock` outlive it. Knows the configuration alone until the first reload.
  Directory(AccessConfig config, database::Database& database, const Clock& clock, Anonymous anonymous);

  // Reads the database anew. Blocking: for start-up and for pools.
  Result<void> reload();
  // Takes over another configuration at once.
  void configure(AccessConfig config);

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

  database::Database& database_;
  const Clock& clock_;
  const Anonymous anonymous_;
  std::mutex mutex_;  // of the two below
  AccessConfig config_;
  AccessData stored_;
  std::atomic<std::shared_ptr<const Snapshot>> snapshot_;
};

// The value of a cookie; empty if absent (RFC 6265 §5.4).
std::string_view cookie_of(const Headers& headers, std::string_view name);

inline constexpr std::string_view kSessionCookie = "penstock_session";

}  // namespace penstock::access
