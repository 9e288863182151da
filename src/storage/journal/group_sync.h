#pragma once

#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "core/blocking_pool.h"
#include "core/file.h"
#include "storage/journal/journal.h"

namespace penstock::journal {

struct GroupSyncOptions {
  std::filesystem::path directory;
  int64_t interval_ms = 5;
  std::function<void()> upkeep;  // called on the sync thread after each sync, and about once a minute
};

// Brings appended bytes to the disk, many records with one fdatasync(2), on a thread of its own. While
// somebody waits it syncs without pause, each sync taking along what was appended during the one before; else
// every interval_ms. Thread-safe.
class GroupSync {
 public:
  // `end`: everything below it in `file` is in the kernel; nothing of it is taken to be on disk yet.
  GroupSync(GroupSyncOptions options, std::shared_ptr<const AppendFile> file, Position end, FileCalls& calls);
  ~GroupSync();  // syncs the rest and answers whoever waits

  // From now on appends go to `file`, a new segment.
  void started(std::shared_ptr<const AppendFile> file);
  // Everything below `end` is in the kernel.
  void appended(Position end);
  // Calls `done` once the record at `position` is on disk, or cannot be brought there.
  void when_durable(Position position, std::function<void(Result<void>)> done);

 private:
  struct Waiter {
    Position position;
    std::function<void(Result<void>)> done;
  };

  void run();
  Result<void> sync_files(const std::vector<std::shared_ptr<const AppendFile>>& files, bool new_names);
  std::vector<Waiter> take_answered(const Result<void>& synced, Position end);

  GroupSyncOptions options_;
  FileCalls& calls_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::shared_ptr<const AppendFile>>
      files_;              // with bytes that are not on disk; the last is appended to
  bool new_names_ = true;  // the directory has unsynced entries
  bool dirty_ = true;
  bool stopping_ = false;
  Position end_;
  Position synced_;  // everything below is on disk, except below lost_
  Position lost_;    // a sync failed: of what stands below, that was not synced before, nothing is known
  std::vector<Waiter> waiters_;
  BlockingPool thread_;  // last: its thread uses everything above
};

}  // namespace penstock::journal
