#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "core/file.h"
#include "core/random.h"

namespace penstock {

// For tests: file calls that fail on demand. Thread-safe. Syncs are counted but not passed on to the disk, so
// that thousands of crashes can be played in a second.
class FaultyFileCalls : public FileCalls {
 public:
  enum class Call : uint8_t { kOpen, kRead, kWrite, kTruncate, kSync, kRename, kLink, kUnlink };
  static constexpr size_t kCallKinds = 8;

  // The device has room for `bytes` more: then writes come back short, and further ones fail with ENOSPC.
  void fill_up_after(int64_t bytes);
  void make_room();

  // The next `times` calls of this kind fail with `error_number`.
  void fail(Call call, int error_number, int times);

  // The process dies at this point: the write that reaches it is cut there, and every later call fails and
  // changes nothing. `steps` counts bytes written and, as one each, every other call that changes the disk.
  void die_after(int64_t steps);
  bool died() const;
  int64_t steps() const;  // so far

  // The machine loses power: each file written through this object keeps what was synced and a random part of
  // the bytes appended since. Call it when nobody uses the files any more.
  void lose_power(Random& random);

  int64_t count(Call call) const;

  int open(const char* path, int flags, mode_t mode) override;
  ssize_t pread(int fd, void* into, size_t bytes, off_t offset) override;
  ssize_t writev(int fd, const iovec* pieces, int count) override;
  int ftruncate(int fd, off_t bytes) override;
  int fdatasync(int fd) override;
  int fsync(int fd) override;
  int rename(const char* from, const char* to) override;
  int link(const char* from, const char* to) override;
  int unlink(const char* path) override;

 private:
  // Zero if the call may go on, else the errno it fails with. With mutex_ held.
  int refuse(Call call);
  bool changing_step();

  mutable std::mutex mutex_;
  std::array<int64_t, kCallKinds> counts_{};
  struct Planned {
    int error_number = 0;
    int times = 0;
  };
  std::array<Planned, kCallKinds> planned_{};
  std::optional<int64_t> room_;
  std::optional<int64_t> steps_left_;
  int64_t steps_ = 0;
  bool died_ = false;
  std::map<int, std::string> paths_;             // of open descriptors
  std::map<std::string, int64_t> synced_bytes_;  // by path
};

}  // namespace penstock
