#include "app/file_watch.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <tuple>
#include <utility>

#include "core/log.h"

namespace penstock::app {
namespace {

int64_t nanoseconds(const timespec& time) { return time.tv_sec * 1'000'000'000 + time.tv_nsec; }

// Tells when something in the folder of `file` has been written, or has got or lost a name.
UniqueFd watch_folder(const std::filesystem::path& file) {
  UniqueFd folder(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  std::filesystem::path path = file.has_parent_path() ? file.parent_path() : ".";
  constexpr uint32_t kEvents = IN_CLOSE_WRITE | IN_MOVED_TO | IN_CREATE;
  if (folder && ::inotify_add_watch(folder.get(), path.c_str(), kEvents) >= 0) return folder;
  log_warn("changes of a file are seen a little late: its folder cannot be watched",
           {{"file", file.string()}});
  return UniqueFd();
}

void drain(int fd) {
  alignas(inotify_event) std::array<char, 4096> events;
  while (::read(fd, events.data(), events.size()) > 0) {
  }
}

}  // namespace

FileWatch::FileWatch(std::filesystem::path file, int64_t poll_ms, std::function<void()> on_change)
    : file_(std::move(file)),
      poll_ms_(poll_ms),
      on_change_(std::move(on_change)),
      seen_(look()),
      folder_(watch_folder(file_)),
      end_(::eventfd(0, EFD_CLOEXEC)) {
  thread_ = std::thread([this] { run(); });
}

FileWatch::~FileWatch() {
  std::ignore = ::eventfd_write(end_.get(), 1);
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

FileWatch::Woken FileWatch::wait(int64_t timeout_ms) {
  std::array<pollfd, 2> waits = {pollfd{.fd = end_.get(), .events = POLLIN, .revents = 0},
                                 pollfd{.fd = folder_.get(), .events = POLLIN, .revents = 0}};
  if (::poll(waits.data(), waits.size(), static_cast<int>(timeout_ms)) <= 0) return Woken::kByTime;
  if (waits[0].revents != 0) return Woken::kToEnd;
  drain(folder_.get());
  return Woken::kByFolder;
}

void FileWatch::run() {
  pthread_setname_np(pthread_self(), "file watch");
  std::optional<Look> last = seen_;
  bool settling = false;  // it has just become another
  while (true) {
    Woken woken = wait(settling ? kSettleMs : poll_ms_);
    if (woken == Woken::kToEnd) return;
    std::optional<Look> now = look();
    bool settled = now == last && woken == Woken::kByTime;
    bool is_new = now && now != seen_;
    last = now;
    settling = is_new && !settled && (settling || woken == Woken::kByFolder);
    if (!settled || !is_new) continue;
    seen_ = now;
    on_change_();
  }
}

}  // namespace penstock::app
