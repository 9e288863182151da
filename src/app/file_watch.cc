#include "app/file_watch.h"

#include <sys/stat.h>

#include <chrono>
#include <utility>

namespace penstock::app {
namespace {

int64_t nanoseconds(const timespec& time) { return time.tv_sec * 1'000'000'000 + time.tv_nsec; }

}  // namespace

FileWatch::FileWatch(std::filesystem::path file, int64_t poll_ms, std::function<void()> on_change)
    : file_(std::move(file)), poll_ms_(poll_ms), on_change_(std::move(on_change)), seen_(look()) {
  thread_ = std::thread([this] { run(); });
}

FileWatch::~FileWatch() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wakes_.notify_all();
  thread_.join();
}

std::optional<FileWatch::Look> FileWatch::look() const {
  struct stat found{};
  if (stat(file_.c_str(), &found) != 0) return std::nullopt;
  return Look{.device = found.st_dev,
              .inode = found.st_ino,
              .size = found.st_size,
              .modified_ns = nanoseconds(found.st_mtim),
              .changed_ns = nanoseconds(found.st_ctim)};
}

// False: it is time to end.
bool FileWatch::sleep() {
  std::unique_lock lock(mutex_);
  return !wakes_.wait_for(lock, std::chrono::milliseconds(poll_ms_), [this] { return stopping_; });
}

void FileWatch::run() {
  pthread_setname_np(pthread_self(), "file watch");
  std::optional<Look> last = seen_;
  while (sleep()) {
    std::optional<Look> now = look();
    bool settled = now == last;
    last = now;
    if (!settled || !now || now == seen_) continue;
    seen_ = now;
    on_change_();
  }
}

}  // namespace penstock::app
