#pragma once

#include <condition_variable>
#include <filesystem>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

namespace penstock::app {

// Calls back, on a thread of its own, when a file has become another: written, replaced by a rename, or back
// after it was gone. The file must look the same twice, so that nobody reads half of what an editor writes.
class FileWatch {
 public:
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
  std::optional<Look> look() const;
  bool sleep();
  void run();

  const std::filesystem::path file_;
  const int64_t poll_ms_;
  const std::function<void()> on_change_;
  std::optional<Look> seen_;
  std::mutex mutex_;
  std::condition_variable wakes_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace penstock::app
