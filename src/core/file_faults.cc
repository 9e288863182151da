#include "core/file_faults.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <limits>
#include <utility>
#include <vector>

namespace penstock {
namespace {

int fail_with(int error_number) {
  errno = error_number;
  return -1;
}

int64_t bytes_of(int fd) {
  struct stat status{};
  return fstat(fd, &status) == 0 ? status.st_size : 0;
}

// The first `bytes` of `pieces`.
std::vector<iovec> shortened(const iovec* pieces, int count, int64_t bytes) {
  std::vector<iovec> out;
  for (int i = 0; i < count && bytes > 0; ++i) {
    size_t taken = std::min(pieces[i].iov_len, static_cast<size_t>(bytes));
    out.push_back({pieces[i].iov_base, taken});
    bytes -= static_cast<int64_t>(taken);
  }
  return out;
}

}  // namespace

void FaultyFileCalls::fill_up_after(int64_t bytes) {
  std::lock_guard lock(mutex_);
  room_ = bytes;
}

void FaultyFileCalls::make_room() {
  std::lock_guard lock(mutex_);
  room_.reset();
}

void FaultyFileCalls::fail(Call call, int error_number, int times) {
  std::lock_guard lock(mutex_);
  planned_.at(std::to_underlying(call)) = {error_number, times};
}

void FaultyFileCalls::die_after(int64_t steps) {
  std::lock_guard lock(mutex_);
  steps_left_ = steps;
}

bool FaultyFileCalls::died() const {
  std::lock_guard lock(mutex_);
  return died_;
}

int64_t FaultyFileCalls::steps() const {
  std::lock_guard lock(mutex_);
  return steps_;
}

int64_t FaultyFileCalls::count(Call call) const {
  std::lock_guard lock(mutex_);
  return counts_.at(std::to_underlying(call));
}

int FaultyFileCalls::refuse(Call call) {
  ++counts_.at(std::to_underlying(call));
  if (died_) return EIO;
  Planned& planned = planned_.at(std::to_underlying(call));
  if (planned.times == 0) return 0;
  --planned.times;
  return planned.error_number;
}

bool FaultyFileCalls::changing_step() {
  if (steps_left_ && *steps_left_ <= 0) {
    died_ = true;
    return false;
  }
  if (steps_left_) --*steps_left_;
  ++steps_;
  return true;
}

int FaultyFileCalls::open(const char* path, int flags, mode_t mode) {
  std::lock_guard lock(mutex_);
  if (int error = refuse(Call::kOpen)) return fail_with(error);
  if ((flags & (O_CREAT | O_TRUNC)) != 0 && !changing_step()) return fail_with(EIO);
  int fd = FileCalls::open(path, flags, mode);
  if (fd < 0) return fd;
  paths_[fd] = path;
  if ((flags & O_TRUNC) != 0) synced_bytes_[path] = 0;
  if ((flags & O_ACCMODE) != O_RDONLY) synced_bytes_.try_emplace(path, bytes_of(fd));
  return fd;
}

ssize_t FaultyFileCalls::pread(int fd, void* into, size_t bytes, off_t offset) {
  {
    std::lock_guard lock(mutex_);
    if (int error = refuse(Call::kRead)) return fail_with(error);
  }
  return FileCalls::pread(fd, into, bytes, offset);
}

ssize_t FaultyFileCalls::writev(int fd, const iovec* pieces, int count) {
  std::lock_guard lock(mutex_);
  if (int error = refuse(Call::kWrite)) return fail_with(error);
  int64_t allowed = std::numeric_limits<int64_t>::max();
  if (room_) allowed = std::min(allowed, *room_);
  if (room_ && *room_ == 0) return fail_with(ENOSPC);
  if (steps_left_) allowed = std::min(allowed, *steps_left_);
  std::vector<iovec> taken = shortened(pieces, count, allowed);
  ssize_t written = taken.empty() ? 0 : FileCalls::writev(fd, taken.data(), static_cast<int>(taken.size()));
  if (written > 0) {
    steps_ += written;
    if (room_) *room_ -= written;
    if (steps_left_) *steps_left_ -= written;
  }
  if (steps_left_ && *steps_left_ == 0) {
    died_ = true;
    return fail_with(EIO);
  }
  return written;
}

int FaultyFileCalls::ftruncate(int fd, off_t bytes) {
  std::lock_guard lock(mutex_);
  if (int error = refuse(Call::kTruncate)) return fail_with(error);
  if (!changing_step()) return fail_with(EIO);
  int64_t& synced = synced_bytes_[paths_[fd]];
  synced = std::min<int64_t>(synced, bytes);
  return FileCalls::ftruncate(fd, bytes);
}

int FaultyFileCalls::fdatasync(int fd) {
  std::lock_guard lock(mutex_);
  if (int error = refuse(Call::kSync)) return fail_with(error);
  synced_bytes_[paths_[fd]] = bytes_of(fd);
  return 0;
}

int FaultyFileCalls::fsync(int fd) { return fdatasync(fd); }

int FaultyFileCalls::rename(const char* from, const char* to) {
  std::lock_guard lock(mutex_);
  if (int error = refuse(Call::kRename)) return fail_with(error);
  if (!changing_step()) return fail_with(EIO);
  if (auto node = synced_bytes_.extract(from)) {
    synced_bytes_.erase(to);
    node.key() = to;
    synced_bytes_.insert(std::move(node));
  }
  for (auto& [fd, path] : paths_) {
    if (path == from) path = to;
  }
  return FileCalls::rename(from, to);
}

int FaultyFileCalls::link(const char* from, const char* to) {
  std::lock_guard lock(mutex_);
  if (int error = refuse(Call::kLink)) return fail_with(error);
  if (!changing_step()) return fail_with(EIO);
  return FileCalls::link(from, to);
}

int FaultyFileCalls::unlink(const char* path) {
  std::lock_guard lock(mutex_);
  if (int error = refuse(Call::kUnlink)) return fail_with(error);
  if (!changing_step()) return fail_with(EIO);
  synced_bytes_.erase(path);
  return FileCalls::unlink(path);
}

void FaultyFileCalls::lose_power(Random& random) {
  std::lock_guard lock(mutex_);
  for (const auto& [path, synced] : synced_bytes_) {
    struct stat status{};
    if (stat(path.c_str(), &status) != 0 || status.st_size <= synced) continue;
    auto unsynced = static_cast<uint64_t>(status.st_size - synced);
    int64_t kept = synced + static_cast<int64_t>(random.next_u64() % (unsynced + 1));
    (void)::truncate(path.c_str(), kept);
  }
}

}  // namespace penstock
