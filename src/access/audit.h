#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "core/clock.h"
#include "core/digest.h"
#include "core/random.h"
#include "core/result.h"
#include "core/task.h"
#include "core/uuid.h"
#include "storage/database/database.h"
#include "storage/journal/journal.h"

namespace penstock::access {

// Who does something administrative, and in which request.
struct Actor {
  std::string id;    // a principal's
  std::string name;  // for people: a key's name, a user's address
  std::string request_id;
};

// One administrative action. `before` and `after` are JSON objects without secrets; empty: there was, or is,
// nothing.
struct AuditEvent {
  Actor actor;
  std::string action;  // "keys.create": what, then what was done to it
  std::string object;  // "key:Ab12...": which one
  std::string before{};
  std::string after{};
};

struct AuditRecord {
  int64_t sequence = 0;  // 1, 2, 3 ... without a gap
  Uuid id;
  Timestamp at;
  AuditEvent event;
  Digest previous;  // the hash of the record before; zero for the first
  Digest hash;      // of this record, `previous` included
};

struct AuditQuery {
  std::string actor{};   // exact id
  std::string action{};  // exact, or a prefix that ends in '.': "keys."
  std::string object{};  // exact
  std::optional<Timestamp> since{};
  std::optional<Timestamp> until{};
  int64_t limit = 50;  // 1 to Audit::kPageMax
  std::string cursor{};
};

struct AuditPage {
  std::vector<AuditRecord> records;  // newest first
  std::string next_cursor;           // empty: there is nothing older
};

// Whether other servers keep chains of their own in the same database.
enum class Sharing : uint8_t { kAlone, kShared };

// What a check of the whole chain found. Sound if `findings` is empty.
struct AuditVerdict {
  int64_t records = 0;
  Digest head;                        // the hash of the newest record; keep it elsewhere to prove even more
  std::vector<std::string> findings;  // for people; the first kFindingsMax
};

// The journal of everything administrative (docs/audit.md, docs/formats/audit_record.md). Each record holds
// the hash of the one before, and the database holds the newest one's, so that no record can be changed, left
// out, put in, moved or cut off at the end without `verify` finding it. Thread-safe.
class Audit {
 public:
  static constexpr int64_t kPageMax = 200;
  static constexpr int64_t kPageScanBytesMax = 32 << 20;
  static constexpr size_t kFindingsMax = 100;

  // Goes on with the chain of `journal`, or begins one. If the journal's end is not where the database says,
  // that is recorded in the chain, for good. All outlive it.
  static Result<std::unique_ptr<Audit>> open(journal::Journal& journal, database::Database& database,
                                             const Clock& clock, Random& random,
                                             Sharing sharing = Sharing::kAlone);

  // Records what the transaction of `connection` does, as its last step: if the record cannot be written the
  // transaction fails, too.
  Result<void> record(database::Connection& connection, const AuditEvent& event);
  // The same for what is done without a transaction (a reload, a login).
  Task<Result<void>> record(AuditEvent event);

  // Blocking: call them on a pool.
  Result<AuditPage> list(const AuditQuery& query) const;
  Result<AuditVerdict> verify() const;

 private:
  struct Head {
    std::string chain;  // the id of the first record
    int64_t records = 0;
    Digest hash;
  };
  Audit(journal::Journal& journal, database::Database& database, const Clock& clock, Random& random);
  Result<void> begin(Sharing sharing);
  Result<void> append_gap(int64_t found, int64_t expected, std::string_view expected_hash);
  Result<void> resume(const AuditRecord& newest);
  Result<std::optional<AuditRecord>> newest() const;
  Result<std::string> chain_of_journal() const;

  journal::Journal& journal_;
  database::Database& database_;
  const Clock& clock_;
  Random& random_;
  std::mutex mutex_;  // of head_ and the order of appends
  Head head_;
};

// As it stands in the journal.
std::string encode(const AuditRecord& record);
// kCorrupt if it is no record or its hash does not fit its text.
Result<AuditRecord> decode_audit(std::string_view payload);

}  // namespace penstock::access
