#pragma once

#include <sys/types.h>
#include <sys/uio.h>

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "core/result.h"

namespace penstock {

// Owns a file descriptor.
class UniqueFd {
 public:
  UniqueFd() = default;
  explicit UniqueFd(int fd) : fd_(fd) {}
  UniqueFd(UniqueFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~UniqueFd();

  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }

 private:
  int fd_ = -1;
};

// The system calls by which the stores read and change files: one small seam, so that tests can make each of
// them fail (core/file_faults.h). Every function behaves like the call it is named after, errno included.
// Thread-safe.
class FileCalls {
 public:
  virtual ~FileCalls() = default;
  virtual int open(const char* path, int flags, mode_t mode);
  virtual ssize_t pread(int fd, void* into, size_t bytes, off_t offset);
  virtual ssize_t writev(int fd, const iovec* pieces, int count);
  virtual int ftruncate(int fd, off_t bytes);
  virtual int fdatasync(int fd);
  virtual int fsync(int fd);
  virtual int rename(const char* from, const char* to);
  virtual int link(const char* from, const char* to);
  virtual int unlink(const char* path);
};

// The machine's. Lives for the whole process.
FileCalls& system_file_calls();

// Opens for reading; kNotFound if it is absent.
Result<UniqueFd> open_for_reading(const std::filesystem::path& path, FileCalls& calls = system_file_calls());
Result<int64_t> file_bytes(int fd, const std::filesystem::path& path);
// Fills `into` from `offset`; fewer bytes only where the file ends. `path` is for errors.
Result<size_t> read_at(int fd, std::span<char> into, int64_t offset, const std::filesystem::path& path,
                       FileCalls& calls = system_file_calls());
// The whole content; kTooLarge beyond `bytes_max`.
Result<std::string> read_file(const std::filesystem::path& path, size_t bytes_max,
                              FileCalls& calls = system_file_calls());

// A file that only grows. Pieces of one append go in with one writev(2), wholly or not at all: what a failed
// append left behind is cut off at once or, where that fails too, before the next append. Moved-from objects
// are empty. Thread rule: one thread at a time, but `sync` may run beside `append`. Move-only.
class AppendFile {
 public:
  static constexpr size_t kPiecesMax = 8;

  // Creates it, or empties what is there.
  static Result<AppendFile> create(std::filesystem::path path, FileCalls& calls = system_file_calls());
  // Opens an existing file at its end.
  static Result<AppendFile> open(std::filesystem::path path, FileCalls& calls = system_file_calls());

  Result<void> append(std::initializer_list<std::string_view> pieces);
  // Cuts off everything from `bytes` on.
  Result<void> truncate(int64_t bytes);
  // Removes what a failed append left; nothing to do, as a rule.
  Result<void> repair();
  // fdatasync(2). After a failure the kernel may have dropped the bytes: trying again proves nothing.
  Result<void> sync() const;

  int64_t size() const { return size_; }  // bytes of complete appends
  int fd() const { return fd_.get(); }
  const std::filesystem::path& path() const { return path_; }

 private:
  static Result<AppendFile> open_with(std::filesystem::path path, int flags, FileCalls& calls);
  Error failed(std::string_view what) const;

  FileCalls* calls_ = nullptr;
  std::filesystem::path path_;
  UniqueFd fd_;
  int64_t size_ = 0;
  bool torn_ = false;  // bytes beyond size_ may be in the file
};

// Makes created, renamed and removed names in a directory survive a power loss.
Result<void> sync_directory(const std::filesystem::path& directory, FileCalls& calls = system_file_calls());

// Puts `content` in the place of `path`: after a crash there is the old content or the new, whole. A file
// that was there keeps its mode and, where we may give it away, its owner. One writer per path.
Result<void> replace_file(const std::filesystem::path& path, std::string_view content,
                          FileCalls& calls = system_file_calls());

enum class LockKind : uint8_t { kShared, kExclusive };
enum class LockWait : uint8_t { kTry, kWait };

// Locks `path` (made if absent) against other processes and other descriptors of this one, until the result
// is destroyed or the process dies. With kTry a lock held elsewhere is kConflict.
Result<UniqueFd> lock_file(const std::filesystem::path& path, LockKind kind, LockWait wait);

}  // namespace penstock
