#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/result.h"
#include "observability/request_record.h"
#include "storage/database/database.h"
#include "storage/journal/journal.h"

namespace penstock::observability {

// What adds records up in the database.
class RecordSink {
 public:
  virtual ~RecordSink() = default;
  // Counts `records`, which have no bodies, within the transaction that also remembers how far the journal
  // has been read: each record counts once, or not at all where that transaction fails.
  virtual Result<void> count(database::Connection& connection, std::span<const RequestRecord> records) = 0;
};

// Reads the journal of requests from where it stopped, in whatever process that was, and hands every record
// to its sinks exactly once. One thread.
class RecordFollower {
 public:
  static constexpr size_t kBatchRecords = 1'024;
  static constexpr int64_t kBatchBytesMax = 8 << 20;

  // `name` and `node` say whose position this is; a node has one journal. All else outlives it.
  RecordFollower(journal::Journal& requests, database::Database& database, std::string name, std::string node,
                 std::vector<RecordSink*> sinks);

  // Up to the end of the journal, a transaction per batch. Returns how many records that were. Blocking.
  // After an error the next call goes on where the last transaction ended.
  Result<int64_t> catch_up();

 private:
  struct Batch;
  Result<Batch> next_batch(journal::Position after);
  Result<journal::Position> stored_position();

  journal::Journal& requests_;
  database::Database& database_;
  const std::string name_;
  const std::string node_;
  const std::vector<RecordSink*> sinks_;
  std::optional<journal::Position> position_;  // of the last record counted; unknown until read
};

}  // namespace penstock::observability
