#pragma once

#include <cstdint>
#include <filesystem>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/file.h"
#include "core/md5.h"
#include "core/result.h"
#include "datasets/dvc/file_stamp.h"

namespace penstock::datasets::dvc {

// MD5s of files that were read before, so that an unchanged file is not read again: an append-only file of
// fixed-size records, each with its own checksum. Losing it costs time only; what is torn is skipped.
// A record holds while path, inode, modification time and size do. Thread-safe.
class HashState {
 public:
  enum class Kind : uint8_t { kBytes = 0, kDos2Unix = 1 };  // of DVC 3, and of DVC 2 with CR LF read as LF

  // Reads `file` if it is there; a file that cannot be read counts as empty.
  static HashState load(std::filesystem::path file);
  HashState(HashState&&) noexcept;

  std::optional<Md5> find(std::string_view path, const FileStamp& stamp, Kind kind = Kind::kBytes) const;
  void put(std::string_view path, const FileStamp& stamp, const Md5& md5, Kind kind = Kind::kBytes);
  // Appends what was put since; files that changed a moment ago are left out, because they may change again
  // within the clock's grain. Rewrites the file where most of it is outdated.
  Result<void> save(int64_t now_ns);

 private:
  struct Entry {
    uint64_t inode;
    int64_t mtime_ns;
    int64_t bytes;
    Md5 md5;
  };
  struct Record;

  explicit HashState(std::filesystem::path file) : file_(std::move(file)) {}
  static uint64_t key_of(std::string_view path, Kind kind);

  std::filesystem::path file_;
  mutable std::mutex mutex_;
  std::unordered_map<uint64_t, Entry> entries_;
  std::vector<uint64_t> fresh_;
  size_t records_in_file_ = 0;
};

}  // namespace penstock::datasets::dvc
