#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <thread>

#include "core/file.h"

namespace penstock::app {

// Calls back, on a thread of its own, when a file has become another: written, replaced by a rename, or back
// after it was gone. The file must look the same twice, so that nobody reads half of what an editor writes.
//
// The kernel tells at once of what happens in the file's folder (inotify): kSettleMs later the file is looked
// at again. What it cannot tell, a link into another folder or a network file system, is found by looking
// every `poll_ms`.
class FileWatch {
 public:
  static constexpr int64_t kSettleMs = 10;

  FileWatch(std::filesystem::path file, int64_t poll_ms, std::function<void()> on_change);
  ~FileWatch();  // waits for a callback in progress
  FileWatch(const FileWatch&) = delete;
  FileWatch& operator=(const FileWatch&) = delete;

 private:
  // What tells one state of a file from another.
  struct Look {
    uint64_t device = 0, inode = 0;
    int64_t size = 0, modified_ns = 0, changed_ns = 0;
    bool operator==(const Look&) const = default;
  };
  enum class Woken : uint8_t { kByFolder, kByTime, kToEnd };
  std::optional<Look> look() const;
  Woken wait(int64_t timeout_ms);
  void run();

  const std::filesystem::path file_;
  const int64_t poll_ms_;
  const std::function<void()> on_change_;
  std::optional<Look> seen_;
  UniqueFd folder_;  // inotify; none where the kernel has no more of them
  UniqueFd end_;     // readable: it is time to end
  std::thread thread_;
};

}  // namespace penstock::app
