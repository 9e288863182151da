#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.h"
#include "core/file.h"
#include "core/result.h"
#include "core/task.h"
#include "core/uuid.h"

namespace penstock::journal {

// When an append counts as done: `process` once the kernel has it (survives kill -9), `strict` once it is on
// disk.
enum class Durability : uint8_t { kProcess, kStrict };

struct JournalOptions {
  std::filesystem::path directory;  // DATA/journal/<stream>; made if absent
  Durability durability = Durability::kProcess;
  int64_t segment_bytes_max = 64 << 20;  // a fuller segment is closed and a new one begun
  int64_t record_bytes_max = 16 << 20;
  int64_t sync_interval_ms = 5;     // background group commit
  int64_t retention_bytes_max = 0;  // 0: keep all; whole closed segments are dropped, oldest first
  int64_t retention_us_max = 0;
};

// Where a record stands; orders records as they were appended. Text form (for page cursors):
// "<segment>-<offset>".
struct Position {
  uint64_t segment = 0;
  uint64_t offset = 0;
  auto operator<=>(const Position&) const = default;
  std::string text() const;
  static std::optional<Position> parse(std::string_view text);
};

struct Record {
  Uuid id;
  Timestamp at;
  std::string payload;
};

struct Entry {
  Position position;
  Record record;
};

// What opening found: records kept, and bytes of a torn last record that were cut off.
struct Recovery {
  uint64_t records = 0;
  uint64_t segments = 0;
  uint64_t torn_bytes = 0;
};

// Appends records to checksummed segment files and reads them back (docs/formats/journal_segment.md). One
// process owns a directory (lock file); opening it a second time is kConflict. All members are thread-safe.
//
// Records whose bytes no longer match their checksum are never returned and never passed over in silence:
// reads skip them, log them and add them to `damage()`.
class Journal {
 public:
  static Result<std::unique_ptr<Journal>> open(JournalOptions options, const Clock& clock = system_clock(),
                                               FileCalls& calls = system_file_calls());
  virtual ~Journal() = default;  // syncs what is not on disk yet

  // Returns once the record is in the kernel: one writev(2) under a short lock, no wait for the disk, safe on
  // an event loop. With kStrict the caller then awaits `durable(position)` before it acknowledges. kTooLarge
  // for a payload over record_bytes_max; kStorageFull, like any other error, leaves no trace.
  virtual Result<Position> append(const Record& record) = 0;
  // Done once the record is on disk (kStrict), at once with kProcess. kInternal if the disk refused it: then
  // it may or may not survive a power loss.
  virtual Task<Result<void>> durable(Position position) = 0;

  // Visits records newest first, starting below `before` (from the end if nullopt), until `visit` returns
  // false or `bytes_max` of payload were visited (at least one record is). Returns what to pass as `before`
  // to go on, nullopt at the beginning. Blocking: call it on a BlockingPool. Any position is accepted, also
  // one of a dropped segment.
  using Visitor = std::function<bool(const Position&, const Record&)>;
  virtual Result<std::optional<Position>> scan_backwards(std::optional<Position> before, int64_t bytes_max,
                                                         const Visitor& visit) = 0;
  // The same oldest first, from `from` on (inclusive; {} is the beginning); nullopt at the end.
  virtual Result<std::optional<Position>> scan(Position from, int64_t bytes_max, const Visitor& visit) = 0;
  // By id, using its time to find the block; kNotFound, or kCorrupt if it is there but damaged. Blocking.
  virtual Result<Record> find(const Uuid& id) = 0;
  // The position of the first record at or after a time (records are nearly, not strictly, in time order).
  // Blocking.
  virtual Result<std::optional<Position>> first_at(Timestamp at) = 0;

  // Calls `on_record` for every record appended from now on, in order of position, on the appending thread
  // and under the journal's lock, until the returned object is destroyed. It must be quick and must not call
  // the journal nor destroy the follower.
  using Follower = std::shared_ptr<void>;
  virtual Follower follow(std::function<void(const Position&, const Record&)> on_record) = 0;

  virtual const Recovery& recovery() const = 0;
  // Damaged places met so far, at opening and by reads: kCorrupt, naming file and offset. The first
  // kDamageMax.
  static constexpr size_t kDamageMax = 1000;
  virtual std::vector<Error> damage() const = 0;

  // Every record appended so far stands below it, every later one there or above.
  virtual Position end() = 0;
};

}  // namespace penstock::journal
