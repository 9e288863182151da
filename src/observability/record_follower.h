#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/result.h"
#include "observability/cost_sums.h"
#include "observability/request_log.h"
#include "storage/database/database.h"
#include "storage/journal/journal.h"

namespace penstock::observability {

// What adds costs up in the database.
class RecordSink {
 public:
  virtual ~RecordSink() = default;
  // Counts `costs` within the transaction that also remembers how far the journal has been counted: each
  // request counts once, or not at all where that transaction fails.
  virtual Result<void> count(database::Connection& connection, const HourlyCosts& costs) = 0;
};

// Hands every request of a journal to its sinks exactly once, from where it stopped, in whatever process that
// was. What is written while it lives is added up in memory as it is written; only what was written before
// (or while the database could not be reached for so long that memory ran full) is read from the journal.
class RecordFollower {
 public:
  static constexpr size_t kBatchRecords = 1'024;
  static constexpr int64_t kBatchBytesMax = 8 << 20;
  static constexpr size_t kLiveRowsMax = 50'000;  // of sums in memory; beyond that the journal is read

  // `name` and `node` say whose position this is; a node has one journal, `requests`, which `log` writes. All
  // else outlives it. A log has one follower.
  RecordFollower(journal::Journal& requests, RequestLog& log, database::Database& database, std::string name,
                 std::string node, std::vector<RecordSink*> sinks);
  ~RecordFollower();
  RecordFollower(const RecordFollower&) = delete;
  RecordFollower& operator=(const RecordFollower&) = delete;

  // Counts all that has been written so far. Returns how many requests that were. Blocking; one thread. After
  // an error the next call goes on where the last transaction ended.
  Result<int64_t> catch_up();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace penstock::observability
