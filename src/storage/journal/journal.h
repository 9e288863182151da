#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/clock.h"
#include "core/result.h"
#include "core/task.h"
#include "core/uuid.h"

namespace penstock::journal {

// When an append counts as done: `process` once the kernel has it (survives kill -9), `strict` once it is on disk.
enum class Durability : uint8_t { kProcess, kStrict };

struct JournalOptions {
  std::filesystem::path directory;         // DATA/journal/<stream>; made if absent
  Durability durability = Durability::kProcess;
  int64_t segment_bytes_max = 64 << 20;    // a fuller segment is closed and a new one begun
  int64_t record_bytes_max = 16 << 20;
  int64_t sync_interval_ms = 5;            // background group commit
  int64_t retention_bytes_max = 0;         // 0: keep all; whole closed segments are dropped, oldest first
  int64_t retention_us_max = 0;
};

// Where a record stands; orders records as they were appended. Text form (for page cursors): "<segment>-<offset>".
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

// Appends records to checksummed segment files and reads them back. One process owns a directory (lock file).
// All members are thread-safe.
class Journal {
 public:
  static Result<std::unique_ptr<Journal>> open(JournalOptions options, const Clock& clock = system_clock());
  virtual ~Journal() = default;

  // Returns once the record is in the kernel: one write(2), no lock held across a wait, safe on an event loop.
  // With kStrict the caller then awaits `durable(position)` before it acknowledges. kStorageFull leaves no trace.
  virtual Result<Position> append(const Record& record) = 0;
  virtual Task<Result<void>> durable(Position position) = 0;

  // Visits records newest first, starting below `before` (from the end if nullopt), until `visit` returns false or
  // `bytes_max` were read. Returns where to go on, nullopt at the beginning. Blocking: call it on a BlockingPool.
  using Visitor = std::function<bool(const Position&, const Record&)>;
  virtual Result<std::optional<Position>> scan_backwards(std::optional<Position> before, int64_t bytes_max,
                                                         const Visitor& visit) = 0;
  // The same oldest first, from `from` on (inclusive).
  virtual Result<std::optional<Position>> scan(Position from, int64_t bytes_max, const Visitor& visit) = 0;
  // By id, using its time to find the segment; kNotFound. Blocking.
  virtual Result<Record> find(const Uuid& id) = 0;
  // The position of the first record at or after a time (records are nearly, not strictly, in time order).
  virtual Result<std::optional<Position>> first_at(Timestamp at) = 0;

  // Calls `on_record` for every record appended from now on, on the appending thread, until the returned object is
  // destroyed. It must be quick and must not append.
  using Follower = std::shared_ptr<void>;
  virtual Follower follow(std::function<void(const Position&, const Record&)> on_record) = 0;

  virtual const Recovery& recovery() const = 0;
};

}  // namespace penstock::journal
